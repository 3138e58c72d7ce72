/* What lies between two commits, asked of real repositories. */
#include "harness/git_case.h"
#include "harness/text_assertions.h"

#include "sources/git_compare.h"

static char *commit_of(const GitCase *test, const char *revision) {
        CLEANUP(free) char *script = xasprintf("git rev-parse %s >../commit", revision);

        git_case_shell(test, script);
        CLEANUP(free) char *line = temp_read(test->folder, "commit");
        return text_trim(line);
}

static bool compare(
        const GitCase *test, const char *revision, const char *from, GitComparison *ret, Error **err) {
        GitRequest request = git_case_request(test);

        request.revision = revision;
        return git_mirrors_compare(test->mirrors, &request, from, ret, err);
}

static void two_commits(const GitCase *test) {
        git_case_shell(
                test,
                "git tag v1; mkdir css; printf '%s\\n' a b c d e f >css/a.css; git add .; git commit -qm "
                "second;"
                "git mv css/a.css b.css; git rm -q index.html; echo x >new; git add .; git commit -qm third");
}

static void what_is_new(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_comparison_clear) GitComparison comparison = { 0 };

        (void) state;
        git_case_open(&test);
        two_commits(&test);
        CLEANUP(free) char *first = commit_of(&test, "v1");
        CLEANUP(free) char *third = commit_of(&test, "main");
        first[8] = '\0'; /* as deployments remember it */
        assert_ok(compare(&test, "HEAD", first, &comparison, err));
        assert_string_equal(comparison.revision, "main");
        assert_string_equal(comparison.at.items[0].id, third);
        assert_true(comparison.from_known);
        assert_int_equal(comparison.added_total, 2);
        assert_int_equal(comparison.removed_total, 0);
        assert_int_equal(comparison.added.count, 2);
        assert_string_equal(comparison.added.items[0].subject, "third");
        assert_string_equal(comparison.added.items[1].subject, "second");
        assert_string_equal(comparison.added.items[1].author, "Ann");
        assert_has(comparison.added.items[1].date, "T");
        assert_int_equal(comparison.files.total, 3);
        assert_string_equal(comparison.files.items[0].path, "b.css");
        assert_string_equal(comparison.files.items[0].change, "added");
        assert_string_equal(comparison.files.items[1].path, "index.html");
        assert_string_equal(comparison.files.items[1].change, "deleted");
}

static void the_way_back(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_comparison_clear) GitComparison comparison = { 0 };

        (void) state;
        git_case_open(&test);
        two_commits(&test);
        CLEANUP(free) char *third = commit_of(&test, "main");
        assert_ok(compare(&test, "v1", third, &comparison, err));
        assert_string_equal(comparison.revision, "v1");
        assert_int_equal(comparison.added_total, 0);
        assert_int_equal(comparison.removed_total, 2);
        assert_int_equal(comparison.files.total, 3);
}

static void what_was_pushed_since_is_fetched(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_comparison_clear) GitComparison before = { 0 };
        CLEANUP(git_comparison_clear) GitComparison after = { 0 };

        (void) state;
        git_case_open(&test);
        CLEANUP(free) char *first = commit_of(&test, "main");
        assert_ok(compare(&test, "main", first, &before, err));
        assert_int_equal(before.added_total, 0);
        assert_int_equal(before.files.total, 0);
        two_commits(&test);
        assert_ok(compare(&test, "main", first, &after, err));
        assert_int_equal(after.added_total, 2);
}

static void only_the_first_of_many(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_comparison_clear) GitComparison comparison = { 0 };

        (void) state;
        git_case_open(&test);
        git_case_shell(
                &test,
                "git tag v1; for i in $(seq 310); do echo $i >f$i; done; git add .; git commit -qm many;"
                "tree=$(git write-tree); c=$(git rev-parse HEAD);"
                "for i in $(seq 104); do c=$(git commit-tree $tree -p $c -m more); done;"
                "git update-ref refs/heads/main $c");
        CLEANUP(free) char *first = commit_of(&test, "v1");
        assert_ok(compare(&test, "main", first, &comparison, err));
        assert_int_equal(comparison.added_total, 105);
        assert_int_equal(comparison.added.count, GIT_COMPARE_COMMITS);
        assert_int_equal(comparison.files.total, 310);
        assert_int_equal(comparison.files.count, GIT_COMPARE_FILES);
}

static void what_is_not_there(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_comparison_clear) GitComparison lost = { 0 };
        CLEANUP(git_comparison_clear) GitComparison none = { 0 };
        CLEANUP(git_comparison_clear) GitComparison refused = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        git_case_open(&test);
        assert_ok(compare(&test, "main", "deadbeef", &lost, err));
        assert_false(lost.from_known);
        assert_int_equal(lost.at.count, 1);
        assert_ok(compare(&test, "main", "", &none, err));
        assert_false(none.from_known);
        assert_false(compare(&test, "v9", "", &refused, &error));
        assert_int_equal(error_kind(error), ERROR_NOT_FOUND);
        assert_has(error_message(error), "revision 'v9' does not exist in repository");
        assert_null(refused.revision);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_new),
                cmocka_unit_test(the_way_back),
                cmocka_unit_test(what_was_pushed_since_is_fetched),
                cmocka_unit_test(only_the_first_of_many),
                cmocka_unit_test(what_is_not_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

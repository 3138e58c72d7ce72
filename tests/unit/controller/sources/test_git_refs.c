/* What a repository has to deploy, asked of real ones. */
#include "harness/git_case.h"
#include "harness/text_assertions.h"

#include "sources/git_refs.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* "v2 v1 | main" */
static char *names_of(const GitRefs *refs) {
        Text text = { 0 };

        for (size_t i = 0; i < refs->count; i++) {
                if (i > 0)
                        text_append(&text, refs->items[i].is_tag == refs->items[i - 1].is_tag ? " " : " | ");
                text_append(&text, refs->items[i].name);
        }
        return text_take(&text);
}

static void assert_parsed(const char *output, const char *expected) {
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        git_refs_parse(output, &refs);
        CLEANUP(free) char *names = names_of(&refs);
        assert_string_equal(names, expected);
}

static void versions_have_an_order(void **state) {
        static const char *const ascending[] = { "",           "1",        "v0.9",     "v1.0~rc2",
                                                 "v1.0-alpha", "v1.0-rc1", "v1.0-rc2", "v1.0-rc10",
                                                 "v1.0",       "v1.0.1",   "v1.2",     "v1.9",
                                                 "v1.10",      "v2",       "v10",      "w1" };

        (void) state;
        for (size_t i = 0; i < sizeof(ascending) / sizeof(ascending[0]); i++)
                for (size_t j = 0; j < sizeof(ascending) / sizeof(ascending[0]); j++) {
                        int order = git_version_compare(ascending[i], ascending[j]);

                        if ((order < 0) != (i < j) || (order > 0) != (i > j))
                                fail_msg("%s, %s: %d", ascending[i], ascending[j], order);
                }
        assert_true(git_version_compare("v01", "v1") != 0);
        assert_true(git_version_compare("20240101120000000000001", "20240101120000000000002") < 0);
}

static void branches_and_tags_and_nothing_else(void **state) {
        (void) state;
        assert_parsed(
                A "\trefs/heads/main\n" A "\trefs/heads/a/b\n" A "\trefs/tags/v9\n" B "\trefs/tags/v10\n" A
                  "\trefs/pull/1/head\n" A "\trefs/merge-requests/2/head\n" A
                  "\trefs/pull-requests/2/from\n" A "\trefs/notes/commits\n" A "\tHEAD\n" A "\trefs/stash\n",
                "v10 v9 | a/b main");
        assert_parsed("", "");
        assert_parsed(
                "no tab\n\t\nshort\trefs/heads/x\n" A "\trefs/heads/\n" A "\trefs/tags/\nref: x\tHEAD\n", "");
}

static void a_tag_that_is_an_object_has_what_it_points_to(void **state) {
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        (void) state;
        git_refs_parse(
                A "\trefs/tags/v1\n" B "\trefs/tags/v1^{}\n" A "\trefs/tags/v2\n" B "\trefs/tags/v3^{}\n",
                &refs);
        assert_int_equal(refs.count, 2);
        assert_string_equal(refs.items[0].name, "v2");
        assert_string_equal(refs.items[0].commit, A);
        assert_string_equal(refs.items[1].name, "v1");
        assert_string_equal(refs.items[1].commit, B);
        assert_null(refs.default_branch);
}

static void a_repository_is_asked(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        (void) state;
        git_case_open(&test);
        git_case_shell(
                &test, "git tag v9; git tag -m ten v10; git tag pkg@1.0; git branch feature/x; git branch b;"
                       "git update-ref refs/pull/7/head HEAD; git rev-parse HEAD >../commit");
        const GitRequest request = git_case_request(&test);
        assert_ok(git_refs_fetch(test.mirrors, &request, &refs, err));
        CLEANUP(free) char *names = names_of(&refs);
        assert_string_equal(names, "v10 v9 pkg@1.0 | b feature/x main");
        assert_string_equal(refs.default_branch, "main");
        for (size_t i = 0; i < refs.count; i++) {
                CLEANUP(free) char *line = xasprintf("%s\n", refs.items[i].commit);
                assert_content(test.folder, "commit", line);
        }
}

/* Whatever is listed can be checked out by that name. */
static void what_is_listed_can_be_deployed(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        (void) state;
        git_case_open(&test);
        git_case_shell(&test, "git tag -m ten v10; git tag pkg@1.0; git branch feature/x");
        GitRequest request = git_case_request(&test);
        assert_ok(git_refs_fetch(test.mirrors, &request, &refs, err));
        assert_int_equal(refs.count, 4);
        for (size_t i = 0; i < refs.count; i++) {
                CLEANUP(git_revision_clear) GitRevision revision = { 0 };
                CLEANUP(free) char *tree = xasprintf("%s/tree%zu", test.folder, i);

                request.revision = refs.items[i].name;
                request.folder = tree;
                assert_ok(git_mirrors_checkout(test.mirrors, &request, &revision, err));
                assert_string_equal(revision.commit, refs.items[i].commit);
        }
}

static void one_without_commits(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };

        (void) state;
        git_case_open(&test);
        git_case_shell(&test, "rm -rf .git && git init -q -b main .");
        const GitRequest request = git_case_request(&test);
        assert_ok(git_refs_fetch(test.mirrors, &request, &refs, err));
        assert_int_equal(refs.count, 0);
}

static void what_cannot_be_asked(void **state) {
        CLEANUP(git_case_clear) GitCase test = { 0 };
        CLEANUP(git_refs_clear) GitRefs refs = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        git_case_open(&test);
        CLEANUP(free) char *nothing = xasprintf("%s/nothing", test.folder);
        GitRequest request = git_case_request(&test);
        request.url = nothing;
        assert_false(git_refs_fetch(test.mirrors, &request, &refs, &error));
        assert_has(error_message(error), nothing);
        assert_fails(
                ERROR_INVALID, "the module has no repository",
                git_refs_fetch(test.mirrors, &(GitRequest){ .url = "" }, &refs, err));
        CLEANUP(error_free) Error *option = NULL;
        request.url = "--upload-pack=touch /tmp/x";
        assert_false(git_refs_fetch(test.mirrors, &request, &refs, &option));
        assert_int_equal(error_kind(option), ERROR_INVALID);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(versions_have_an_order),
                cmocka_unit_test(branches_and_tags_and_nothing_else),
                cmocka_unit_test(a_tag_that_is_an_object_has_what_it_points_to),
                cmocka_unit_test(a_repository_is_asked),
                cmocka_unit_test(what_is_listed_can_be_deployed),
                cmocka_unit_test(one_without_commits),
                cmocka_unit_test(what_cannot_be_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

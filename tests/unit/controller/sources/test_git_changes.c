#include "harness/ghost_test.h"

#include "sources/git_changes.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void commits(void **state) {
        CLEANUP(git_commits_clear) GitCommits read = { 0 };

        (void) state;
        git_commits_parse(
                A "\x1f"
                  "2026-01-31T12:00:00+01:00\x1f"
                  "Ann\x1f"
                  "fix: one\n" A "\x1f\x1f\x1f\n"
                  "short\x1f"
                  "d\x1f"
                  "a\x1f"
                  "s\n\n",
                &read);
        assert_int_equal(read.count, 2);
        assert_string_equal(read.items[0].id, A);
        assert_string_equal(read.items[0].date, "2026-01-31T12:00:00+01:00");
        assert_string_equal(read.items[0].author, "Ann");
        assert_string_equal(read.items[0].subject, "fix: one");
        assert_string_equal(read.items[1].subject, "");
}

static void files(void **state) {
        static const struct {
                const char *path, *change;
        } expected[] = {
                { "index.html", "modified" }, { "css/a b.css", "added" }, { "old", "deleted" },
                { "new name", "renamed" },    { "link", "modified" },     { "a\tb\xc3\xa4\"\\", "added" },
        };
        CLEANUP(git_changes_clear) GitChanges read = { 0 };

        (void) state;
        git_changes_parse(
                "M\tindex.html\nA\tcss/a b.css\nD\told\nR086\tformer\tnew name\nT\tlink\n"
                "A\t\"a\\tb\\303\\244\\\"\\\\\"\n?\tx\nM\n\n",
                100, &read);
        assert_int_equal(read.total, 6);
        assert_int_equal(read.count, 6);
        for (size_t i = 0; i < read.count; i++) {
                assert_string_equal(read.items[i].path, expected[i].path);
                assert_string_equal(read.items[i].change, expected[i].change);
        }
}

static void so_many_files_are_kept(void **state) {
        CLEANUP(git_changes_clear) GitChanges read = { 0 };

        (void) state;
        git_changes_parse("A\ta\nA\tb\nA\tc\n", 2, &read);
        assert_int_equal(read.count, 2);
        assert_int_equal(read.total, 3);
        assert_string_equal(read.items[1].path, "b");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(commits),
                cmocka_unit_test(files),
                cmocka_unit_test(so_many_files_are_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

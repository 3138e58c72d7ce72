#include "harness/ghost_test.h"

#include <string.h>

#include "store/regexp.h"

/* 1, 0, or -1 when the pattern is refused. */
static int matches(const char *subject, const char *pattern) {
        sqlite3 *database = NULL;
        sqlite3_stmt *statement = NULL;
        int result = -1;

        assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
        regexp_register(database);
        assert_int_equal(sqlite3_prepare_v2(database, "SELECT ? REGEXP ?", -1, &statement, NULL), SQLITE_OK);
        sqlite3_bind_text(statement, 1, subject, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 2, pattern, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW)
                result = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        sqlite3_close(database);
        return result;
}

static void patterns_match(void **state) {
        (void) state;
        assert_int_equal(matches("shop-front", "^shop"), 1);
        assert_int_equal(matches("workshop", "^shop"), 0);
        assert_int_equal(matches("aaa", "^a{2,3}$"), 1);
        assert_int_equal(matches("a.b", "a\\.b"), 1);
        assert_int_equal(matches(NULL, "a"), 0);
}

static void costly_or_broken_patterns_are_refused(void **state) {
        static char longest[1100], subject[3000];

        (void) state;
        memset(longest, 'a', sizeof(longest) - 1);
        memset(subject, 'a', sizeof(subject) - 1);
        assert_int_equal(matches("x", longest), -1);
        assert_int_equal(matches("x", "(("), -1);
        assert_int_equal(matches("x", NULL), -1);
        assert_int_equal(matches("x", "((a{255}){255}){255}"), -1);
        assert_int_equal(matches(subject, "(a|b)*a(a|b){200}[cd]"), -1);
        subject[sizeof(subject) - 2] = '!';
        assert_int_equal(matches(subject, "(a+)+$"), -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(patterns_match),
                cmocka_unit_test(costly_or_broken_patterns_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include "base/memory.h"
#include "store/statements.h"

static sqlite3 *open_memory(void) {
        sqlite3 *database = NULL;

        assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
        return database;
}

static sqlite3_stmt *lend(Statements *statements, sqlite3 *database, const char *sql) {
        sqlite3_stmt *statement = NULL;

        assert_int_equal(statements_lend(statements, database, sql, &statement), SQLITE_OK);
        assert_non_null(statement);
        return statement;
}

static void what_was_given_back_is_lent_again_as_new(void **state) {
        Statements statements = { 0 };
        sqlite3 *database = open_memory();

        (void) state;
        sqlite3_stmt *first = lend(&statements, database, "SELECT ?1");
        assert_int_equal(sqlite3_bind_int(first, 1, 7), SQLITE_OK);
        assert_int_equal(sqlite3_step(first), SQLITE_ROW);
        statements_give_back(&statements, first);

        sqlite3_stmt *again = lend(&statements, database, "SELECT ?1");
        assert_ptr_equal(again, first);
        assert_int_equal(sqlite3_step(again), SQLITE_ROW);
        assert_int_equal(sqlite3_column_type(again, 0), SQLITE_NULL);
        statements_give_back(&statements, again);
        statements_clear(&statements);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void one_inside_another_is_another(void **state) {
        Statements statements = { 0 };
        sqlite3 *database = open_memory();

        (void) state;
        sqlite3_stmt *outer = lend(&statements, database, "SELECT 1"),
                     *inner = lend(&statements, database, "SELECT 1");
        assert_ptr_not_equal(outer, inner);
        statements_give_back(&statements, inner);
        statements_give_back(&statements, outer);
        statements_clear(&statements);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* Closing would fail if one were left over. */
static void more_than_can_be_kept_are_no_leak(void **state) {
        Statements statements = { 0 };
        sqlite3 *database = open_memory();
        sqlite3_stmt *lent[2 * STATEMENTS_KEPT];

        (void) state;
        for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 2 * STATEMENTS_KEPT; i++) {
                        CLEANUP(free) char *sql = xasprintf("SELECT %d", i);
                        lent[i] = lend(&statements, database, sql);
                }
                for (int i = 0; i < 2 * STATEMENTS_KEPT; i++)
                        statements_give_back(&statements, lent[i]);
        }
        statements_give_back(&statements, NULL);
        statements_clear(&statements);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void wrong_sql_is_not_kept(void **state) {
        Statements statements = { 0 };
        sqlite3 *database = open_memory();
        sqlite3_stmt *statement = NULL;

        (void) state;
        assert_int_equal(statements_lend(&statements, database, "SELEKT", &statement), SQLITE_ERROR);
        assert_null(statement);
        statements_clear(&statements);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_was_given_back_is_lent_again_as_new),
                cmocka_unit_test(one_inside_another_is_another),
                cmocka_unit_test(more_than_can_be_kept_are_no_leak),
                cmocka_unit_test(wrong_sql_is_not_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

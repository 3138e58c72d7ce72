#include "harness/ghost_test.h"

#include <stdlib.h>

#include "table.h"

static char *print(const Table *table, bool colour) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);

        assert_non_null(out);
        table_print(table, colour, out);
        assert_int_equal(fclose(out), 0);
        return text;
}

static void columns_are_as_wide_as_their_characters(void **state) {
        CLEANUP(table_clear) Table table = { 0 };

        (void) state;
        table_init(&table, "NAME|ENV");
        table_cell(&table, "\xc3\xa9t\xc3\xa9s!");
        table_cell(&table, "prod");
        table_cell(&table, NULL);
        table_cell(&table, "dev");
        CLEANUP(free) char *text = print(&table, false);
        assert_string_equal(text, "NAME    ENV\n------  -----\n\xc3\xa9t\xc3\xa9s!   prod\n        dev\n");
        CLEANUP(free) char *bold = print(&table, true);
        assert_memory_equal(bold, "\033[1mNAME    ENV\n\033[0m------", 24);
}

static void control_characters_do_not_reach_the_terminal(void **state) {
        CLEANUP(table_clear) Table table = { 0 };

        (void) state;
        table_init(&table, "A");
        table_cell(&table, "x\033[2J\n\t\x7f\xc2\x9b\x31mz");
        CLEANUP(free) char *text = print(&table, false);
        assert_string_equal(text, "A\n-------------\nx [2J     1mz\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(columns_are_as_wide_as_their_characters),
                cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

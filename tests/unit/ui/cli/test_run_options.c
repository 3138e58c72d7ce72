#include "harness/ghost_test.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "run_options.h"

static void assert_options(const char *const *values, size_t count, const char *expected) {
        CLEANUP(document_free) Document *options = run_options(values, count);
        CLEANUP(free) char *text = document_text(options);

        assert_string_equal(text, expected);
}

static void options_keep_their_places(void **state) {
        static const char *const both[] = { "a", "b" };
        static const char *const last[] = { NULL, "b" };
        static const char *const first[] = { "a", NULL };
        static const char *const none[] = { NULL, NULL };

        (void) state;
        assert_options(both, 2, "[\"a\",\"b\"]");
        assert_options(last, 2, "[\"\",\"b\"]");
        assert_options(first, 2, "[\"a\"]");
        assert_options(none, 2, "[]");
}

static const CliOption table[] = { FAILURE_OPTIONS, ROLLBACK_OPTION, APPROVE_OPTION, { NULL } };

static void those_with_names_stand_behind(void **state) {
        char *argv[] = { "deploy",     "--min-healthy",   "50%", "--max-failures=2",
                         "--rollback", "--approve=first", NULL };
        CLEANUP(arguments_clear) Arguments all = { 0 };
        CLEANUP(arguments_clear) Arguments none = { 0 };
        CLEANUP(document_free) Document *options = document_array();

        (void) state;
        assert_ok(arguments_parse(table, 1, argv, &none, err));
        run_options_add_failures(&none, options);
        run_options_add_rollback(&none, options);
        run_options_add_approve(&none, options);
        assert_int_equal(document_count(options), 0);
        assert_ok(arguments_parse(table, 6, argv, &all, err));
        run_options_add_failures(&all, options);
        run_options_add_rollback(&all, options);
        run_options_add_approve(&all, options);
        CLEANUP(free) char *text = document_text(options);
        assert_string_equal(
                text, "[\"min_healthy=50%\",\"max_failures=2\",\"rollback=all\",\"approve=first\"]");
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(options_keep_their_places),
                                            cmocka_unit_test(those_with_names_stand_behind) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

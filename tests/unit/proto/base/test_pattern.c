#include "harness/ghost_test.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/pattern.h"

static bool matches(const char *expression, const char *text) {
        CLEANUP(pattern_free) Pattern *pattern = NULL;

        assert_ok(pattern = pattern_new(expression, err));
        return pattern_matches(pattern, text, strlen(text));
}

static void an_expression_is_looked_for_anywhere(void **state) {
        (void) state;
        assert_true(matches("mast", "a master"));
        assert_true(matches("", "anything"));
        assert_true(matches("^v[0-9]+\\.\\d+$", "v1.20"));
        assert_false(matches("^v[0-9]+\\.\\d+$", "v1.x"));
        assert_true(matches("^(?!feature/)(?P<name>.*)$", "main"));
        assert_false(matches("^(?!feature/).*$", "feature/x"));
        assert_true(matches("^\\w.$", "aé"));
        assert_false(matches("a", "A"));
}

static void what_does_not_compile_is_explained(void **state) {
        (void) state;
        assert_fails(ERROR_INVALID, "missing closing parenthesis at position 1", pattern_new("(", err));
        assert_fails(
                ERROR_INVALID, "quantifier does not follow a repeatable item at position 0",
                pattern_new("*", err));

        CLEANUP(free) char *much = xcalloc(1, PATTERN_MAX_BYTES + 2);
        memset(much, 'a', PATTERN_MAX_BYTES + 1);
        assert_fails(ERROR_INVALID, "longer than 1024 bytes", pattern_new(much, err));
}

static void hostile_expressions_cost_milliseconds(void **state) {
        static const char *const expressions[] = {
                "^(a+)+$",
                "^(a|a)*$",
                "^(a|aa)+$",
                "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$",
                "^(([a-z])+.)+[A-Z]([a-z])+$",
                "(?:(?:a?){100}){20}b",
                "((((((((((a*)*)*)*)*)*)*)*)*)*)*b",
        };
        char text[4096];
        int64_t start = clock_monotonic_ms();

        (void) state;
        memset(text, 'a', sizeof(text) - 2);
        text[sizeof(text) - 2] = '!';
        text[sizeof(text) - 1] = '\0';
        for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
                assert_false(matches(expressions[i], text));
        assert_true(clock_monotonic_ms() - start < 2000);

        /* Too large when written out, or too deep: refused, not built. */
        CLEANUP(error_free) Error *why = NULL;
        assert_null(pattern_new("((a{1000}){1000}){1000}", &why));
        CLEANUP(error_free) Error *deep = NULL;
        char nested[201] = "";
        memset(nested, '(', 100);
        memset(nested + 100, ')', 100);
        assert_null(pattern_new(nested, &deep));
}

static void a_text_need_not_be_utf8(void **state) {
        CLEANUP(pattern_free) Pattern *pattern = NULL;

        (void) state;
        assert_ok(pattern = pattern_new("b$", err));
        assert_true(pattern_matches(
                pattern,
                "a\xff\xfe"
                "b",
                4));
        assert_false(pattern_matches(pattern, "\xff", 1));
        assert_true(pattern_matches(pattern, "a\0b", 3));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_expression_is_looked_for_anywhere),
                cmocka_unit_test(what_does_not_compile_is_explained),
                cmocka_unit_test(hostile_expressions_cost_milliseconds),
                cmocka_unit_test(a_text_need_not_be_utf8),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

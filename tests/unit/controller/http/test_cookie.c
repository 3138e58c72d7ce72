#include "harness/ghost_test.h"

#include "base/memory.h"
#include "http/cookie.h"

static void the_first_of_the_name_is_found(void **state) {
        static const struct {
                const char *header, *value;
        } cases[] = {
                { "ghost=abc", "abc" },
                { "a=1; ghost=abc; ghost=def", "abc" },
                { "a=1;ghost=\"abc\"", "abc" },
                { "a=1;\tghost=abc \t; b", "abc" },
                { "ghost=", "" },
                { "ghost=\"", "\"" },
                { "ghost=a=b", "a=b" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(free) char *value = cookie_find(cases[i].header, "ghost");

                assert_non_null(value);
                assert_string_equal(value, cases[i].value);
        }
}

static void others_are_not(void **state) {
        static const char *const headers[] = { "",        ";",        "; ;",   "ghos=t",   "ghosts=x",
                                               "Ghost=x", "xghost=y", "ghost", "a=ghost=1" };

        (void) state;
        assert_null(cookie_find(NULL, "ghost"));
        for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
                assert_null(cookie_find(headers[i], "ghost"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_first_of_the_name_is_found),
                cmocka_unit_test(others_are_not),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "model/account.h"

static void roles_hold_those_below_them(void **state) {
        (void) state;
        assert_true(account_role_within("viewer", "admin"));
        assert_true(account_role_within("operator", "operator"));
        assert_false(account_role_within("admin", "operator"));
        assert_false(account_role_within("operator", "viewer"));
        assert_true(account_role_within("nonsense", "viewer")); /* allows nothing */
        assert_false(account_role_within("viewer", "nonsense"));
        assert_true(account_role_valid("viewer"));
        assert_false(account_role_valid("root"));
}

static void names_are_words(void **state) {
        static const char *const good[] = { "ann", "ann.b_c@example.org", "A-1" };
        static const char *const bad[] = { "", "a b", "a:b", "a/b", "\xc3\xa4" };
        char longest[66];

        (void) state;
        memset(longest, 'a', sizeof(longest));
        longest[65] = '\0';
        assert_false(account_name_valid(longest));
        longest[64] = '\0';
        assert_true(account_name_valid(longest));
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
                assert_true(account_name_valid(good[i]));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(account_name_valid(bad[i]));
}

static void assert_issue(const Schema *schema, const char *text, const char *field) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(document_free) Document *input = document_parse(text, strlen(text), &error);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *result = schema_apply(schema, SCHEMA_INSERT, input, &issues);

        assert_non_null(input);
        if (!field) {
                assert_non_null(result);
                return;
        }
        assert_null(result);
        assert_int_equal(document_count(issues), 1);
        assert_non_null(document_get_member(issues, field));
}

static void users_are_checked(void **state) {
        (void) state;
        assert_issue(&user_schema, "{\"name\":\"ann\",\"role\":\"viewer\",\"password\":\"12345678\"}", NULL);
        assert_issue(
                &user_schema, "{\"name\":\"a:b\",\"role\":\"viewer\",\"password\":\"12345678\"}", "name");
        assert_issue(&user_schema, "{\"name\":\"ann\",\"role\":\"root\",\"password\":\"12345678\"}", "role");
        assert_issue(
                &user_schema, "{\"name\":\"ann\",\"role\":\"viewer\",\"password\":\"1234567\"}", "password");
        assert_issue(&user_schema, "{\"name\":\"ann\",\"role\":\"viewer\"}", "password");
        assert_issue(&token_schema, "{\"name\":\"ci\",\"token\":\"x\"}", "token");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(roles_hold_those_below_them),
                cmocka_unit_test(names_are_words),
                cmocka_unit_test(users_are_checked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

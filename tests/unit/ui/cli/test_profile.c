#include "harness/ghost_test.h"

#include "profile.h"

static void the_section_asked_for_is_read(void **state) {
        static const char content[] =
                "# mine\n[default]\nendpoint = http://a\n; x\n[prod]\nendpoint: https://b\n"
                "token=t=1\ncolour = red\n";
        CLEANUP(profile_clear) Profile profile = { 0 };
        bool found;

        (void) state;
        assert_ok(profile_parse("f", content, "prod", &profile, &found, err));
        assert_true(found);
        assert_string_equal(profile.endpoint, "https://b");
        assert_string_equal(profile.token, "t=1");
        assert_null(profile.username);

        assert_ok(profile_parse("f", content, "none", &profile, &found, err));
        assert_false(found);
        assert_string_equal(profile.endpoint, "https://b");
}

static void a_line_that_is_no_pair_is_named(void **state) {
        CLEANUP(profile_clear) Profile profile = { 0 };
        bool found;

        (void) state;
        assert_fails(
                ERROR_INVALID, "f:2: expected 'key = value', not 'endpoint'",
                profile_parse("f", "[default]\nendpoint\n", "default", &profile, &found, err));
        assert_ok(profile_parse("f", "[other]\nendpoint\n", "default", &profile, &found, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_section_asked_for_is_read),
                cmocka_unit_test(a_line_that_is_no_pair_is_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

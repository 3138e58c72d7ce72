#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <stdlib.h>

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

static void load(const char *folder, const char *name, Profile *ret) {
        CLEANUP(free) char *path = xasprintf("%s/ghost.ini", folder);
        const ProfileSource source = { .name = name, .config_file = path };

        assert_ok(profile_load(&source, ret, err));
}

static void the_environment_wins_over_the_file(void **state) {
        char *folder = temp_folder();
        CLEANUP(profile_clear) Profile file = { 0 };
        CLEANUP(profile_clear) Profile environment = { 0 };
        char *mine[] = { (char *) "GHOST_URL=http://b", (char *) "GHOST_USER=eve",
                         (char *) "GHOST_PASSWORD=secret", NULL };
        char **saved = environ;

        (void) state;
        temp_write(folder, "ghost.ini", "[default]\r\nendpoint = http://a//\r\ntoken = t\r\n");
        load(folder, NULL, &file);
        assert_string_equal(file.endpoint, "http://a");
        assert_string_equal(file.token, "t");
        environ = mine;
        load(folder, NULL, &environment);
        assert_string_equal(environment.endpoint, "http://b");
        assert_string_equal(environment.username, "eve");
        assert_null(environment.token); /* it would be used instead of name and password */
        environ = saved;
        temp_remove(folder);
}

static void a_section_asked_for_must_be_there(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ghost.ini", folder);
        CLEANUP(profile_clear) Profile profile = { 0 };
        const ProfileSource source = { .name = "prod", .config_file = path };

        (void) state;
        temp_write(folder, "ghost.ini", "[default]\nendpoint=http://a\n");
        assert_fails(
                ERROR_NOT_FOUND, "no profile 'prod' in the configuration file",
                profile_load(&source, &profile, err));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_section_asked_for_is_read),
                cmocka_unit_test(a_line_that_is_no_pair_is_named),
                cmocka_unit_test(the_environment_wins_over_the_file),
                cmocka_unit_test(a_section_asked_for_must_be_there),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

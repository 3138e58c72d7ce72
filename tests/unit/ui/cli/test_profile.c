#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

#include <stdlib.h>
#include <sys/stat.h>

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

static char *saved(const char *before, const char *section, const Profile *profile) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ghost", folder);
        struct stat status;
        char *after;

        if (before)
                temp_write(folder, "ghost", before);
        assert_ok(profile_save(path, section, profile, err));
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        after = temp_read(folder, "ghost");
        temp_remove(folder);
        return after;
}

static void a_section_is_written_and_the_others_stay(void **state) {
        const Profile profile = { .endpoint = (char *) "http://a", .token = (char *) "t" };
        CLEANUP(free) char *made = saved(NULL, "default", &profile);
        CLEANUP(free)
        char *changed =
                saved("# mine\n[prod]\nendpoint = b\n[default]\nendpoint=old\npassword=p\n[lab]\nx=1\n",
                      "default", &profile);

        (void) state;
        assert_string_equal(made, "[default]\nendpoint = http://a\ntoken = t\n");
        assert_string_equal(
                changed, "# mine\n[prod]\nendpoint = b\n[lab]\nx=1\n\n[default]\nendpoint = "
                         "http://a\ntoken = t\n");
}

static void what_would_be_read_as_other_settings_is_not_written(void **state) {
        const Profile profile = { .endpoint = (char *) "http://a", .password = (char *) "x\ntoken = stolen" };
        const Profile good = { .endpoint = (char *) "http://a" };

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "a value with a line end in it, or blanks around it, cannot be kept in the file",
                profile_save("/nonexistent/ghost", "default", &profile, err));
        assert_fails(
                ERROR_INVALID, "'a]' is no name of a profile",
                profile_save("/nonexistent/ghost", "a]", &good, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_section_asked_for_is_read),
                cmocka_unit_test(a_line_that_is_no_pair_is_named),
                cmocka_unit_test(the_environment_wins_over_the_file),
                cmocka_unit_test(a_section_asked_for_must_be_there),
                cmocka_unit_test(a_section_is_written_and_the_others_stay),
                cmocka_unit_test(what_would_be_read_as_other_settings_is_not_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

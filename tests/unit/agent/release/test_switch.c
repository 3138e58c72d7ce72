#include "harness/temp_folder.h"

#include "release/switch.h"

typedef struct Fixture {
        char *folder, *releases, *one, *two, *path;
} Fixture;

static int setup(void **state) {
        Fixture *fixture = xcalloc(1, sizeof(*fixture));

        fixture->folder = temp_folder();
        fixture->releases = xasprintf("%s/ghost", fixture->folder);
        fixture->one = xasprintf("%s/web/1", fixture->releases);
        fixture->two = xasprintf("%s/web/2", fixture->releases);
        fixture->path = xasprintf("%s/srv/www/web", fixture->folder);
        assert_ok(file_make_folders(fixture->one, 0755, err));
        assert_ok(file_make_folders(fixture->two, 0755, err));
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        temp_remove(fixture->folder);
        free(fixture->releases);
        free(fixture->one);
        free(fixture->two);
        free(fixture->path);
        free(fixture);
        return 0;
}

static char *switch_to(const Fixture *fixture, const char *release) {
        const SwitchSpec spec = { fixture->path, release, fixture->releases };
        char *moved_aside = NULL;

        assert_ok(switch_link(&spec, &moved_aside, err));
        CLEANUP(free) char *now = switch_read_link(&spec);
        assert_string_equal(now, release);
        return moved_aside;
}

static void the_link_is_made_with_its_folders_and_switched(void **state) {
        Fixture *fixture = *state;

        assert_null(switch_to(fixture, fixture->one));
        assert_null(switch_to(fixture, fixture->two));
        const SwitchSpec spec = { fixture->path, NULL, fixture->releases };
        assert_ok(switch_remove_link(&spec, err));
        assert_false(file_exists(fixture->path));
        assert_true(file_exists(fixture->two));
}

static void a_folder_a_file_and_a_strange_link_are_moved_aside(void **state) {
        Fixture *fixture = *state;

        assert_ok(file_make_folders(fixture->path, 0755, err));
        temp_write(fixture->path, "precious", "kept");
        CLEANUP(free) char *folder = switch_to(fixture, fixture->one);
        assert_content(folder, "precious", "kept");
        assert_non_null(strstr(folder, "/srv/www/web.ghost-saved-"));

        assert_int_equal(unlink(fixture->path), 0);
        assert_ok(file_write_atomic(fixture->path, "file", 4, 0644, err));
        CLEANUP(free) char *file = switch_to(fixture, fixture->one);
        assert_content("", file, "file");

        assert_int_equal(unlink(fixture->path), 0);
        assert_int_equal(symlink("/nowhere/ghost", fixture->path), 0);
        CLEANUP(free) char *link = switch_to(fixture, fixture->one);
        assert_true(file_exists(link));
        assert_string_not_equal(file, folder);
}

static void what_is_not_ours_is_not_removed(void **state) {
        Fixture *fixture = *state;
        const SwitchSpec spec = { fixture->path, NULL, fixture->releases };

        assert_ok(file_make_folders(fixture->path, 0755, err));
        assert_null(switch_read_link(&spec));
        assert_ok(switch_remove_link(&spec, err));
        assert_true(file_exists(fixture->path));
}

static void some_paths_are_never_a_target(void **state) {
        static const char *const refused[] = { "",      "relative",    "/",          "/tmp",    "/etc",
                                               "/usr",  "/srv/../etc", "/srv/./x",   "/srv//x", "/srv/x\n",
                                               "/proc", "/proc/x",     "/dev/shm/x", "/etc/" };
        (void) state;

        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
                CLEANUP(error_free) Error *problem = NULL;
                if (switch_path_allowed(refused[i], &problem))
                        fail_msg("'%s' was allowed", refused[i]);
        }
        assert_ok(switch_path_allowed("/var/www/web", err));
        assert_ok(switch_path_allowed("/var/www/web/", err));
        assert_ok(switch_path_allowed("/etc/nginx", err));
}

#define SWITCH_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                SWITCH_TEST(the_link_is_made_with_its_folders_and_switched),
                SWITCH_TEST(a_folder_a_file_and_a_strange_link_are_moved_aside),
                SWITCH_TEST(what_is_not_ours_is_not_removed),
                cmocka_unit_test(some_paths_are_never_a_target),
        };

        return cmocka_run_group_tests_name("switch", tests, NULL, NULL);
}

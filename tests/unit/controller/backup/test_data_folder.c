/* The way by renames; the one in a mounted volume is tried by tests/integration/test_backup.py, which may
 * mount. */
#include "harness/temp_folder.h"

#include "backup/data_folder.h"

static void put(const char *folder, const char *name, const char *content) {
        assert_ok(file_make_folders(folder, 0700, err));
        temp_write(folder, name, content);
}

static void the_new_folder_takes_the_place_of_the_old(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *data = xasprintf("%s/data", folder);
        CLEANUP(free) char *fresh = data_folder_fresh_name(data);
        CLEANUP(free) char *former = NULL;

        (void) state;
        put(data, "ghost.db", "old");
        put(fresh, "ghost.db", "new");
        assert_ok(data_folder_swap(data, fresh, true, &former, err));
        assert_content(data, "ghost.db", "new");
        assert_content(former, "ghost.db", "old");
        assert_false(file_exists(fresh));
        temp_remove(folder);
}

static void an_empty_or_absent_one_leaves_nothing_aside(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *data = xasprintf("%s/data", folder);
        CLEANUP(free) char *fresh = data_folder_fresh_name(data);
        CLEANUP(free) char *former = NULL;

        (void) state;
        put(fresh, "ghost.db", "new");
        assert_ok(data_folder_swap(data, fresh, false, &former, err));
        assert_content(data, "ghost.db", "new");
        assert_null(former);
        temp_remove(folder);
}

static void what_cannot_be_put_in_place_leaves_the_old(void **state) {
        CLEANUP(error_free) Error *why = NULL;
        char *folder = temp_folder();
        CLEANUP(free) char *data = xasprintf("%s/data", folder);
        CLEANUP(free) char *former = NULL;

        (void) state;
        put(data, "ghost.db", "old");
        assert_false(data_folder_swap(data, "/nonexistent/fresh", true, &former, &why));
        assert_content(data, "ghost.db", "old");
        assert_null(former);
        temp_remove(folder);
}

static void only_a_root_of_a_file_system_is_a_mount(void **state) {
        char *folder = temp_folder();

        (void) state;
        assert_true(data_folder_is_mount("/proc"));
        assert_false(data_folder_is_mount(folder));
        assert_false(data_folder_is_mount("/nonexistent"));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_new_folder_takes_the_place_of_the_old),
                cmocka_unit_test(an_empty_or_absent_one_leaves_nothing_aside),
                cmocka_unit_test(what_cannot_be_put_in_place_leaves_the_old),
                cmocka_unit_test(only_a_root_of_a_file_system_is_a_mount),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

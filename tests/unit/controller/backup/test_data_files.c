#include "harness/temp_folder.h"

#include <unistd.h>

#include "backup/data_files.h"

static void put(const char *folder, const char *in, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, in);

        assert_ok(file_make_folders(path, 0700, err));
        temp_write(path, name, "12345");
}

static char *filled_folder(void) {
        char *folder = temp_folder();
        CLEANUP(free) char *link = xasprintf("%s/features", folder);

        put(folder, ".", "ghost.db");
        put(folder, ".", "ghost.db-wal");
        put(folder, ".", "ghost.db.lock");
        put(folder, "tls", "ca.key");
        put(folder, "logs", "1.txt");
        put(folder, "mirrors/a", "config");
        put(folder, "work/1", "file");
        put(folder, "packages/ab", "1.pack");
        put(folder, "packages/ab", "2.pack.new");
        assert_int_equal(symlink("/etc", link), 0);
        return folder;
}

static void what_can_be_made_again_is_left_out(void **state) {
        CLEANUP(data_files_clear) DataFiles files = { 0 };
        char *folder = filled_folder();

        (void) state;
        assert_ok(data_files_list(folder, false, &files, err));
        assert_int_equal(files.paths.count, 3);
        assert_string_equal(files.paths.items[0], "logs/1.txt");
        assert_string_equal(files.paths.items[1], "packages/ab/1.pack");
        assert_string_equal(files.paths.items[2], "tls/ca.key");
        assert_int_equal(files.bytes, 15);
        assert_int_equal(files.left.count, 1);
        assert_string_equal(files.left.items[0], "features");

        assert_ok(data_files_list(folder, true, &files, err));
        assert_int_equal(files.paths.count, 2);
        temp_remove(folder);
}

static void an_empty_folder_is_told_from_others(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *absent = xasprintf("%s/absent", folder);
        bool any = true;

        (void) state;
        assert_ok(data_files_any(absent, &any, err));
        assert_false(any);
        assert_ok(data_files_any(folder, &any, err));
        assert_false(any);
        temp_write(folder, "x", "");
        assert_ok(data_files_any(folder, &any, err));
        assert_true(any);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_can_be_made_again_is_left_out),
                cmocka_unit_test(an_empty_folder_is_told_from_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

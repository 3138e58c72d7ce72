#include "harness/temp_folder.h"

#include "tasks/script_user.h"

static void a_user_is_found_by_name(void **state) {
        char *folder = temp_folder();
        uint32_t uid = 1, gid = 1;

        (void) state;
        CLEANUP(free) char *etc = xasprintf("%s/etc", folder);
        assert_ok(file_make_folders(etc, 0755, err));
        temp_write(
                folder, "etc/passwd",
                "root:x:0:0:root:/root:/bin/bash\nnot a line\nweb:x:998:997::/:/usr/sbin/nologin\n"
                "webmaster:x:5:6::/:\n");
        assert_ok(script_user_find(folder, "web", &uid, &gid, err));
        assert_int_equal(uid, 998);
        assert_int_equal(gid, 997);
        assert_ok(script_user_find(folder, "root", &uid, &gid, err));
        assert_int_equal(uid, 0);
        assert_fails(
                ERROR_NOT_FOUND, "the instance has no user 'we'",
                script_user_find(folder, "we", &uid, &gid, err));
        temp_remove(folder);
}

static void without_the_file_nobody_is(void **state) {
        CLEANUP(error_free) Error *failed = NULL;
        char *folder = temp_folder();
        uint32_t uid = 1, gid = 1;

        (void) state;
        assert_false(script_user_find(folder, "root", &uid, &gid, &failed));
        assert_int_equal(error_kind(failed), ERROR_UNAVAILABLE);
        assert_int_equal(uid, 1);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_user_is_found_by_name),
                cmocka_unit_test(without_the_file_nobody_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/temp_folder.h"

#include <unistd.h>

#include "store/store_lock.h"

static void one_at_a_time_has_it(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", folder);
        CLEANUP(free) char *refused = xasprintf("another controller is running on '%s'", path);
        int lock = -1;

        (void) state;
        assert_ok((lock = store_lock_take(path, err)) >= 0);
        assert_fails(ERROR_CONFLICT, refused, store_lock_take(path, err) >= 0);
        close(lock);
        assert_ok((lock = store_lock_take(path, err)) >= 0);
        close(lock);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(one_at_a_time_has_it) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

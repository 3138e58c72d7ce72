/* A data folder with a database in it, and backups of it. */
#pragma once

#include "backup/backup.h"
#include "harness/store_case.h"

typedef struct BackupCase {
        char *folder, *data, *archive;
        Store *store;
} BackupCase;

static inline int backup_case_set_up(void **state) {
        BackupCase *test = xcalloc(1, sizeof(*test));

        test->folder = temp_folder();
        test->data = xasprintf("%s/data", test->folder);
        test->archive = xasprintf("%s/backup.tar", test->folder);
        CLEANUP(free) char *keys = xasprintf("%s/tls", test->data);
        CLEANUP(free) char *database = xasprintf("%s/ghost.db", test->data);
        if (!file_make_folders(keys, 0700, NULL) ||
            !(test->store = store_open(&(StoreSpec){ .path = database }, NULL)))
                return -1;
        temp_write(keys, "ca.key", "a key\n");
        store_put(test->store, COLLECTION_APPS, "{'name': 'shop', 'env': 'dev', 'role': 'web'}");
        *state = test;
        return 0;
}

static inline int backup_case_tear_down(void **state) {
        BackupCase *test = *state;

        store_free(test->store);
        temp_remove(test->folder);
        free(test->data);
        free(test->archive);
        free(test);
        return 0;
}

#define BACKUP_TEST(function)                                                                                \
        cmocka_unit_test_setup_teardown(function, backup_case_set_up, backup_case_tear_down)

static inline void back_up(const BackupCase *test) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        const BackupSpec spec = { .data_dir = test->data, .target = test->archive };

        assert_ok(backup_make(&spec, &result, err));
}

#include "harness/backup_case.h"

#include <unistd.h>

#include "backup/restore.h"
#include "store/store_lock.h"

static void assert_app(const char *data, const char *name) {
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", data);
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;
        CLEANUP(store_free) Store *store = NULL;

        document_set_string(where, "name", name);
        assert_ok((store = store_open(&(StoreSpec){ .path = path }, err)) != NULL);
        assert_ok(collection_find(store, COLLECTION_APPS, where, &found, err));
        assert_int_equal(document_count(found), 1);
}

static void what_was_is_again(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        BackupCase *test = *state;
        CLEANUP(free) char *elsewhere = xasprintf("%s/new/data/", test->folder);
        const RestoreSpec spec = { .archive = test->archive, .data_dir = elsewhere };

        back_up(test);
        assert_ok(restore_run(&spec, &result, err));
        assert_null(result.former);
        assert_null(result.settings);
        assert_content(elsewhere, "tls/ca.key", "a key\n");
        assert_app(elsewhere, "shop");
}

static void a_folder_with_something_in_it_is_refused(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        BackupCase *test = *state;
        const RestoreSpec spec = { .archive = test->archive, .data_dir = test->data };

        back_up(test);
        assert_false(restore_run(&spec, &result, &why));
        assert_int_equal(error_kind(why), ERROR_CONFLICT);
        assert_true(text_ends_with(
                error_message(why),
                "is not empty; stop the controller and give --force to move what is there aside"));
}

static void by_force_the_former_is_moved_aside(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        BackupCase *test = *state;
        const RestoreSpec spec = { .archive = test->archive, .data_dir = test->data, .force = true };

        back_up(test);
        store_put(test->store, COLLECTION_APPS, "{'name': 'later', 'env': 'dev', 'role': 'web'}");
        store_free(test->store);
        test->store = NULL;
        assert_ok(restore_run(&spec, &result, err));
        assert_app(test->data, "shop");
        assert_app(result.former, "later");
}

static void a_running_controller_keeps_its_folder(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        BackupCase *test = *state;
        CLEANUP(free) char *database = xasprintf("%s/ghost.db", test->data);
        const RestoreSpec spec = { .archive = test->archive, .data_dir = test->data, .force = true };
        int lock = -1;

        back_up(test);
        assert_ok((lock = store_lock_take(database, err)) >= 0);
        assert_false(restore_run(&spec, &result, &why));
        assert_int_equal(error_kind(why), ERROR_CONFLICT);
        assert_true(text_starts_with(error_message(why), "stop it first: another controller is running on"));
        close(lock);
}

static void a_damaged_backup_changes_nothing(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        BackupCase *test = *state;
        const RestoreSpec spec = { .archive = test->archive, .data_dir = test->data, .force = true };
        struct stat file;

        back_up(test);
        assert_int_equal(stat(test->archive, &file), 0);
        assert_int_equal(truncate(test->archive, file.st_size / 2), 0);
        assert_false(restore_run(&spec, &result, &why));
        assert_true(strstr(error_message(why), ": it is cut off or damaged, take another backup: "));
        assert_app(test->data, "shop");
        assert_null(result.former);
}

static void a_backup_of_a_newer_program_is_refused(void **state) {
        CLEANUP(restore_result_clear) RestoreResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(archive_writer_free) ArchiveWriter *writer = NULL;
        BackupCase *test = *state;
        CLEANUP(free) char *elsewhere = xasprintf("%s/new", test->folder);
        const ArchiveFacts newer = { .version = (char *) "9.9", .made = (char *) "soon", .schema = 1000 };
        const RestoreSpec spec = { .archive = test->archive, .data_dir = elsewhere };

        assert_ok((writer = archive_writer_new(test->archive, NULL, err)) != NULL);
        assert_ok(archive_writer_finish(writer, &newer, err));
        assert_false(restore_run(&spec, &result, &why));
        assert_int_equal(error_kind(why), ERROR_CONFLICT);
        assert_true(text_ends_with(error_message(why), "install that version first"));
        assert_false(file_exists(elsewhere));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                BACKUP_TEST(what_was_is_again),
                BACKUP_TEST(a_folder_with_something_in_it_is_refused),
                BACKUP_TEST(by_force_the_former_is_moved_aside),
                BACKUP_TEST(a_running_controller_keeps_its_folder),
                BACKUP_TEST(a_damaged_backup_changes_nothing),
                BACKUP_TEST(a_backup_of_a_newer_program_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

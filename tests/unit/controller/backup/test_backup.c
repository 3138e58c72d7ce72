#include "harness/backup_case.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static size_t count_files(const char *folder) {
        DIR *open = opendir(folder);
        size_t count = 0;

        assert_non_null(open);
        for (struct dirent *entry; (entry = readdir(open));)
                count += entry->d_type == DT_REG;
        closedir(open);
        return count;
}

static void all_of_it_is_in_one_private_file(void **state) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        BackupCase *test = *state;
        CLEANUP(free) char *settings = xasprintf("%s/controller.conf", test->folder);
        const BackupSpec spec = { .data_dir = test->data,
                                  .settings_file = settings,
                                  .target = test->archive };
        struct stat file;

        temp_write(test->folder, "controller.conf", "data_dir = x\n");
        assert_ok(backup_make(&spec, &result, err));
        assert_string_equal(result.path, test->archive);
        assert_int_equal(result.facts.files, 3);
        assert_string_equal(result.facts.version, GHOST_VERSION);
        assert_int_equal(stat(test->archive, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
        assert_int_equal(result.archive_bytes, file.st_size);
        assert_int_equal(count_files(test->folder), 2); /* nothing else stays */
}

static void in_a_folder_it_gets_a_name_with_the_time(void **state) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        BackupCase *test = *state;
        const BackupSpec spec = { .data_dir = test->data, .target = test->folder };
        CLEANUP(free) char *begin = xasprintf("%s/ghost-2", test->folder);

        assert_ok(backup_make(&spec, &result, err));
        assert_true(text_starts_with(result.path, begin));
        assert_true(text_ends_with(result.path, "Z.tar"));
}

static void the_data_folder_holds_no_backups_of_itself(void **state) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        BackupCase *test = *state;
        CLEANUP(free) char *inside = xasprintf("%s/tls/b.tar", test->data);
        const BackupSpec spec = { .data_dir = test->data, .target = inside };

        assert_false(backup_make(&spec, &result, &why));
        assert_int_equal(error_kind(why), ERROR_INVALID);
        assert_true(text_ends_with(error_message(why), "a backup goes elsewhere, best to another machine"));
}

static void a_folder_without_a_database_is_none(void **state) {
        CLEANUP(backup_result_clear) BackupResult result = { 0 };
        BackupCase *test = *state;
        const BackupSpec spec = { .data_dir = "/nonexistent", .target = test->archive };

        assert_fails(
                ERROR_NOT_FOUND, "there is no database at /nonexistent/ghost.db",
                backup_make(&spec, &result, err));
}

typedef struct Writing {
        Store *store;
        atomic_bool stop;
        atomic_int written;
} Writing;

static void *write_all_the_time(void *context) {
        Writing *writing = context;

        while (!atomic_load(&writing->stop)) {
                CLEANUP(free)
                char *text = xasprintf(
                        "{'name': 'app%d', 'env': 'dev', 'role': 'web'}", atomic_load(&writing->written));
                store_put(writing->store, COLLECTION_APPS, text);
                atomic_fetch_add(&writing->written, 1);
        }
        return NULL;
}

static void writers_do_not_stop_it(void **state) {
        BackupCase *test = *state;
        Writing writing = { .store = test->store };
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, write_all_the_time, &writing), 0);
        for (int i = 0; i < 5; i++) {
                int before = atomic_load(&writing.written);
                back_up(test);
                while (atomic_load(&writing.written) == before) /* nor it them */
                        usleep(1000);
        }
        atomic_store(&writing.stop, true);
        pthread_join(thread, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                BACKUP_TEST(all_of_it_is_in_one_private_file),
                BACKUP_TEST(in_a_folder_it_gets_a_name_with_the_time),
                BACKUP_TEST(the_data_folder_holds_no_backups_of_itself),
                BACKUP_TEST(a_folder_without_a_database_is_none),
                BACKUP_TEST(writers_do_not_stop_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

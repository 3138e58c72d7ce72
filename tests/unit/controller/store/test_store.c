#include "harness/store_case.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/query.h"

static void a_second_controller_is_refused(void **state) {
        const StoreCase *test = *state;
        const StoreSpec spec = { .path = test->path, .exclusive = true };
        CLEANUP(store_free) Store *first = NULL;
        CLEANUP(free) char *message = xasprintf("another controller is running on '%s'", test->path);

        assert_ok((first = store_open(&spec, err)) != NULL);
        assert_fails(ERROR_CONFLICT, message, store_open(&spec, err) != NULL);
        store_free(TAKE(first));
        assert_ok((first = store_open(&spec, err)) != NULL);
}

static void a_transaction_is_whole_or_not_at_all(void **state) {
        const StoreCase *test = *state;
        CLEANUP(document_free) Document *found = NULL;

        assert_ok(store_begin(test->store, err));
        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'a'}");
        assert_ok(collection_get(test->store, COLLECTION_DEPLOYMENTS, "a", &found, err));
        store_roll_back(test->store);
        assert_fails(
                ERROR_NOT_FOUND, "no 'a' in deployments",
                collection_get(test->store, COLLECTION_DEPLOYMENTS, "a", &found, err));

        assert_ok(store_begin(test->store, err));
        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'b'}");
        assert_ok(store_begin(test->store, err));
        store_roll_back(test->store);
        assert_fails(ERROR_INTERNAL, "a part of the change was taken back", store_commit(test->store, err));
        assert_fails(
                ERROR_NOT_FOUND, "no 'b' in deployments",
                collection_get(test->store, COLLECTION_DEPLOYMENTS, "b", &found, err));
}

/* Two documents of one transaction, for ever, until it is killed. */
static void write_pairs(const char *path, int ready) {
        const StoreSpec spec = { .path = path };
        Store *store = store_open(&spec, NULL);

        for (int i = 0; store; i++) {
                CLEANUP(document_free) Document *pair = document_object();

                document_set_int(pair, "pair", i);
                if (!store_begin(store, NULL) ||
                    !collection_insert(store, COLLECTION_DEPLOYMENTS, pair, NULL, NULL) ||
                    !collection_insert(store, COLLECTION_DEPLOYMENTS, pair, NULL, NULL) ||
                    !store_commit(store, NULL) || (i == 3 && write(ready, "x", 1) != 1))
                        break;
        }
        _exit(1);
}

static void kill_a_writer(const char *path) {
        int ready[2];
        char byte;

        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                write_pairs(path, ready[1]);
        close(ready[1]);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_killed_writer_leaves_whole_transactions(void **state) {
        StoreCase *test = *state;
        const StoreSpec spec = { .path = test->path };

        store_free(TAKE(test->store));
        for (int round = 0; round < 8; round++)
                kill_a_writer(test->path);
        assert_ok((test->store = store_open(&spec, err)) != NULL);

        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *check = NULL;
        bool row = false;
        assert_ok(query_read(test->store, "PRAGMA integrity_check", &query, err));
        assert_ok(query_step(&query, &row, err));
        check = query_text(&query, 0);
        assert_string_equal(check, "ok");
        query_end(&query);
        assert_ok(query_read(
                test->store,
                "SELECT count(*), sum(n % 2) FROM (SELECT count(*) AS n FROM deployments "
                "GROUP BY json_extract(doc, '$.pair'))",
                &query, err));
        assert_ok(query_step(&query, &row, err));
        assert_true(query_int(&query, 0) >= 4);
        assert_int_equal(query_int(&query, 1), 0);
}

static void fill_the_disk(Store *store, Error **problem) {
        CLEANUP(free) char *bulk = xcalloc(1, 64 * 1024 + 1);
        CLEANUP(document_free) Document *document = document_object();

        memset(bulk, 'x', 64 * 1024);
        document_set_string(document, "bulk", bulk);
        for (int i = 0; i < 200 && !*problem; i++)
                (void) collection_insert(store, COLLECTION_DEPLOYMENTS, document, NULL, problem);
}

/* SQLite takes the transaction back when there is no space: what is written after that must not be kept. */
static void assert_nothing_of_it_is_kept(Store *store) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(error_free) Error *late = NULL;
        CLEANUP(error_free) Error *last = NULL;
        CLEANUP(document_free) Document *small = json_of("{'_id':'late'}");
        CLEANUP(document_free) Document *found = NULL;

        assert_ok(store_begin(store, err));
        fill_the_disk(store, &problem);
        assert_non_null(problem);
        if (collection_insert(store, COLLECTION_DEPLOYMENTS, small, NULL, &late))
                assert_null("a write after the failure was taken");
        assert_int_equal(error_kind(late), ERROR_UNAVAILABLE);
        assert_false(store_commit(store, &last));
        assert_fails(
                ERROR_NOT_FOUND, "no 'late' in deployments",
                collection_get(store, COLLECTION_DEPLOYMENTS, "late", &found, err));
}

static void use_a_small_disk(const char *folder) {
        CLEANUP(free) char *path = xasprintf("%s/ghost.db", folder);
        CLEANUP(free) char *ballast = xasprintf("%s/ballast", folder);
        CLEANUP(error_free) Error *problem = NULL;
        const StoreSpec spec = { .path = path };
        CLEANUP(store_free) Store *store = NULL;

        FILE *file = fopen(ballast, "w");
        assert_non_null(file);
        for (int i = 0; i < 1024; i++)
                (void) fprintf(file, "%01023d\n", 0);
        assert_int_equal(fclose(file), 0);
        assert_ok((store = store_open(&spec, err)) != NULL);
        fill_the_disk(store, &problem);
        assert_non_null(problem);
        assert_int_equal(error_kind(problem), ERROR_UNAVAILABLE);
        assert_non_null(strstr(error_message(problem), "no space left for the database; free some disk"));
        assert_nothing_of_it_is_kept(store);
        assert_int_equal(unlink(ballast), 0);
        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'again'}");
}

static void a_full_disk_is_said_and_survived(void **state) {
        char *folder = temp_folder();

        (void) state;
        if (mount("ghost-test", folder, "tmpfs", 0, "size=4m") != 0) {
                temp_remove(folder);
                skip();
        }
        use_a_small_disk(folder);
        assert_int_equal(umount2(folder, MNT_DETACH), 0);
        temp_remove(folder);
}

static void nobody_else_reads_the_database(void **state) {
        static const char *const ends[] = { "", "-wal", "-shm" };
        const StoreCase *test = *state;

        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'a'}");
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
                CLEANUP(free) char *path = xasprintf("%s%s", test->path, ends[i]);
                struct stat info;

                assert_int_equal(stat(path, &info), 0);
                assert_int_equal(info.st_mode & 0777, 0600);
        }
}

static void an_endless_question_ends(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(query_end) Query endless = { 0 };
        bool row = false;

        assert_ok(query_read(
                store,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                &endless, err));
        query_limit_ms(&endless, 20);
        assert_fails(
                ERROR_UNAVAILABLE, "the query takes too long: filter by the name, the application or the id",
                query_step(&endless, &row, err));
        query_end(&endless);

        /* The reader serves the next one as before. */
        for (int i = 0; i < 8; i++) {
                CLEANUP(query_end) Query next = { 0 };
                assert_ok(query_read(store, "SELECT 1", &next, err));
                assert_ok(query_step(&next, &row, err));
                assert_true(row);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_second_controller_is_refused),
                STORE_TEST(a_transaction_is_whole_or_not_at_all),
                STORE_TEST(a_killed_writer_leaves_whole_transactions),
                STORE_TEST(nobody_else_reads_the_database),
                cmocka_unit_test(a_full_disk_is_said_and_survived),
                STORE_TEST(an_endless_question_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

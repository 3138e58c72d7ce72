#include "harness/store_case.h"

#include <pthread.h>
#include <sqlite3.h>

static void set_version(const char *path, const char *pragma) {
        sqlite3 *database = NULL;

        assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
        assert_int_equal(sqlite3_exec(database, pragma, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(database);
}

static void a_newer_database_is_refused(void **state) {
        StoreCase *test = *state;
        const StoreSpec spec = { .path = test->path };

        store_free(TAKE(test->store));
        set_version(test->path, "PRAGMA user_version=99");

        CLEANUP(error_free) Error *problem = NULL;
        assert_null(store_open(&spec, &problem));
        assert_int_equal(error_kind(problem), ERROR_CONFLICT);
        assert_non_null(
                strstr(error_message(problem), "the database is of a newer Ghost (99, this one knows "));
}

static void a_database_is_migrated_once(void **state) {
        StoreCase *test = *state;
        const StoreSpec spec = { .path = test->path };
        CLEANUP(document_free) Document *found = NULL;

        store_put(test->store, COLLECTION_DEPLOYMENTS, "{'_id':'kept'}");
        store_free(TAKE(test->store));
        assert_ok((test->store = store_open(&spec, err)) != NULL);
        assert_ok(collection_get(test->store, COLLECTION_DEPLOYMENTS, "kept", &found, err));
}

static void *open_it(void *path) {
        const StoreSpec spec = { .path = path };
        CLEANUP(error_free) Error *problem = NULL;
        Store *store = store_open(&spec, &problem);

        if (!store)
                (void) fprintf(stderr, "%s\n", error_message(problem));
        store_free(store);
        return store;
}

static void two_programs_may_make_the_same_database(void **state) {
        const StoreCase *test = *state;

        for (int round = 0; round < 5; round++) {
                CLEANUP(free) char *path = xasprintf("%s/new-%d.db", test->folder, round);
                pthread_t threads[4];

                for (size_t i = 0; i < 4; i++)
                        assert_int_equal(pthread_create(&threads[i], NULL, open_it, path), 0);
                for (size_t i = 0; i < 4; i++) {
                        void *opened = NULL;
                        assert_int_equal(pthread_join(threads[i], &opened), 0);
                        assert_non_null(opened);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_newer_database_is_refused),
                STORE_TEST(a_database_is_migrated_once),
                STORE_TEST(two_programs_may_make_the_same_database),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/store_case.h"

#include <pthread.h>

#define APP "{'_id':'a1','name':'shop','env':'prod','role':'web','size':1}"
#define TAKEN "An app already exist with same name, role and env. Please change one these fields."

static void an_app_is_there_once(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free)
        Document *twin = json_of("{'_id':'a2','name':'shop','env':'prod','role':'web'}");
        CLEANUP(document_free) Document *found = NULL;

        store_put(store, COLLECTION_APPS, APP);
        assert_fails(ERROR_CONFLICT, TAKEN, collection_insert(store, COLLECTION_APPS, twin, NULL, err));
        assert_fails(
                ERROR_NOT_FOUND, "no 'a2' in apps",
                collection_get(store, COLLECTION_APPS, "a2", &found, err));
        store_put(
                store, COLLECTION_APPS,
                "{'name':'shop','env':'prod','role':'web','blue_green':{'color':'blue'}}");
        store_put(store, COLLECTION_APPS, "{'_id':'a3','name':'other','env':'prod','role':'web'}");
        assert_fails(
                ERROR_CONFLICT, TAKEN,
                collection_replace(store, COLLECTION_APPS, "a3", twin, NULL, NULL, NULL, err));
}

static char inserted, refused, broken;

static void *insert_app(void *store) {
        CLEANUP(document_free) Document *app = json_of("{'name':'race','env':'dev','role':'web'}");
        CLEANUP(error_free) Error *problem = NULL;

        if (collection_insert(store, COLLECTION_APPS, app, NULL, &problem))
                return &inserted;
        return error_kind(problem) == ERROR_CONFLICT ? &refused : &broken;
}

static void of_many_at_once_one_is_inserted(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        pthread_t threads[8];
        size_t won = 0;

        for (size_t i = 0; i < 8; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, insert_app, store), 0);
        for (size_t i = 0; i < 8; i++) {
                void *result = NULL;
                assert_int_equal(pthread_join(threads[i], &result), 0);
                won += result == &inserted;
                assert_ptr_not_equal(result, &broken);
        }
        assert_int_equal(won, 1);
}

static void replacing_changes_the_etag_and_patching_does_not(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *first = NULL;
        CLEANUP(document_free) Document *patched = NULL;
        CLEANUP(document_free) Document *replaced = NULL;
        CLEANUP(document_free) Document *members = json_of("{'size':2}");
        bool stale = true;

        store_put(store, COLLECTION_APPS, APP);
        assert_ok(collection_get(store, COLLECTION_APPS, "a1", &first, err));
        assert_ok(collection_patch(store, COLLECTION_APPS, "a1", members, true, err));
        assert_ok(collection_get(store, COLLECTION_APPS, "a1", &patched, err));
        assert_int_equal(document_get_int(patched, "size"), 2);
        assert_string_equal(document_get_string(patched, "name"), "shop");
        assert_string_equal(document_get_string(patched, "_etag"), document_get_string(first, "_etag"));
        assert_int_equal(document_get_int(patched, "_version"), 1);

        assert_ok(collection_replace(
                store, COLLECTION_APPS, "a1", patched, document_get_string(first, "_etag"), &stale, &replaced,
                err));
        assert_false(stale);
        assert_string_not_equal(document_get_string(replaced, "_etag"), document_get_string(first, "_etag"));
        assert_int_equal(document_get_int(replaced, "_version"), 2);
        assert_string_equal(document_get_string(replaced, "_id"), "a1");
}

static void a_stale_etag_changes_nothing(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *other = json_of("{'name':'x','env':'y','role':'z'}");
        CLEANUP(document_free) Document *found = NULL;
        bool stale = false;

        store_put(store, COLLECTION_APPS, APP);
        assert_ok(collection_replace(store, COLLECTION_APPS, "a1", other, "old", &stale, NULL, err));
        assert_true(stale);
        assert_ok(collection_delete(store, COLLECTION_APPS, "a1", "old", &stale, err));
        assert_true(stale);
        assert_ok(collection_get(store, COLLECTION_APPS, "a1", &found, err));
        assert_string_equal(document_get_string(found, "name"), "shop");
        assert_ok(collection_delete(
                store, COLLECTION_APPS, "a1", document_get_string(found, "_etag"), &stale, err));
        assert_false(stale);
        assert_fails(
                ERROR_NOT_FOUND, "no 'a1' in apps",
                collection_delete(store, COLLECTION_APPS, "a1", NULL, NULL, err));
        assert_fails(
                ERROR_NOT_FOUND, "no 'a1' in apps",
                collection_patch(store, COLLECTION_APPS, "a1", other, false, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(an_app_is_there_once),
                STORE_TEST(of_many_at_once_one_is_inserted),
                STORE_TEST(replacing_changes_the_etag_and_patching_does_not),
                STORE_TEST(a_stale_etag_changes_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/store_case.h"

static void edit(Store *store, const char *text) {
        CLEANUP(document_free) Document *document = json_of(text);

        assert_ok(collection_replace(store, COLLECTION_APPS, "1", document, NULL, NULL, NULL, err));
}

/* Three versions: first, second, third. */
static int fill(void **state) {
        if (store_case_set_up(state) != 0)
                return -1;

        Store *store = ((StoreCase *) *state)->store;
        store_put(store, COLLECTION_APPS, "{'_id':'1','name':'n','description':'first'}");
        edit(store, "{'name':'n','description':'second'}");
        edit(store, "{'name':'n','description':'third'}");
        return 0;
}
#define VERSION_TEST(function) cmocka_unit_test_setup_teardown(function, fill, store_case_tear_down)

static void each_version_can_be_read(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        static const char *const texts[] = { "first", "second", "third" };

        for (int i = 0; i < 3; i++) {
                CLEANUP(document_free) Document *version = NULL;

                assert_ok(collection_get_version(store, COLLECTION_APPS, "1", i + 1, &version, err));
                assert_string_equal(document_get_string(version, "description"), texts[i]);
                assert_int_equal(document_get_int(version, "_version"), i + 1);
                assert_int_equal(document_get_int(version, "_latest_version"), 3);
                assert_string_not_equal(document_get_string(version, "_created"), "");
        }
        CLEANUP(document_free) Document *none = NULL;
        assert_fails(
                ERROR_NOT_FOUND, "there is no version 4",
                collection_get_version(store, COLLECTION_APPS, "1", 4, &none, err));
        assert_null(none);
}

static void what_a_job_writes_is_in_the_current_version(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *members = json_of("{'ami':'ami-1'}");
        CLEANUP(document_free) Document *former = NULL;
        CLEANUP(document_free) Document *current = NULL;

        assert_ok(collection_patch(store, COLLECTION_APPS, "1", members, false, err));
        assert_ok(collection_get_version(store, COLLECTION_APPS, "1", 3, &current, err));
        assert_ok(collection_get_version(store, COLLECTION_APPS, "1", 2, &former, err));
        assert_string_equal(document_get_string(current, "ami"), "ami-1");
        assert_string_equal(document_get_string(former, "ami"), "");
}

static void assert_page(Store *store, int64_t page, int64_t size, const char *expected) {
        CLEANUP(list_result_clear) ListResult result = { 0 };
        CLEANUP(text_clear) Text found = { 0 };
        const ListQuery query = { .page = page, .max_results = size };

        assert_ok(collection_list_versions(store, COLLECTION_APPS, "1", &query, &result, err));
        text_append(&found, "");
        for (size_t i = 0; i < document_count(result.items); i++)
                text_appendf(
                        &found, "%lld",
                        (long long) document_get_int(document_at(result.items, i), "_version"));
        assert_string_equal(found.data, expected);
        assert_int_equal(result.total, 3);
}

static void versions_come_in_pages(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_page(store, 1, 23, "123");
        assert_page(store, 1, 3, "123");
        assert_page(store, 1, 2, "12");
        assert_page(store, 2, 2, "3");
        assert_page(store, 3, 1, "3");
        assert_page(store, 2, 3, "");
        assert_page(store, 9, 23, "");
}

static void a_collection_without_versions_has_the_current_one(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *only = NULL;
        CLEANUP(list_result_clear) ListResult all = { 0 };
        const ListQuery query = { .page = 1, .max_results = 23 };

        store_put(store, COLLECTION_DEPLOYMENTS, "{'_id':'7','module':'m'}");
        assert_ok(collection_get_version(store, COLLECTION_DEPLOYMENTS, "7", 1, &only, err));
        assert_string_equal(document_get_string(only, "module"), "m");
        assert_ok(collection_list_versions(store, COLLECTION_DEPLOYMENTS, "7", &query, &all, err));
        assert_int_equal(all.total, 1);
        assert_int_equal(document_count(all.items), 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                VERSION_TEST(each_version_can_be_read),
                VERSION_TEST(what_a_job_writes_is_in_the_current_version),
                VERSION_TEST(versions_come_in_pages),
                VERSION_TEST(a_collection_without_versions_has_the_current_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

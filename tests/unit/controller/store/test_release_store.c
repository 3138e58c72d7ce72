#include "harness/store_case.h"

#include "store/release_store.h"

static void the_wanted_release_is_kept_by_module(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(release_list_clear) ReleaseList list = { 0 };
        CLEANUP(free) char *found = NULL;
        bool wanted = false;

        assert_ok(release_store_set(store, "a", "web", "s1", err));
        assert_ok(release_store_set(store, "a", "web", "s2", err));
        assert_ok(release_store_set(store, "a", "api", "s3", err));
        assert_ok(release_store_set(store, "b", "web", "s4", err));
        assert_ok(release_store_get(store, "a", "web", &found, err));
        assert_string_equal(found, "s2");
        assert_ok(release_store_list(store, "a", &list, err));
        assert_int_equal(list.count, 2);
        assert_string_equal(list.items[0].module, "api");
        assert_string_equal(list.items[1].manifest_sha256, "s2");
        assert_ok(release_store_wanted(store, "s1", &wanted, err));
        assert_false(wanted);
        assert_ok(release_store_wanted(store, "s4", &wanted, err));
        assert_true(wanted);
}

static void a_release_can_be_taken_back(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) char *found = NULL;

        assert_ok(release_store_set(store, "a", "web", "s1", err));
        assert_ok(release_store_set(store, "a", "web", NULL, err));
        assert_ok(release_store_get(store, "a", "web", &found, err));
        assert_null(found);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(the_wanted_release_is_kept_by_module),
                STORE_TEST(a_release_can_be_taken_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One content for each application, as long as there is the application. */
#include "harness/store_case.h"

#include "store/boot_hook_store.h"

#define APP "0123456789abcdef01234567"
#define GONE "0123456789abcdef01234568"

static void put_app(StoreCase *test) {
        store_put(test->store, COLLECTION_APPS, "{\"_id\":\"" APP "\",\"name\":\"shop\"}");
}

static void assert_kept(StoreCase *test, const char *app_id, const char *wanted) {
        CLEANUP(document_free) Document *kept = NULL;

        assert_ok(boot_hook_store_get(test->store, app_id, &kept, err));
        if (!wanted) {
                assert_null(kept);
                return;
        }
        assert_non_null(kept);
        CLEANUP(free) char *text = document_text(kept);
        assert_string_equal(text, wanted);
}

static void what_is_put_is_kept_and_replaced_and_removed(void **state) {
        StoreCase *test = *state;
        CLEANUP(document_free) Document *one = json_of("{\"a\":1}");
        CLEANUP(document_free) Document *two = json_of("{\"a\":2}");

        put_app(test);
        assert_kept(test, APP, NULL);
        assert_ok(boot_hook_store_put(test->store, APP, one, err));
        assert_kept(test, APP, "{\"a\":1}");
        assert_ok(boot_hook_store_put(test->store, APP, two, err));
        assert_kept(test, APP, "{\"a\":2}");
        assert_ok(boot_hook_store_remove(test->store, APP, err));
        assert_kept(test, APP, NULL);
        assert_ok(boot_hook_store_remove(test->store, APP, err));
}

static void the_first_one_stays(void **state) {
        StoreCase *test = *state;
        CLEANUP(document_free) Document *one = json_of("{\"a\":1}");
        CLEANUP(document_free) Document *two = json_of("{\"a\":2}");

        put_app(test);
        assert_ok(boot_hook_store_put_first(test->store, APP, one, err));
        assert_ok(boot_hook_store_put_first(test->store, APP, two, err));
        assert_kept(test, APP, "{\"a\":1}");
}

static void of_an_application_that_is_gone_nothing_is_kept(void **state) {
        StoreCase *test = *state;
        CLEANUP(document_free) Document *one = json_of("{\"a\":1}");

        put_app(test);
        assert_ok(boot_hook_store_put_first(test->store, GONE, one, err));
        assert_ok(boot_hook_store_put(test->store, GONE, one, err));
        assert_kept(test, GONE, NULL);
        assert_kept(test, APP, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(what_is_put_is_kept_and_replaced_and_removed),
                STORE_TEST(the_first_one_stays),
                STORE_TEST(of_an_application_that_is_gone_nothing_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

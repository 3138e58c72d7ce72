#include "harness/store_case.h"

#include "api/item_cache.h"

#define APPS (1U << COLLECTION_APPS)
#define DEPLOYMENTS (1U << COLLECTION_DEPLOYMENTS)

static void put(ItemCache *cache, const char *key, const ItemStamp *stamp, const char *body) {
        const ItemText text = { .body = (char *) body,
                                .etag = (char *) "\"e1\"",
                                .last_modified = (char *) "" };

        item_cache_put(cache, key, stamp, &text);
}

static void assert_cached(ItemCache *cache, const char *key, const ItemStamp *stamp, const char *body) {
        CLEANUP(item_text_clear) ItemText text = { 0 };
        bool hit = item_cache_get(cache, key, stamp, &text);

        assert_int_equal(hit, body != NULL);
        if (hit)
                assert_string_equal(text.body, body);
}

static void an_item_holds_until_what_it_is_made_from_changes(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(item_cache_free) ItemCache *cache = item_cache_new();
        ItemStamp stamp = item_stamp(store, APPS | DEPLOYMENTS);

        assert_cached(cache, "/apps/1", &stamp, NULL);
        put(cache, "/apps/1", &stamp, "one");
        assert_cached(cache, "/apps/1", &stamp, "one");
        assert_cached(cache, "/apps/1 go", &stamp, NULL);

        store_put(store, COLLECTION_JOBS, "{'app_id':'1'}");
        stamp = item_stamp(store, APPS | DEPLOYMENTS);
        assert_cached(cache, "/apps/1", &stamp, "one");
        store_put(store, COLLECTION_DEPLOYMENTS, "{'app_id':'1'}");
        stamp = item_stamp(store, APPS | DEPLOYMENTS);
        assert_cached(cache, "/apps/1", &stamp, NULL);
}

/* What is read between a change and its commit is old: it must not be kept as if it were new. */
static void a_change_counts_when_it_is_committed(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(item_cache_free) ItemCache *cache = item_cache_new();
        ItemStamp before = item_stamp(store, APPS);

        assert_ok(store_begin(store, err));
        store_put(store, COLLECTION_APPS, "{'name':'a','env':'e','role':'r'}");
        ItemStamp during = item_stamp(store, APPS);
        assert_memory_equal(&before, &during, sizeof(before));
        put(cache, "/apps/1", &during, "old");
        assert_ok(store_commit(store, err));
        ItemStamp after = item_stamp(store, APPS);
        assert_cached(cache, "/apps/1", &after, NULL);
}

static void the_large_and_the_oddly_named_are_not_kept(void **state) {
        CLEANUP(item_cache_free) ItemCache *cache = item_cache_new();
        CLEANUP(free) char *large = xcalloc(1, 40000), *name = xcalloc(1, 300);
        const ItemStamp stamp = { 0 };

        (void) state;
        memset(large, 'x', 39999);
        memset(name, 'n', 299);
        put(cache, "/a", &stamp, large);
        put(cache, name, &stamp, "b");
        assert_cached(cache, "/a", &stamp, NULL);
        assert_cached(cache, name, &stamp, NULL);
}

/* More keys than places: whatever is found is the right one. */
static void keys_that_share_a_place_are_not_mixed_up(void **state) {
        CLEANUP(item_cache_free) ItemCache *cache = item_cache_new();
        const ItemStamp stamp = { 0 };
        int hits = 0;

        (void) state;
        for (int i = 0; i < 2000; i++) {
                CLEANUP(free) char *key = xasprintf("/apps/%d", i);
                put(cache, key, &stamp, key);
        }
        for (int i = 0; i < 2000; i++) {
                CLEANUP(item_text_clear) ItemText text = { 0 };
                CLEANUP(free) char *key = xasprintf("/apps/%d", i);

                if (item_cache_get(cache, key, &stamp, &text)) {
                        assert_string_equal(text.body, key);
                        hits++;
                }
        }
        assert_true(hits > 100);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(an_item_holds_until_what_it_is_made_from_changes),
                STORE_TEST(a_change_counts_when_it_is_committed),
                cmocka_unit_test(the_large_and_the_oddly_named_are_not_kept),
                cmocka_unit_test(keys_that_share_a_place_are_not_mixed_up),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

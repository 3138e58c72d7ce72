#include "harness/store_case.h"

#include <string.h>

#include "store/query.h"
#include "store/webhook_store.h"

#define ONE "00000000000000000000000a"
#define TWO "00000000000000000000000b"

static void assert_secret(Store *store, const char *id, const char *expected) {
        CLEANUP(free) char *secret = NULL;

        assert_ok(webhook_store_get_secret(store, id, &secret, err));
        assert_string_equal(secret, expected);
}

static void a_secret_stays_until_it_is_replaced_or_taken_away(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_secret(store, ONE, "");
        assert_ok(webhook_store_set_secret(store, ONE, "a'b", err));
        assert_ok(webhook_store_set_secret(store, TWO, "c", err));
        assert_ok(webhook_store_set_secret(store, ONE, "d", err));
        assert_secret(store, ONE, "d");
        assert_ok(webhook_store_set_secret(store, ONE, NULL, err));
        assert_secret(store, ONE, "");
        assert_secret(store, TWO, "c");
}

static bool knows(Store *store, const char *id, const char *delivery) {
        bool known = false;

        assert_ok(webhook_store_knows_delivery(store, id, delivery, &known, err));
        return known;
}

static void a_delivery_is_known_to_its_own_webhook(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(free) char *long_one = xcalloc(1, 100001);

        memset(long_one, 'x', 100000);
        assert_false(knows(store, ONE, "d-1"));
        assert_ok(webhook_store_keep_delivery(store, ONE, "d-1", err));
        assert_ok(webhook_store_keep_delivery(store, ONE, "d-1", err));
        assert_ok(webhook_store_keep_delivery(store, ONE, long_one, err));
        assert_true(knows(store, ONE, "d-1"));
        assert_true(knows(store, ONE, long_one));
        assert_false(knows(store, TWO, "d-1"));
        assert_false(knows(store, ONE, "d-2"));
}

static int64_t count_deliveries(Store *store) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        assert_ok(query_read(store, "SELECT count(*) FROM webhook_deliveries", &query, err));
        assert_ok(query_step(&query, &row, err));
        return query_int(&query, 0);
}

static void age_deliveries(Store *store, int days) {
        CLEANUP(query_end) Query query = { 0 };

        assert_ok(query_write(store, "UPDATE webhook_deliveries SET at_us = at_us - ?", &query, err));
        query_bind_int(&query, days * INT64_C(86400000000));
        assert_ok(query_run(&query, err));
}

static void a_delivery_is_forgotten_in_time(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_ok(webhook_store_keep_delivery(store, ONE, "old", err));
        age_deliveries(store, WEBHOOK_DELIVERY_DAYS - 1);
        assert_true(knows(store, ONE, "old"));
        age_deliveries(store, 1);
        assert_false(knows(store, ONE, "old"));
        assert_ok(webhook_store_keep_delivery(store, TWO, "new", err));
        assert_int_equal(count_deliveries(store), 1);
}

static void what_goes_takes_its_secret_and_deliveries_along(void **state) {
        Store *store = ((StoreCase *) *state)->store;

        assert_ok(webhook_store_set_secret(store, ONE, "s", err));
        assert_ok(webhook_store_keep_delivery(store, ONE, "d", err));
        assert_ok(webhook_store_keep_delivery(store, TWO, "d", err));
        assert_ok(webhook_store_forget(store, ONE, err));
        assert_secret(store, ONE, "");
        assert_false(knows(store, ONE, "d"));
        assert_true(knows(store, TWO, "d"));
}

static void add(Store *store, const char *id, int code, int number) {
        CLEANUP(free)
        char *text = xasprintf("{'webhook_id':'%s','status':{'code':%d},'number':%d}", id, code, number);
        CLEANUP(document_free) Document *invocation = json_of(text);
        CLEANUP(document_free) Document *stored = NULL;

        assert_ok(webhook_store_add_invocation(store, invocation, &stored, err));
        assert_int_equal(strlen(document_get_string(stored, "_id")), 24);
}

static void only_the_newest_refusals_are_kept(void **state) {
        Store *store = ((StoreCase *) *state)->store;
        CLEANUP(document_free) Document *found = NULL;

        add(store, TWO, 403, 1);
        add(store, ONE, 201, 2);
        assert_ok(store_begin(store, err));
        for (int i = 0; i < WEBHOOK_REFUSALS_KEPT + 50; i++)
                add(store, ONE, i % 2 ? 403 : 200, 100 + i);
        assert_ok(store_commit(store, err));
        assert_ok(collection_find(store, COLLECTION_INVOCATIONS, NULL, &found, err));
        assert_int_equal(document_count(found), WEBHOOK_REFUSALS_KEPT + 2);
        assert_int_equal(document_get_int(found, "0.number"), 1);
        assert_int_equal(document_get_int(found, "1.number"), 2);
        assert_int_equal(document_get_int(found, "2.number"), 150);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(a_secret_stays_until_it_is_replaced_or_taken_away),
                STORE_TEST(a_delivery_is_known_to_its_own_webhook),
                STORE_TEST(a_delivery_is_forgotten_in_time),
                STORE_TEST(what_goes_takes_its_secret_and_deliveries_along),
                STORE_TEST(only_the_newest_refusals_are_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

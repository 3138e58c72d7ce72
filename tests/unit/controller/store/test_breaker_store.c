/* Breakers are kept, and closed by a reset. */
#include "harness/store_case.h"

#include "store/breaker_store.h"

static void one_that_never_was_is_closed(void **state) {
        StoreCase *test = *state;
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        assert_ok(breaker_store_get(test->store, "a", &breaker, err));
        assert_int_equal(breaker.state, BREAKER_CLOSED);
        assert_int_equal(breaker.failures, 0);
        assert_string_equal(breaker.reason, "");
        assert_ok(breaker_store_reset(test->store, "a", err));
}

static void a_reset_closes_an_open_one_and_keeps_what_is_suspended(void **state) {
        StoreCase *test = *state;
        const Breaker open = { BREAKER_OPEN, 3, true, (char *) "pre_bootstrap: exited with code 1", 77 };
        const Breaker counting = { BREAKER_CLOSED, 2, false, (char *) "x", 0 };
        CLEANUP(breaker_clear) Breaker opened = { 0 };
        CLEANUP(breaker_clear) Breaker closing = { 0 };
        CLEANUP(breaker_clear) Breaker closed = { 0 };

        assert_ok(breaker_store_put(test->store, "a", &open, err));
        assert_ok(breaker_store_put(test->store, "b", &counting, err));
        assert_ok(breaker_store_get(test->store, "a", &opened, err));
        assert_int_equal(opened.state, BREAKER_OPEN);
        assert_int_equal(opened.failures, 3);
        assert_string_equal(opened.reason, open.reason);
        assert_int_equal(opened.opened_us, 77);

        assert_ok(breaker_store_reset(test->store, "a", err));
        assert_ok(breaker_store_reset(test->store, "b", err));
        assert_ok(breaker_store_get(test->store, "a", &closing, err));
        assert_int_equal(closing.state, BREAKER_CLOSING);
        assert_true(closing.suspended);
        assert_int_equal(closing.failures, 0);
        assert_int_equal(closing.opened_us, 0);
        assert_ok(breaker_store_get(test->store, "b", &closed, err));
        assert_int_equal(closed.state, BREAKER_CLOSED);
        assert_int_equal(closed.failures, 0);
}

static void those_that_are_open_are_listed(void **state) {
        StoreCase *test = *state;
        const Breaker late = { BREAKER_OPEN, 3, true, (char *) "late", 200 };
        const Breaker early = { BREAKER_OPEN, 5, false, (char *) "early", 100 };
        const Breaker counting = { BREAKER_CLOSED, 2, false, (char *) "x", 0 };
        CLEANUP(open_breakers_clear) OpenBreakers none = { 0 };
        CLEANUP(open_breakers_clear) OpenBreakers both = { 0 };
        CLEANUP(open_breakers_clear) OpenBreakers one = { 0 };

        assert_ok(breaker_store_list_open(test->store, &none, err));
        assert_int_equal(none.count, 0);
        assert_ok(breaker_store_put(test->store, "a", &late, err));
        assert_ok(breaker_store_put(test->store, "b", &early, err));
        assert_ok(breaker_store_put(test->store, "c", &counting, err));
        assert_ok(breaker_store_list_open(test->store, &both, err));
        assert_int_equal(both.count, 2);
        assert_string_equal(both.items[0].app_id, "b");
        assert_int_equal(both.items[0].breaker.failures, 5);
        assert_int_equal(both.items[0].breaker.opened_us, 100);
        assert_string_equal(both.items[0].breaker.reason, "early");
        assert_string_equal(both.items[1].app_id, "a");
        assert_true(both.items[1].breaker.suspended);

        assert_ok(breaker_store_reset(test->store, "b", err));
        assert_ok(breaker_store_list_open(test->store, &one, err));
        assert_int_equal(one.count, 1);
        assert_string_equal(one.items[0].app_id, "a");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(one_that_never_was_is_closed),
                STORE_TEST(those_that_are_open_are_listed),
                STORE_TEST(a_reset_closes_an_open_one_and_keeps_what_is_suspended),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

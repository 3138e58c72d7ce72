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
        const Breaker open = { BREAKER_OPEN, 3, true, (char *) "pre_bootstrap: exited with code 1" };
        const Breaker counting = { BREAKER_CLOSED, 2, false, (char *) "x" };
        CLEANUP(breaker_clear) Breaker opened = { 0 };
        CLEANUP(breaker_clear) Breaker closing = { 0 };
        CLEANUP(breaker_clear) Breaker closed = { 0 };

        assert_ok(breaker_store_put(test->store, "a", &open, err));
        assert_ok(breaker_store_put(test->store, "b", &counting, err));
        assert_ok(breaker_store_get(test->store, "a", &opened, err));
        assert_int_equal(opened.state, BREAKER_OPEN);
        assert_int_equal(opened.failures, 3);
        assert_string_equal(opened.reason, open.reason);

        assert_ok(breaker_store_reset(test->store, "a", err));
        assert_ok(breaker_store_reset(test->store, "b", err));
        assert_ok(breaker_store_get(test->store, "a", &closing, err));
        assert_int_equal(closing.state, BREAKER_CLOSING);
        assert_true(closing.suspended);
        assert_int_equal(closing.failures, 0);
        assert_ok(breaker_store_get(test->store, "b", &closed, err));
        assert_int_equal(closed.state, BREAKER_CLOSED);
        assert_int_equal(closed.failures, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                STORE_TEST(one_that_never_was_is_closed),
                STORE_TEST(a_reset_closes_an_open_one_and_keeps_what_is_suspended),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

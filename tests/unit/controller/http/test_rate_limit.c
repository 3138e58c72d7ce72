#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "http/rate_limit.h"

static void a_burst_is_let_through_then_the_pace_counts(void **state) {
        static RateLimit limit = RATE_LIMIT(3, 500);

        (void) state;
        for (int i = 0; i < 3; i++)
                assert_true(rate_limit_take(&limit, "a", 1000));
        assert_false(rate_limit_take(&limit, "a", 1000));
        assert_false(rate_limit_take(&limit, "a", 1499));
        assert_true(rate_limit_take(&limit, "a", 1500));
        assert_false(rate_limit_take(&limit, "a", 1501));
        /* Idle for long: the burst again, no more. */
        for (int i = 0; i < 3; i++)
                assert_true(rate_limit_take(&limit, "a", INT64_C(90000000000)));
        assert_false(rate_limit_take(&limit, "a", INT64_C(90000000000)));
}

static void callers_have_buckets_of_their_own(void **state) {
        static RateLimit limit = RATE_LIMIT(1, 1000);

        (void) state;
        assert_true(rate_limit_take(&limit, "a", 0));
        assert_true(rate_limit_take(&limit, "b", 0));
        assert_false(rate_limit_take(&limit, "a", 0));
        assert_false(rate_limit_take(&limit, "b", 0));
}

static void names_of_any_length_will_do(void **state) {
        static RateLimit limit = RATE_LIMIT(1, 1000);
        CLEANUP(free) char *name = xcalloc(1, 10000);

        (void) state;
        memset(name, 'x', 9999);
        assert_true(rate_limit_take(&limit, name, 0));
        assert_false(rate_limit_take(&limit, name, 0));
}

static void the_wait_is_told_and_costs_nothing(void **state) {
        static RateLimit limit = RATE_LIMIT(2, 500);

        (void) state;
        for (int i = 0; i < 5; i++)
                assert_int_equal(rate_limit_wait_ms(&limit, "a", 0), 0);
        assert_true(rate_limit_take(&limit, "a", 0));
        assert_int_equal(rate_limit_wait_ms(&limit, "a", 0), 0);
        assert_true(rate_limit_take(&limit, "a", 0));
        assert_int_equal(rate_limit_wait_ms(&limit, "a", 0), 500);
        assert_int_equal(rate_limit_wait_ms(&limit, "a", 200), 300);
        assert_int_equal(rate_limit_wait_ms(&limit, "a", 500), 0);
        assert_true(rate_limit_take(&limit, "a", 500));
        assert_false(rate_limit_take(&limit, "a", 500));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_burst_is_let_through_then_the_pace_counts),
                cmocka_unit_test(callers_have_buckets_of_their_own),
                cmocka_unit_test(names_of_any_length_will_do),
                cmocka_unit_test(the_wait_is_told_and_costs_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include "notify/backoff.h"

enum { MINUTE_MS = 60000 };
static const int64_t minute_us = INT64_C(60000000);

static void waits_double_up_to_an_hour_and_end_after_a_day(void **state) {
        const Backoff backoff = { .first_ms = MINUTE_MS,
                                  .max_ms = 60 * MINUTE_MS,
                                  .give_up_ms = 1440 * MINUTE_MS };
        static const int64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
        int64_t now = 5000000, created = now, next = 0, attempts = 0;

        (void) state;
        for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
                assert_true(backoff_next(&backoff, ++attempts, created, now, &next));
                assert_int_equal(next - now, minutes[i] * minute_us);
                now = next;
        }
        while (backoff_next(&backoff, ++attempts, created, now, &next))
                now = next;
        assert_true(now - created > 1380 * minute_us);
        assert_true(now - created <= 1440 * minute_us);
        assert_int_equal(attempts, 29); /* 6 up to 63 minutes, 22 of an hour, and one too many */
}

static void many_attempts_overflow_nothing(void **state) {
        const Backoff backoff = { .first_ms = 1, .max_ms = 86400000, .give_up_ms = INT64_C(2592000000) };
        int64_t next = 0;

        (void) state;
        assert_true(backoff_next(&backoff, 1000000, 0, 0, &next));
        assert_int_equal(next, INT64_C(86400000000));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(waits_double_up_to_an_hour_and_end_after_a_day),
                cmocka_unit_test(many_attempts_overflow_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

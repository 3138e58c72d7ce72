#include "harness/ghost_test.h"

#include "aws/throttle.h"

/* Sends as fast as allowed for a while, at most one call per millisecond; says how many. */
static unsigned send_for(Throttle *throttle, int64_t *now_ms, int64_t duration_ms, bool throttled) {
        int64_t end = *now_ms + duration_ms;
        unsigned sent = 0;

        while (*now_ms < end) {
                *now_ms += 1 + throttle_book(throttle, *now_ms);
                throttle_learn(throttle, throttled, *now_ms);
                sent++;
        }
        return sent;
}

static void nothing_is_held_back_until_aws_throttles(void **state) {
        Throttle throttle = { 0 };
        int64_t now_ms = 1000;

        (void) state;
        assert_int_equal(send_for(&throttle, &now_ms, 5000, false), 5000);
}

static void a_throttled_answer_slows_us_down_and_time_speeds_us_up(void **state) {
        Throttle throttle = { 0 };
        int64_t now_ms = 1000;

        (void) state;
        while (now_ms < 6000) { /* 100 a second */
                throttle_book(&throttle, now_ms);
                now_ms += 10;
        }
        throttle_learn(&throttle, true, now_ms);
        assert_true(throttle.rate > 60 && throttle.rate < 80);
        unsigned slow = send_for(&throttle, &now_ms, 1000, false);
        assert_in_range(slow, 55, 110);
        send_for(&throttle, &now_ms, 20000, false);
        assert_true(throttle.rate > 100);
}

static void throttling_without_end_leaves_a_trickle(void **state) {
        Throttle throttle = { 0 };
        int64_t now_ms = 1000;

        (void) state;
        send_for(&throttle, &now_ms, 60000, true);
        assert_true(throttle.rate >= 0.5);
        int64_t wait_ms = throttle_book(&throttle, now_ms);
        assert_in_range(wait_ms, 1, 4000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_is_held_back_until_aws_throttles),
                cmocka_unit_test(a_throttled_answer_slows_us_down_and_time_speeds_us_up),
                cmocka_unit_test(throttling_without_end_leaves_a_trickle),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

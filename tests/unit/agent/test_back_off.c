#include "harness/ghost_test.h"

#include "back_off.h"

static void failures_wait_twice_as_long_each_up_to_half_a_minute(void **state) {
        static const int64_t expected[] = { 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };
        BackOff back_off = { 0 };

        (void) state;
        for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
                assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_FAILED), expected[i]);
}

static void a_session_that_lived_starts_anew(void **state) {
        BackOff back_off = { .wait_ms = 25600 };

        (void) state;
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_LIVED), 200);
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_FAILED), 400);
}

static void a_short_session_takes_one_failure_back(void **state) {
        BackOff back_off = { .wait_ms = 1600 };

        (void) state;
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_SHORT), 800);
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_FAILED), 1600);
        back_off = (BackOff){ 0 };
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_SHORT), 200);
}

static void a_refusal_waits_minutes_and_counts_as_a_failure(void **state) {
        BackOff back_off = { 0 }, quick = { .refused_ms = 50 };

        (void) state;
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_REFUSED), 300000);
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_FAILED), 400);
        assert_int_equal(back_off_next_ms(&quick, ATTEMPT_REFUSED), 50);
}

static void after_an_enrolment_nothing_is_waited(void **state) {
        BackOff back_off = { .wait_ms = 800 };

        (void) state;
        assert_int_equal(back_off_next_ms(&back_off, ATTEMPT_ENROLLED), 0);
        assert_int_equal(back_off.wait_ms, 800);
}

static void chance_chooses_between_one_and_all(void **state) {
        bool small = false, large = false;

        (void) state;
        for (int i = 0; i < 1000; i++) {
                int64_t wait_ms = back_off_jitter_ms(100);
                assert_in_range(wait_ms, 1, 100);
                small = small || wait_ms <= 20;
                large = large || wait_ms > 80;
        }
        assert_true(small);
        assert_true(large);
        assert_int_equal(back_off_jitter_ms(1), 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(failures_wait_twice_as_long_each_up_to_half_a_minute),
                cmocka_unit_test(a_session_that_lived_starts_anew),
                cmocka_unit_test(a_short_session_takes_one_failure_back),
                cmocka_unit_test(a_refusal_waits_minutes_and_counts_as_a_failure),
                cmocka_unit_test(after_an_enrolment_nothing_is_waited),
                cmocka_unit_test(chance_chooses_between_one_and_all),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

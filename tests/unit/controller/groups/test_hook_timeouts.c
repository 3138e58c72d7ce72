/* What AWS gave up because a hook ran out is a failure like any other, counted once; what only leaves is
 * none. */
#include "group_bench.h"

static void one_that_was_not_ready_in_time_counts_once(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = true;
        bench_round(&bench);
        outside->members[0].state = ASG_TERMINATING;
        outside->members[0].ran_out = true;
        bench_rounds(&bench, 3);
        assert_instance(&bench, 1, "terminating", "its lifecycle hook ran out before it was bootstrapped");
        assert_failures(&bench, BREAKER_CLOSED, 1);
        assert_int_equal(outside->agents[0].cancels, 1);
        assert_int_equal(outside->activity_looks, 1);
}

static void those_that_never_joined_are_known_then_and_open_the_breaker(void **state) {
        static const char reason[] =
                "its lifecycle hook ran out before an agent of it had joined: look at its "
                "image, its network and whether it has the group's token";
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        for (int i = 0; i < 2; i++) {
                outside->members[i].state = ASG_TERMINATING_WAIT;
                outside->members[i].ran_out = true;
        }
        bench_rounds(&bench, 3);
        assert_instance(&bench, 1, "terminating", reason);
        assert_instance(&bench, 2, "terminating", reason);
        assert_failures(&bench, BREAKER_OPEN, 2);
        assert_true(outside->suspended);
        assert_int_equal(outside->suspensions, 1);

        /* They end. */
        for (int i = 0; i < 2; i++) {
                outside->members[i].absent = true;
                outside->members[i].ended = true;
        }
        bench_rounds(&bench, 2);
        assert_instance(&bench, 1, "gone", reason);
        assert_failures(&bench, BREAKER_OPEN, 2);
}

static void one_that_only_leaves_does_not_count(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        bench_join(&bench, 2);
        outside->agents[0].silent = true;
        bench_rounds(&bench, 3); /* i-2 is ready */
        outside->members[0].state = ASG_TERMINATING;
        outside->members[1].state = ASG_TERMINATING;
        outside->members[1].ran_out = true; /* what it says of one that was let in is of no interest */
        outside->members[2].state = ASG_TERMINATING; /* it has not joined, and was scaled in */
        bench_rounds(&bench, 3);
        assert_instance(&bench, 1, "terminating", "");
        assert_instance(&bench, 2, "terminating", "");
        assert_failures(&bench, BREAKER_CLOSED, 0);
}

static void without_one_that_leaves_nobody_is_asked(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        bench_rounds(&bench, 3);
        assert_int_equal(outside->activity_looks, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_was_not_ready_in_time_counts_once),
                cmocka_unit_test(those_that_never_joined_are_known_then_and_open_the_breaker),
                cmocka_unit_test(one_that_only_leaves_does_not_count),
                cmocka_unit_test(without_one_that_leaves_nobody_is_asked),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

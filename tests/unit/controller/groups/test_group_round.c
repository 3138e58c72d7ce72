/* One look at a group: whose instances it looks at, those that leave, the breaker, and a controller that dies
 * in the middle of it. */
#include "group_bench.h"

enum { ROUNDS = 6, EVENTS_MAX = 200 };

static void only_its_own_that_have_joined_are_looked_at(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join_as(&bench, 1, OTHER_APP_ID, JOIN_PURPOSE_GROUP); /* somebody else's */
        bench_join_as(&bench, 2, APP_ID, "instance");               /* a job's, attached by hand */
        bench_join(&bench, 3);
        bench_rounds(&bench, 3); /* i-4 has not joined */
        assert_instance(&bench, 1, "enrolled", "");
        assert_instance(&bench, 2, "enrolled", "");
        assert_instance(&bench, 3, "ready", "");
        for (int i = 0; i < MEMBERS; i++) {
                assert_int_equal(outside->agents[i].orders, i == 2);
                assert_int_equal(outside->members[i].proceeded, i == 2);
                assert_int_equal(outside->members[i].abandoned, 0);
        }
}

static void the_order_of_one_that_leaves_is_taken_back(void **state) {
        CLEANUP(bench_close) GroupBench bench;
        static const AsgInstanceState leaving[] = { ASG_TERMINATING, ASG_TERMINATING_WAIT,
                                                    ASG_TERMINATING_PROCEED, ASG_TERMINATED };
        static const char *const agents[] = { "a-1", "a-2", "a-3", "a-4" };

        (void) state;
        bench_open(&bench);
        for (int i = 0; i < MEMBERS; i++) {
                bench_join(&bench, i + 1);
                outside->agents[i].silent = true;
        }
        bench_round(&bench);
        for (int i = 0; i < MEMBERS; i++)
                outside->members[i].state = leaving[i];
        bench_rounds(&bench, 2);
        for (int i = 0; i < MEMBERS; i++) {
                assert_instance(&bench, i + 1, "terminating", "");
                assert_int_equal(outside->agents[i].cancels, 1);
                assert_false(task_board_knows(bench.spec.tasks, outside->agents[i].task, agents[i], NULL));
        }
        assert_failures(&bench, BREAKER_CLOSED, 0); /* it is not the release's fault */
}

static void one_that_is_gone_gives_its_identity_up(void **state) {
        CLEANUP(bench_close) GroupBench bench;
        const Agent agent = { .id = (char *) "a-1",
                              .app_id = (char *) APP_ID,
                              .instance_id = (char *) "i-1",
                              .fingerprint = (char *) "f" };
        bool valid = false;

        (void) state;
        bench_open(&bench);
        assert_ok(agent_store_insert(bench.spec.store, &agent, err));
        for (int i = 1; i <= 3; i++) {
                bench_join(&bench, i);
                outside->members[i - 1].absent = true;
        }
        outside->members[0].ended =
                true; /* i-2 was detached and lives; i-3 is new and may not be shown yet */
        outside->members[2].ended = true;
        bench_make_old(&bench, 1);
        bench_make_old(&bench, 2);
        bench_rounds(&bench, 2);
        assert_instance(&bench, 1, "gone", "");
        assert_instance(&bench, 2, "enrolled", "");
        assert_instance(&bench, 3, "enrolled", "");
        assert_ok(agent_store_fingerprint_valid(bench.spec.store, "a-1", "f", &valid, err));
        assert_false(valid);

        /* One that was seen to leave is not waited for. */
        bench_set(&bench, 3, "{'state':'terminating'}");
        bench_round(&bench);
        assert_instance(&bench, 3, "gone", "");
}

static void those_of_a_group_that_is_gone_are_looked_at(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        for (int i = 1; i <= 2; i++) {
                bench_join(&bench, i);
                outside->agents[i - 1].silent = true;
        }
        bench_round(&bench);
        bench_make_old(&bench, 1);
        bench_make_old(&bench, 2);
        outside->no_group = true;
        outside->members[0].ended = true; /* i-2 had been detached */
        bench_rounds(&bench, 2);
        assert_instance(&bench, 1, "gone", "");
        assert_instance(&bench, 2, "bootstrapping", "");
        assert_int_equal(outside->agents[0].cancels, 1);
        assert_false(task_board_knows(bench.spec.tasks, outside->agents[0].task, "a-1", NULL));
        assert_true(task_board_knows(bench.spec.tasks, outside->agents[1].task, "a-2", NULL));
        assert_failures(&bench, BREAKER_CLOSED, 0);
}

static void failures_in_a_row_open_the_breaker(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        outside->agents[0].fails = outside->agents[2].fails = outside->agents[3].fails = true;
        for (int i = 1; i <= 3; i++) {
                bench_join(&bench, i);
                bench_rounds(&bench, 2);
        }
        assert_failures(&bench, BREAKER_CLOSED, 1); /* i-2 came in between */
        assert_false(outside->suspended);
        bench_join(&bench, 4);
        bench_rounds(&bench, 3);
        assert_failures(&bench, BREAKER_OPEN, 2);
        assert_true(outside->suspended);
        assert_int_equal(outside->suspensions, 1);
        assert_ok(breaker_store_reset(bench.spec.store, APP_ID, err));
        bench_round(&bench);
        assert_false(outside->suspended);
        assert_failures(&bench, BREAKER_CLOSED, 0);
}

/* ---- death ---- */

/* One that succeeds, two that fail (nothing holds the second one), one that leaves. */
static void set_scene(GroupBench *bench) {
        bench_open(bench);
        for (int i = 1; i <= MEMBERS; i++)
                bench_join(bench, i);
        outside->agents[1].fails = outside->agents[2].fails = true;
        outside->members[2].state = ASG_IN_SERVICE;
        outside->members[3].state = ASG_TERMINATING;
}

static void assert_end(GroupBench *bench, int died_at) {
        (void) printf("# died at %d\n", died_at);
        assert_instance(bench, 1, "ready", "");
        assert_int_equal(outside->members[0].proceeded, 1);
        assert_int_equal(outside->members[1].abandoned, 1);
        assert_instance(bench, 2, "terminating", "post_bootstrap exited with code 3");
        assert_instance(bench, 3, "bootstrap_failed", "post_bootstrap exited with code 3");
        assert_true(outside->members[2].unhealthy >= 1);
        assert_instance(bench, 4, "terminating", "");
        assert_int_equal(outside->agents[3].orders, 0);
        for (int i = 0; i < 3; i++) {
                assert_true(outside->agents[i].orders >= 1);
                assert_false(outside->agents[i].another_task); /* an agent does the same one once */
        }
        assert_int_equal(outside->members[0].abandoned + outside->members[1].proceeded, 0);
        assert_failures(bench, BREAKER_OPEN, 2);
        assert_true(outside->suspended);
}

static void it_goes_on_after_the_controllers_death_anywhere(void **state) {
        (void) state;
        for (int at = 1; at < EVENTS_MAX; at++) {
                CLEANUP(bench_close) GroupBench bench;

                set_scene(&bench);
                if (!bench_live(&bench, ROUNDS, at)) {
                        assert_true(at > 30);
                        assert_end(&bench, 0);
                        return;
                }
                assert_false(bench_live(&bench, ROUNDS, 0));
                assert_end(&bench, at);
        }
        fail_msg("it never came to its end");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_its_own_that_have_joined_are_looked_at),
                cmocka_unit_test(the_order_of_one_that_leaves_is_taken_back),
                cmocka_unit_test(one_that_is_gone_gives_its_identity_up),
                cmocka_unit_test(those_of_a_group_that_is_gone_are_looked_at),
                cmocka_unit_test(failures_in_a_row_open_the_breaker),
                cmocka_unit_test(it_goes_on_after_the_controllers_death_anywhere),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

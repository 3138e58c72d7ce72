/* The way of one instance of a group into service, or out of it. */
#include "group_bench.h"

#include "store/release_store.h"

static void one_that_bootstraps_is_let_in(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = true;
        bench_round(&bench);
        assert_int_equal(outside->agents[0].orders, 1);
        assert_instance(&bench, 1, "bootstrapping", "");
        bench_rounds(&bench, 3); /* it waits */
        assert_int_equal(outside->agents[0].orders, 1);
        assert_int_equal(outside->members[0].proceeded, 0);

        agent_answers(&bench, "a-1", outside->agents[0].task, true, "");
        bench_round(&bench);
        assert_instance(&bench, 1, "ready", "");
        assert_int_equal(outside->members[0].proceeded, 1);
        assert_has(
                scripted_http_request(bench.server, scripted_http_request_count(bench.server) - 1),
                "LifecycleHookName=ghost-bootstrap");
        assert_log_has(&bench, 1, "Bootstrapping\n");
        assert_log_has(&bench, 1, "Ready: Auto Scaling group web may take it into service");
        assert_false(task_board_knows(bench.spec.tasks, outside->agents[0].task, "a-1", NULL));

        bench_rounds(&bench, 3); /* that is all */
        assert_int_equal(outside->agents[0].orders, 1);
        assert_int_equal(outside->members[0].proceeded, 1);
        assert_int_equal(outside->members[0].abandoned, 0);
}

static void one_that_fails_is_abandoned_with_the_reason(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].fails = true;
        bench_rounds(&bench, 2);
        assert_instance(&bench, 1, "bootstrap_failed", "post_bootstrap exited with code 3");
        assert_int_equal(outside->members[0].abandoned, 1);
        assert_int_equal(outside->members[0].proceeded, 0);
        assert_int_equal(outside->members[0].unhealthy, 0);
        assert_failures(&bench, BREAKER_CLOSED, 1);
        assert_log_has(&bench, 1, "Bootstrap failed: post_bootstrap exited with code 3");
        bench_rounds(&bench, 2);
        assert_failures(&bench, BREAKER_CLOSED, 1);
        assert_int_equal(outside->agents[0].orders, 1);
}

static void want_release(GroupBench *bench) {
        assert_ok(release_store_set(
                bench->spec.store, APP_ID, "site",
                "1111111111111111111111111111111111111111111111111111111111111111", err));
}

static void ask_for_health(GroupBench *bench) {
        document_free(bench->app);
        bench->app = json_of("{'_id':'" APP_ID "','name':'shop','env':'prod','role':'web',"
                             "'autoscale':{'name':'web'},'modules':[{'name':'site','path':'/srv/site',"
                             "'health_check':{'type':'tcp','port':80}}]}");
}

static void one_that_left_a_health_check_out_is_abandoned(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        ask_for_health(&bench);
        want_release(&bench);
        bench_join(&bench, 1);
        bench_join(&bench, 2);
        outside->agents[0].old = true;
        bench_rounds(&bench, 2);
        assert_instance(
                &bench, 1, "bootstrap_failed",
                "site: no health check was made: the version of the agent is too old for health checks; "
                "update the agent (build a new image)");
        assert_int_equal(outside->members[0].abandoned, 1);
        assert_int_equal(outside->members[0].proceeded, 0);
        assert_instance(&bench, 2, "ready", "");
}

/* What was ordered before makes no check: it is not taken for an agent that left it out. */
static void a_health_check_wanted_meanwhile_is_another_order(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        want_release(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = outside->agents[0].old = true;
        bench_round(&bench);
        agent_answers(&bench, "a-1", outside->agents[0].task, true, "");
        ask_for_health(&bench);
        outside->agents[0].silent = outside->agents[0].old = false;
        bench_rounds(&bench, 2);
        assert_int_equal(outside->agents[0].orders, 2);
        assert_instance(&bench, 1, "ready", "");
}

static void one_whose_agent_does_not_answer_is_abandoned(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = true;
        bench_round(&bench);
        bench_set_ago(&bench, 1, "bootstrap_us", 59000);
        bench_round(&bench);
        assert_int_equal(outside->members[0].abandoned, 0);
        bench_set_ago(&bench, 1, "bootstrap_us", 61000);
        bench_round(&bench);
        assert_instance(&bench, 1, "bootstrap_failed", "no answer of its agent within 60 s");
        assert_int_equal(outside->members[0].abandoned, 1);
        assert_int_equal(outside->agents[0].cancels, 1);
        assert_false(task_board_knows(bench.spec.tasks, outside->agents[0].task, "a-1", NULL));
}

static void one_that_no_hook_holds_is_ready_or_called_unhealthy(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        bench_join(&bench, 2);
        outside->members[0].state = outside->members[1].state = ASG_IN_SERVICE;
        outside->agents[1].fails = true;
        bench_rounds(&bench, 3);
        assert_instance(&bench, 1, "ready", "");
        assert_instance(&bench, 2, "bootstrap_failed", "post_bootstrap exited with code 3");
        assert_int_equal(outside->members[0].unhealthy, 0);
        assert_int_equal(outside->members[1].unhealthy, 1);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(outside->members[i].proceeded + outside->members[i].abandoned, 0);
                assert_int_equal(outside->members[i].heartbeats, 0);
        }
        for (size_t i = 0; i < scripted_http_request_count(bench.server); i++)
                assert_has_not(scripted_http_request(bench.server, i), "LifecycleAction");
}

static void a_hook_that_waits_long_is_kept_waiting(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = true;
        bench_rounds(&bench, 2);
        assert_int_equal(outside->members[0].heartbeats, 1); /* as soon as it has joined */
        bench_set_ago(&bench, 1, "heartbeat_us", 25000);
        bench_rounds(&bench, 2);
        assert_int_equal(outside->members[0].heartbeats, 1);
        bench_set_ago(&bench, 1, "heartbeat_us", 31000); /* half of its time */
        bench_rounds(&bench, 2);
        assert_int_equal(outside->members[0].heartbeats, 2);
}

static void another_release_meanwhile_is_another_order(void **state) {
        CLEANUP(bench_close) GroupBench bench;
        char former[TASK_MAX];

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].silent = true;
        bench_round(&bench);
        snprintf(former, sizeof(former), "%s", outside->agents[0].task);
        want_release(&bench);
        bench_round(&bench);
        assert_int_equal(outside->agents[0].orders, 2);
        assert_string_not_equal(outside->agents[0].task, former);
        assert_false(task_board_knows(bench.spec.tasks, former, "a-1", NULL));
        assert_log_has(&bench, 1, "Something else is wanted meanwhile");

        /* What the former one says does not count any more. */
        agent_answers(&bench, "a-1", former, true, "");
        bench_round(&bench);
        assert_int_equal(outside->members[0].proceeded, 0);
        agent_answers(&bench, "a-1", outside->agents[0].task, true, "");
        bench_round(&bench);
        assert_int_equal(outside->members[0].proceeded, 1);
}

static void an_agent_that_was_away_gets_its_order_later(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        outside->agents[0].away = true;
        bench_rounds(&bench, 2);
        assert_int_equal(outside->agents[0].orders, 0);
        outside->agents[0].away = false;
        task_board_on_agent_connected(bench.spec.tasks, "a-1");
        bench_round(&bench);
        assert_int_equal(outside->agents[0].orders, 1);
        assert_instance(&bench, 1, "ready", "");
}

static void what_aws_refuses_is_tried_again(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        bench_join(&bench, 1);
        bench_join(&bench, 2);
        outside->agents[1].fails = true;
        outside->refuses = true;
        bench_rounds(&bench, 4);
        assert_instance(&bench, 1, "bootstrapping", "");
        assert_instance(&bench, 2, "bootstrap_failed", "post_bootstrap exited with code 3");
        assert_failures(&bench, BREAKER_CLOSED, 1); /* once, not once a round */
        want_release(&bench);                       /* what was decided stands */
        outside->refuses = false;
        bench_rounds(&bench, 2);
        assert_instance(&bench, 1, "ready", "");
        assert_int_equal(outside->members[0].proceeded, 1);
        assert_int_equal(outside->members[1].abandoned, 1);
        assert_failures(&bench, BREAKER_CLOSED, 1);
        assert_int_equal(outside->agents[0].orders, 1);
        assert_int_equal(outside->agents[1].orders, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_bootstraps_is_let_in),
                cmocka_unit_test(one_that_fails_is_abandoned_with_the_reason),
                cmocka_unit_test(one_that_left_a_health_check_out_is_abandoned),
                cmocka_unit_test(a_health_check_wanted_meanwhile_is_another_order),
                cmocka_unit_test(one_whose_agent_does_not_answer_is_abandoned),
                cmocka_unit_test(one_that_no_hook_holds_is_ready_or_called_unhealthy),
                cmocka_unit_test(a_hook_that_waits_long_is_kept_waiting),
                cmocka_unit_test(another_release_meanwhile_is_another_order),
                cmocka_unit_test(an_agent_that_was_away_gets_its_order_later),
                cmocka_unit_test(what_aws_refuses_is_tried_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

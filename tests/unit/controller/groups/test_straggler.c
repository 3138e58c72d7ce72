/* Instances that are not on what is wanted: how often they are tried, and what is known of them afterwards.
 */
#include "group_bench.h"

#include "groups/straggler.h"
#include "store/deviation_store.h"
#include "store/release_store.h"

#define OLD "0000000000000000000000000000000000000000000000000000000000000000"
#define WANTED "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER "2222222222222222222222222222222222222222222222222222222222222222"

static void want(GroupBench *bench, const char *manifest) {
        assert_ok(release_store_set(bench->spec.store, APP_ID, "site", manifest, err));
}

/* One that was away while a job deployed. */
static void open_behind(GroupBench *bench) {
        bench_open(bench);
        bench_join(bench, 1);
        bench_set(
                bench, 1,
                "{'state':'ready','bootstrapped':true,'lifecycle':'continued',"
                "'modules':[{'module':'site','manifest_sha256':'" OLD "'}]}");
        want(bench, WANTED);
}

static bool look(GroupBench *bench) {
        bool found = false;

        assert_ok(stragglers_look(&bench->spec, bench->app, NULL, &found, err));
        return found;
}

static void look_times(GroupBench *bench, int times) {
        for (int i = 0; i < times; i++)
                look(bench);
}

static void look_often(GroupBench *bench) {
        look_times(bench, 20);
}

static Document *listed(GroupBench *bench) {
        Document *list = NULL;

        assert_ok(deviation_store_list(bench->spec.store, &list, err));
        return list;
}

static void after_three_tries_it_is_left_alone_and_named(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_behind(&bench);
        outside->agents[0].cannot_deploy = true;
        assert_true(look(&bench));
        assert_true(look(&bench));
        CLEANUP(document_free) Document *early = listed(&bench);
        assert_int_equal(document_count(early), 0);
        look_often(&bench);
        assert_false(look(&bench));
        assert_int_equal(outside->agents[0].deploys, 3);
        CLEANUP(document_free) Document *instance = bench_instance(&bench, 1);
        assert_string_equal(
                deviation_find(instance, "site", WANTED),
                "tried 3 times without a job, and then left alone: post_deploy exited with code 7");
        CLEANUP(document_free) Document *late = listed(&bench);
        assert_int_equal(document_count(late), 1);
        assert_string_equal(document_get_string(late, "0.instance_id"), "i-1");
        assert_string_equal(document_get_string(late, "0.job_id"), "");
        assert_log_has(&bench, 1, "; it is not tried again");
}

static void another_release_is_tried_anew_and_forgets_the_former(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_behind(&bench);
        outside->agents[0].cannot_deploy = true;
        look_often(&bench);
        want(&bench, OTHER);
        CLEANUP(document_free) Document *none = listed(&bench);
        assert_int_equal(document_count(none), 0); /* that one is not wanted any more */
        outside->agents[0].cannot_deploy = false;
        look(&bench);
        look(&bench);
        assert_int_equal(outside->agents[0].deploys, 4);
        CLEANUP(document_free) Document *instance = bench_instance(&bench, 1);
        assert_int_equal(document_count(document_get(instance, "deviations")), 0);
        assert_log_has(&bench, 1, "Module site: on release 222222222222\n");
}

static void one_whose_agent_does_not_answer_is_named_too(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_behind(&bench);
        outside->agents[0].silent = true;
        for (int i = 0; i < 3; i++) {
                look(&bench);
                CLEANUP(free)
                char *ago = xasprintf(
                        "{'module':'site','wanted':'" WANTED "','task_id':'%s','tries':%d,'since_us':1}",
                        outside->agents[0].task, i + 1);
                CLEANUP(free) char *members = xasprintf("{'straggler':%s}", ago);
                bench_set(&bench, 1, members);
                look(&bench);
        }
        look_often(&bench);
        assert_int_equal(outside->agents[0].deploys, 3);
        assert_int_equal(outside->agents[0].cancels, 3);
        CLEANUP(document_free) Document *late = listed(&bench);
        assert_int_equal(document_count(late), 1);
        assert_string_equal(
                document_get_string(late, "0.why"),
                "tried 3 times without a job, and then left alone: no answer of its agent");
}

/* It has the release; that it is well there, nobody knows. */
static void one_that_left_a_health_check_out_is_named(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_behind(&bench);
        document_free(bench.app);
        bench.app = json_of("{'_id':'" APP_ID "','name':'shop','env':'prod','role':'web',"
                            "'modules':[{'name':'site','path':'/srv/site',"
                            "'health_check':{'type':'tcp','port':80}}]}");
        outside->agents[0].old = true;
        look(&bench);
        look(&bench);
        assert_int_equal(outside->agents[0].deploys, 1);
        CLEANUP(document_free) Document *late = listed(&bench);
        assert_int_equal(document_count(late), 1);
        assert_has(
                document_get_string(late, "0.why"),
                "site: no health check was made: the version of the agent is too old");
        look_often(&bench);
        assert_int_equal(outside->agents[0].deploys, 1);
}

/* ---- in a load balancer ---- */

static void open_serving(GroupBench *bench, bool another) {
        open_behind(bench);
        outside->balanced = true;
        outside->members[0].serving = true;
        outside->members[1].serving = another;
        for (int i = 0; i < MEMBERS; i++)
                outside->members[i].state = ASG_IN_SERVICE;
}

static void assert_back(GroupBench *bench) {
        CLEANUP(document_free) Document *instance = bench_instance(bench, 1);
        const Document *out = document_get(instance, "straggler_out");

        assert_true(!out || document_is_null(out));
        assert_true(outside->members[0].serving);
        assert_false(outside->suspended);
}

static void one_that_serves_is_taken_out_meanwhile(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_serving(&bench, true);
        outside->agents[0].silent = true;
        look(&bench);
        assert_int_equal(outside->agents[0].deploys, 1);
        assert_false(outside->members[0].serving);
        assert_true(outside->members[1].serving);
        assert_true(outside->suspended); /* what is out must not be taken for ill */
        look(&bench);
        assert_false(outside->members[0].serving);
        agent_answers(&bench, "a-1", outside->agents[0].task, true, "");
        look(&bench);
        assert_back(&bench);
        assert_int_equal(outside->disturbed, 0);
        assert_log_has(&bench, 1, "Taking out of tg/web: i-1:80");
        assert_log_has(&bench, 1, "Putting back into tg/web: i-1:80");
}

static void one_that_failed_is_put_back_too(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_serving(&bench, true);
        outside->agents[0].cannot_deploy = true;
        look_often(&bench);
        assert_int_equal(outside->agents[0].deploys, 3);
        assert_int_equal(outside->disturbed, 0);
        assert_back(&bench);
}

static void the_only_one_that_serves_stays(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_serving(&bench, false);
        look(&bench);
        look(&bench);
        assert_int_equal(outside->agents[0].deploys, 1);
        assert_int_equal(outside->disturbed, 1);
        assert_log_has(&bench, 1, "No other instance serves: it stays in its load balancer meanwhile");
        assert_back(&bench);
}

static void where_none_is_wanted_none_is_asked(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        open_serving(&bench, true);
        document_free(bench.app);
        bench.app = json_of("{'_id':'" APP_ID "','name':'shop','env':'prod','role':'web',"
                            "'autoscale':{'name':'web'},'safe-deployment':{'load_balancer_type':'none'},"
                            "'modules':[{'name':'site','path':'/srv/site'}]}");
        look(&bench);
        assert_int_equal(outside->disturbed, 1);
        assert_int_equal(scripted_http_request_count(bench.server), 0);
}

/* It was on its way out when the job began. */
static void a_job_that_begins_comes_first(void **state) {
        CLEANUP(bench_close) GroupBench bench;
        CLEANUP(document_free)
        Document *job = json_of("{'app_id':'" APP_ID "','command':'deploy','status':'started','user':'u'}");

        (void) state;
        open_serving(&bench, true);
        bench_set(
                &bench, 1,
                "{'straggler':{'module':'site','wanted':'" WANTED "','task_id':'t','tries':1,'since_us':1,"
                "'leaving':true},'straggler_out':{}}");
        assert_ok(collection_insert(bench.spec.store, COLLECTION_JOBS, job, NULL, err));
        look_often(&bench);
        assert_int_equal(outside->agents[0].deploys, 0);
        assert_back(&bench);
}

/* What is out is put back, what was held is let go, and none is worked on where it serves. */
static void after_the_controllers_death_anywhere_it_is_put_back(void **state) {
        (void) state;
        for (int at = 1; at < 200; at++) {
                CLEANUP(bench_close) GroupBench bench;

                open_serving(&bench, true);
                bool died = bench_live_for(&bench, look_times, 4, at);
                look_often(&bench);
                assert_true(outside->agents[0].deploys > 0);
                assert_int_equal(outside->disturbed, 0);
                assert_back(&bench);
                if (!died) {
                        assert_true(at > 15);
                        return;
                }
        }
        fail_msg("it never came to its end");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(after_three_tries_it_is_left_alone_and_named),
                cmocka_unit_test(another_release_is_tried_anew_and_forgets_the_former),
                cmocka_unit_test(one_whose_agent_does_not_answer_is_named_too),
                cmocka_unit_test(one_that_left_a_health_check_out_is_named),
                cmocka_unit_test(one_that_serves_is_taken_out_meanwhile),
                cmocka_unit_test(one_that_failed_is_put_back_too),
                cmocka_unit_test(the_only_one_that_serves_stays),
                cmocka_unit_test(where_none_is_wanted_none_is_asked),
                cmocka_unit_test(a_job_that_begins_comes_first),
                cmocka_unit_test(after_the_controllers_death_anywhere_it_is_put_back),
        };
        return cmocka_run_group_tests_name("straggler", tests, NULL, NULL);
}

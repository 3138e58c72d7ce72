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

static void look(GroupBench *bench) {
        assert_ok(stragglers_look(&bench->spec, bench->app, err));
}

static void look_often(GroupBench *bench) {
        for (int i = 0; i < 20; i++)
                look(bench);
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
        look(&bench);
        look(&bench);
        CLEANUP(document_free) Document *early = listed(&bench);
        assert_int_equal(document_count(early), 0);
        look_often(&bench);
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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(after_three_tries_it_is_left_alone_and_named),
                cmocka_unit_test(another_release_is_tried_anew_and_forgets_the_former),
                cmocka_unit_test(one_whose_agent_does_not_answer_is_named_too),
                cmocka_unit_test(one_that_left_a_health_check_out_is_named),
        };
        return cmocka_run_group_tests_name("straggler", tests, NULL, NULL);
}

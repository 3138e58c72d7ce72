/* The thread that looks at the groups of all applications. */
#include "group_bench.h"

enum { WAIT_MS = 20000 };

static void put_app(GroupBench *bench, const char *text) {
        CLEANUP(document_free) Document *app = json_of(text);

        assert_ok(collection_insert(bench->spec.store, COLLECTION_APPS, app, NULL, err));
}

static void wait_state(GroupBench *bench, int number, const char *wanted) {
        Deadline deadline = deadline_after_ms(WAIT_MS);

        for (;;) {
                CLEANUP(document_free) Document *instance = bench_instance(bench, number);
                if (text_equal(document_get_string(instance, "state"), wanted))
                        return;
                if (deadline_passed(deadline))
                        fail_msg("i-%d: %s", number, document_get_string(instance, "state"));
                clock_sleep_ms(5);
        }
}

static void wait_requests(GroupBench *bench, size_t count) {
        Deadline deadline = deadline_after_ms(WAIT_MS);

        while (scripted_http_request_count(bench->server) < count) {
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(5);
        }
}

static char *insert_shop(GroupBench *bench) {
        CLEANUP(document_free)
        Document *app = json_of("{'name':'shop','env':'prod','role':'web','region':'eu-west-1',"
                                "'autoscale':{'name':'web'},'modules':[]}");
        CLEANUP(document_free) Document *stored = NULL;

        assert_ok(collection_insert(bench->spec.store, COLLECTION_APPS, app, &stored, err));
        return xstrdup(document_get_string(stored, "_id"));
}

static void it_serves_a_group_until_it_is_gone(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        CLEANUP(free) char *app_id = insert_shop(&bench);
        bench_join_as(&bench, 1, app_id, JOIN_PURPOSE_GROUP);
        CLEANUP(group_watcher_stop) GroupWatcher *watcher = NULL;
        assert_ok(watcher = group_watcher_start(&bench.spec, err));
        wait_state(&bench, 1, "ready");
        assert_int_equal(outside->members[0].proceeded, 1);

        bench_join_as(&bench, 2, app_id, JOIN_PURPOSE_GROUP); /* it goes on looking */
        wait_state(&bench, 2, "ready");
        bench_make_old(&bench, 1);
        outside->members[0].ended = true;
        outside->no_group = true;
        wait_state(&bench, 1, "gone");
}

/* The first requests, each "REGION names": which groups were asked for, and where. */
static void applications_of_one_place_are_one_call(void **state) {
        CLEANUP(bench_close) GroupBench bench;
        int together = 0, elsewhere = 0;

        (void) state;
        bench_open(&bench);
        put_app(&bench, "{'name':'a','env':'e','role':'r','region':'eu-west-1','autoscale':{'name':'web'}}");
        put_app(&bench, "{'name':'b','env':'e','role':'r','region':'eu-west-1','autoscale':{'name':'api'}}");
        put_app(&bench, "{'name':'c','env':'e','role':'r','region':'us-east-1','autoscale':{'name':'far'}}");
        put_app(&bench, "{'name':'d','env':'e','role':'r','region':'eu-west-3','autoscale':{'name':''}}");
        put_app(&bench, "{'name':'f','env':'e','role':'r','region':'eu-west-1'}");
        CLEANUP(group_watcher_stop) GroupWatcher *watcher = NULL;
        assert_ok(watcher = group_watcher_start(&bench.spec, err));
        wait_requests(&bench, 6);
        for (size_t i = 0; i < 6; i++) {
                const char *request = scripted_http_request(bench.server, i);
                assert_has(request, "Action=DescribeAutoScalingGroups");
                assert_string_equal(sent(request, "AutoScalingGroupNames.member.3"), "");
                if (strstr(request, "/us-east-1/")) {
                        assert_string_equal(sent(request, "AutoScalingGroupNames.member.1"), "far");
                        assert_string_equal(sent(request, "AutoScalingGroupNames.member.2"), "");
                        elsewhere++;
                } else {
                        assert_has(request, "/eu-west-1/");
                        assert_has(request, "=web");
                        assert_has(request, "=api");
                        together++;
                }
        }
        assert_int_equal(together, 3);
        assert_int_equal(elsewhere, 3);
}

static void trouble_with_aws_does_not_end_it(void **state) {
        CLEANUP(bench_close) GroupBench bench;

        (void) state;
        bench_open(&bench);
        CLEANUP(free) char *app_id = insert_shop(&bench);
        bench_join_as(&bench, 1, app_id, JOIN_PURPOSE_GROUP);
        bench_make_old(&bench, 1);
        outside->members[0].ended = true; /* for EC2, which is not to be asked */
        outside->refuses_groups = true;
        CLEANUP(group_watcher_stop) GroupWatcher *watcher = NULL;
        assert_ok(watcher = group_watcher_start(&bench.spec, err));
        wait_requests(&bench, 3);
        assert_instance(&bench, 1, "enrolled", ""); /* a refusal is not an absence */
        outside->refuses_groups = false;
        wait_state(&bench, 1, "ready");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_serves_a_group_until_it_is_gone),
                cmocka_unit_test(applications_of_one_place_are_one_call),
                cmocka_unit_test(trouble_with_aws_does_not_end_it),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Batches out of a real HAProxy and back; EC2, which knows addresses, is played. */
#include "harness/aws_case.h"
#include "harness/real_haproxy.h"
#include "harness/work_case.h"
#include "jobs/steps/haproxy_balancer.h"

#define INSTANCE(id, ip, state)                                                                              \
        "<item><instancesSet><item><instanceId>" id "</instanceId><instanceState><name>" state               \
        "</name></instanceState><privateIpAddress>" ip "</privateIpAddress></item></instancesSet></item>"
#define INSTANCES(items)                                                                                     \
        "<DescribeInstancesResponse><reservationSet>" items "</reservationSet></DescribeInstancesResponse>"

#define HOSTS INSTANCES(INSTANCE("i-ha", "127.0.0.1", "running"))
#define APP                                                                                                  \
        INSTANCES(INSTANCE("i-1", "127.0.9.1", "running") INSTANCE("i-2", "127.0.9.2", "running")            \
                          INSTANCE("i-3", "127.0.9.3", "running"))

static const char two_servers[] = " server a 127.0.9.1:80\n server b 127.0.9.2:80\n"
                                  " server c 127.0.9.3:80 disabled\n";

typedef struct Case {
        RealHaproxy real;
        AwsCase aws;
        WorkCase job;
        HaproxyBalancerSpec spec;
        HaproxyBalancer haproxy;
} Case;

static void case_start(Case *test, const char *servers, ScriptedHttp *cloud) {
        *test = (Case){ .aws = aws_case_start(cloud) };
        real_haproxy_start(&test->real, "admin", servers);
        work_case_start(&test->job, &test->aws.session);
        test->spec = (HaproxyBalancerSpec){ .app_tag = "lb",
                                            .env = "dev",
                                            .backend = "web",
                                            .api = HAPROXY_RUNTIME,
                                            .port = test->real.port,
                                            .drain_ms = 2000,
                                            .in_service_ms = 300,
                                            .answer_ms = 200,
                                            .poll_ms = 20 };
}

static void case_end(Case *test) {
        haproxy_balancer_clear(&test->haproxy);
        work_case_clearp(&test->job);
        aws_case_clearp(&test->aws);
        real_haproxy_stop(&test->real);
}

/* "up drain maint": of a, b, c. */
static char *states(Case *test) {
        CLEANUP(haproxy_servers_clear) HaproxyServers found = { 0 };
        HaproxyPeer peer = real_haproxy_peer(&test->real);
        Text text = { 0 };

        assert_ok(haproxy_list(&peer, "web", &found, err));
        for (size_t i = 0; i < found.count; i++)
                text_appendf(
                        &text, "%s%s", i > 0 ? " " : "",
                        names_word(&haproxy_state_names, (int) found.items[i].state));
        return text_take(&text);
}

static void assert_states(Case *test, const char *expected) {
        CLEANUP(free) char *found = states(test);

        assert_string_equal(found, expected);
}

static void batches_go_out_and_come_back(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = HOSTS }, { 200, .body = APP } };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(text_clear) Text name = { 0 };
        size_t healthy = 0;
        Case test;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        case_start(&test, two_servers, scripted_http_start_table(replies));
        string_list_add(&ids, "i-1");
        string_list_add(&ids, "i-3");
        assert_ok(haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        const DeployBalancer *balancer = &test.haproxy.balancer;
        balancer->describe(balancer->context, &name);
        assert_string_equal(name.data, "backend web of HAProxy 127.0.0.1");
        assert_ok(balancer->check(balancer->context, err));
        assert_ok(balancer->take_out(balancer->context, "site.0", &ids, err));
        assert_states(&test, "drain up maint");
        assert_ok(balancer->take_out(balancer->context, "site.0", &ids, err));
        assert_ok(balancer->put_back(balancer->context, "site.0", &ids, err));
        assert_states(&test, "up up maint"); /* what somebody had put aside stays aside */
        string_list_clear(&ids);
        assert_ok(balancer->count_healthy(balancer->context, &ids, &healthy, err));
        assert_int_equal(healthy, 2);
        case_end(&test);
}

static void a_resumed_job_knows_what_it_took_out(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = HOSTS }, { 200, .body = APP } };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        Case test;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        case_start(&test, two_servers, scripted_http_start_table(replies));
        string_list_add(&ids, "i-1");
        assert_ok(haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        assert_ok(test.haproxy.balancer.take_out(&test.haproxy, "site.0", &ids, err));
        haproxy_balancer_clear(&test.haproxy);

        assert_ok(haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        assert_ok(test.haproxy.balancer.take_out(&test.haproxy, "site.0", &ids, err));
        assert_states(&test, "drain up maint");
        haproxy_balancer_put_back_all(&test.job.work, &test.spec);
        assert_states(&test, "up up maint");
        case_end(&test);
}

static void what_is_out_of_service_stops_the_job(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = HOSTS }, { 200, .body = APP } };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        Deadline deadline = deadline_after_ms(10000);
        Case test;

        (void) state;
        if (access(REAL_HAPROXY, X_OK) != 0)
                skip();
        case_start(
                &test, " server a 127.0.9.1:80\n server b 127.0.9.2:9 check inter 20 fall 1\n",
                scripted_http_start_table(replies));
        assert_ok(haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        for (bool down = false; !down;) {
                CLEANUP(free) char *found = states(&test);
                down = text_equal(found, "up down");
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(10);
        }
        assert_fails(
                ERROR_CONFLICT,
                "Cannot continue because one or more instances are in the out of service state: HAProxy "
                "127.0.0.1 has these down: b (127.0.9.2)",
                test.haproxy.balancer.check(&test.haproxy, err));

        /* One that does not come up again is waited for, and named. */
        CLEANUP(string_list_clear) StringList lines = { 0 };
        string_list_add(&lines, "i-2 127.0.9.2");
        assert_ok(work_remember_list(&test.job.work, "haproxy.out.site.0", &lines, err));
        string_list_add(&ids, "i-2");
        assert_false(test.haproxy.balancer.put_back(&test.haproxy, "site.0", &ids, &failed));
        assert_int_equal(error_kind(failed), ERROR_TIMEOUT);
        assert_non_null(strstr(error_message(failed), "b (down) at 127.0.0.1"));
        case_end(&test);
}

static void without_a_haproxy_nothing_begins(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = INSTANCES("") } };
        Case test = { .aws = AWS_CASE(replies) };

        (void) state;
        work_case_start(&test.job, &test.aws.session);
        test.spec = (HaproxyBalancerSpec){ .app_tag = "lb", .env = "dev", .backend = "web" };
        assert_fails(
                ERROR_NOT_FOUND,
                "Cannot continue because no HAProxy runs: an instance with the tags app:lb, env:dev, "
                "role:loadbalancer is expected (safe-deployment.app_tag_value)",
                haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        haproxy_balancer_clear(&test.haproxy);
        test.spec.backend = "";
        assert_fails(
                ERROR_INVALID, "safe-deployment.ha_backend is needed where load_balancer_type is haproxy",
                haproxy_balancer_open(&test.job.work, &test.spec, &test.haproxy, err));
        haproxy_balancer_clear(&test.haproxy);
        work_case_clearp(&test.job);
        aws_case_clearp(&test.aws);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(batches_go_out_and_come_back),
                cmocka_unit_test(a_resumed_job_knows_what_it_took_out),
                cmocka_unit_test(what_is_out_of_service_stops_the_job),
                cmocka_unit_test(without_a_haproxy_nothing_begins),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

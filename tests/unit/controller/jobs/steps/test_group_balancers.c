/* What a group's balancers say of its instances, classic ones and target groups alike. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "harness/scripted_http.h"
#include "jobs/steps/group_balancers.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        Ec2Work work;
        AutoScalingGroup group;
        StringList ids;
        Text log;
        int drained; /* looks at the targets since they are leaving */
        bool leaving;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        scripted_http_stop(fixture->server);
        aws_free(fixture->aws);
        auto_scaling_group_clear(&fixture->group);
        string_list_clear(&fixture->ids);
        text_clear(&fixture->log);
}

#define TARGET(id, state)                                                                                    \
        "<member><Target><Id>" id "</Id><Port>8080</Port></Target><TargetHealth><State>" state               \
        "</State></TargetHealth></member>"
#define TARGETS(list)                                                                                        \
        "<AnyResponse><DescribeTargetHealthResult><TargetHealthDescriptions>" list                           \
        "</TargetHealthDescriptions></DescribeTargetHealthResult></AnyResponse>"
#define CLASSIC(id, state)                                                                                   \
        "<member><InstanceId>" id "</InstanceId><State>" state "</State><Description>as it is</Description>" \
        "</member>"

static const char *answer_to(Fixture *fixture, const char *request) {
        if (strstr(request, "Action=DescribeTargetHealth&")) {
                if (fixture->leaving && ++fixture->drained > 2)
                        return TARGETS(TARGET("i-1", "healthy"));
                return fixture->leaving ? TARGETS(TARGET("i-1", "healthy") TARGET("i-2", "draining"))
                                        : TARGETS(TARGET("i-1", "healthy") TARGET("i-2", "initial")
                                                          TARGET("i-9", "draining"));
        }
        if (strstr(request, "Action=DeregisterTargets&") ||
            strstr(request, "Action=DeregisterInstancesFromLoadBalancer&"))
                fixture->leaving = true;
        if (strstr(request, "Action=DescribeInstanceHealth&") && fixture->leaving && ++fixture->drained > 2)
                return "<AnyResponse><DescribeInstanceHealthResult><InstanceStates>" CLASSIC(
                        "i-1", "InService") "</InstanceStates></DescribeInstanceHealthResult></AnyResponse>";
        if (strstr(request, "Action=DescribeInstanceHealth&"))
                return "<AnyResponse><DescribeInstanceHealthResult><InstanceStates>" CLASSIC(
                        "i-1", "OutOfService")
                        CLASSIC("i-2",
                                "InService") "</InstanceStates></DescribeInstanceHealthResult></AnyResponse>";
        if (strstr(request, "Action=DescribeTargetGroupAttributes&"))
                return "<AnyResponse><DescribeTargetGroupAttributesResult><Attributes><member><Key>"
                       "deregistration_delay.timeout_seconds</Key><Value>7</Value></member></Attributes>"
                       "</DescribeTargetGroupAttributesResult></AnyResponse>";
        if (strstr(request, "Action=DescribeLoadBalancerAttributes&"))
                return "<AnyResponse><DescribeLoadBalancerAttributesResult><LoadBalancerAttributes><"
                       "ConnectionDraining>"
                       "<Enabled>true</Enabled><Timeout>7</Timeout></ConnectionDraining>"
                       "</LoadBalancerAttributes></DescribeLoadBalancerAttributesResult></AnyResponse>";
        return "<AnyResponse/>";
}

static ScriptedReply handle(void *context, const char *request) {
        return (ScriptedReply){ .status = 200, .body = answer_to(context, request) };
}

static void log_line(void *context, const char *line) {
        Fixture *fixture = context;

        text_appendf(&fixture->log, "%s\n", line);
}

static void start(Fixture *fixture, bool target_group, bool classic) {
        fixture->server = scripted_http_start_handler(handle, fixture);
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(fixture->server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .environment = environment };

        assert_ok(fixture->aws = aws_new(&options, err));
        fixture->session = (AwsSession){ .aws = fixture->aws, .deadline = deadline_after_ms(20000) };
        fixture->work = (Ec2Work){ .context = fixture, .session = &fixture->session, .log = log_line };
        if (target_group)
                string_list_add(&fixture->group.target_group_arns, "arn:aws:x:targetgroup/web/1");
        if (classic)
                string_list_add(&fixture->group.load_balancers, "old");
        string_list_add(&fixture->ids, "i-2");
}

static size_t requests_with(const Fixture *fixture, const char *part) {
        size_t count = 0;

        for (size_t i = 0; i < scripted_http_request_count(fixture->server); i++)
                count += strstr(scripted_http_request(fixture->server, i), part) != NULL;
        return count;
}

static void what_is_not_in_service_is_named(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(text_clear) Text bad = { 0 };

        (void) state;
        start(&fixture, true, true);
        assert_ok(group_balancers_find_bad(&fixture.work, &fixture.group, &bad, err));
        assert_string_equal(
                bad.data, "i-2 is initial in targetgroup/web/1; i-1 is OutOfService in old (as it is)");
}

static void only_the_instances_asked_for_are_waited_for(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(text_clear) Text waiting = { 0 };

        (void) state;
        start(&fixture, true, true);
        string_list_add(&fixture.ids, "i-3");
        assert_ok(group_balancers_find_waiting(&fixture.work, &fixture.group, &fixture.ids, &waiting, err));
        assert_string_equal(
                waiting.data, "i-2 is initial in targetgroup/web/1; i-3 is not registered in "
                              "targetgroup/web/1; i-3 is not registered in old");
}

static void the_slowest_draining_counts(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        int64_t draining_ms = 0;

        (void) state;
        start(&fixture, true, true);
        assert_ok(group_balancers_draining_ms(&fixture.work, &fixture.group, &draining_ms, err));
        assert_int_equal(draining_ms, 7000);
}

static void draining_ends_as_soon_as_the_targets_are_gone(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        Deadline soon = deadline_after_ms(5000);

        (void) state;
        start(&fixture, true, false);
        assert_ok(group_balancers_drain(&fixture.work, &fixture.group, &fixture.ids, err));
        assert_false(deadline_passed(soon)); /* the delay is 7 s */
        assert_int_equal(requests_with(&fixture, "Targets.member.1.Id=i-2&Targets.member.1.Port=8080"), 1);
        assert_int_equal(fixture.drained, 3);
}

static void a_classic_balancer_is_asked_too(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        Deadline soon = deadline_after_ms(5000);

        (void) state;
        start(&fixture, false, true);
        assert_ok(group_balancers_drain(&fixture.work, &fixture.group, &fixture.ids, err));
        assert_false(deadline_passed(soon)); /* the draining time is 7 s */
        assert_int_equal(fixture.drained, 3);
        assert_int_equal(requests_with(&fixture, "Action=DeregisterInstancesFromLoadBalancer"), 1);
}

static void instances_that_are_nowhere_cost_nothing(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(string_list_clear) StringList others = { 0 };

        (void) state;
        start(&fixture, true, true);
        string_list_add(&others, "i-7");
        assert_ok(group_balancers_drain(&fixture.work, &fixture.group, &others, err));
        assert_int_equal(requests_with(&fixture, "Action=Deregister"), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_not_in_service_is_named),
                cmocka_unit_test(only_the_instances_asked_for_are_waited_for),
                cmocka_unit_test(the_slowest_draining_counts),
                cmocka_unit_test(draining_ends_as_soon_as_the_targets_are_gone),
                cmocka_unit_test(a_classic_balancer_is_asked_too),
                cmocka_unit_test(instances_that_are_nowhere_cost_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

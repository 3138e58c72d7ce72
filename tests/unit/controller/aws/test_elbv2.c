/* Application load balancers: what is sent is what botocore sends, what is answered is understood. */
#include "harness/golden_request.h"

#include "aws/elbv2.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
}

static Fixture start(ScriptedHttp *server) {
        Fixture fixture = { .server = server };
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .environment = environment };

        assert_ok(fixture.aws = aws_new(&options, err));
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

/* In the order they are sent below. */
static const struct {
        const char *operation;
        size_t not_sent;
} operations[] = {
        { "CreateTargetGroup", 4 },
        { "RegisterTargets", 0 },
        { "DeregisterTargets", 0 },
        { "DescribeTargetHealth", 1 },
        { "DescribeTargetGroupAttributes", 0 },
        { "ModifyTargetGroupAttributes", 0 },
        { "DescribeTargetGroups", 2 },
        { "DeleteTargetGroup", 0 },
        { "DescribeRules", 0 },
        { "ModifyListener", 0 },
        { "ModifyRule", 0 },
        { "DescribeListeners", 2 },
        { "DescribeLoadBalancers", 3 },
};

static void change_targets(AwsSession *session) {
        static const char *const tags[] = { "k", "v", NULL };
        static const TargetGroupSpec spec = { "n", "HTTP", "v", 80, "/", "200-299", 10, 5, 2, 2, tags };
        static const Target targets[] = { { "i-1", 80 }, { "i-2", 0 } }, one = { "i-1", 0 };
        CLEANUP(target_healths_clear) TargetHealths healths = { 0 };
        CLEANUP(free) char *arn = NULL;
        CLEANUP(free) char *delay = NULL;
        static const char key[] = "deregistration_delay.timeout_seconds";

        assert_ok(elbv2_create_target_group(session, &spec, &arn, err));
        assert_ok(elbv2_register_targets(session, "t", targets, 2, err));
        assert_ok(elbv2_deregister_targets(session, "t", &one, 1, err));
        assert_ok(elbv2_describe_target_health(session, "t", &one, 1, &healths, err));
        assert_ok(elbv2_get_target_group_attribute(session, "t", key, &delay, err));
        assert_string_equal(delay, "");
        assert_ok(elbv2_set_target_group_attribute(session, "t", key, "30", err));
}

static void change_listeners(AwsSession *session) {
        static const Forward forward = { "t", 1 };
        CLEANUP(listeners_clear) Listeners listeners = { 0 };

        assert_ok(elbv2_describe_rules(session, "l", &listeners, err));
        assert_ok(elbv2_forward_listener(session, "l", &forward, 1, err));
        assert_ok(elbv2_forward_rule(session, "r", &forward, 1, err));
        assert_ok(elbv2_describe_listeners(session, "l", &listeners, err));
}

static void requests_are_botocores(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(target_groups_clear) TargetGroups groups = { 0 };
        CLEANUP(load_balancers_clear) LoadBalancers balancers = { 0 };
        CLEANUP(string_list_clear) StringList arns = { 0 };
        CLEANUP(string_list_clear) StringList balancer_arns = { 0 };
        json_t *golden = golden_requests();

        (void) state;
        if (!golden)
                skip();
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        AwsSession *session = &fixture.session;
        string_list_add(&arns, "t");
        string_list_add(&balancer_arns, "l");
        change_targets(session);
        assert_ok(elbv2_describe_target_groups(session, &arns, &groups, err));
        assert_ok(elbv2_delete_target_group(session, "t", err));
        change_listeners(session);
        assert_ok(elbv2_describe_load_balancers(session, &balancer_arns, &balancers, err));
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
                assert_golden(
                        fixture.server, i, golden, "elbv2", operations[i].operation, operations[i].not_sent);
        json_decref(golden);
}

static void weights_are_sent_where_there_are_several(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        static const Forward forwards[] = { { "blue", 90 }, { "green", 10 } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(elbv2_forward_listener(&fixture.session, "l", forwards, 2, err));
        const char *sent = scripted_http_request(fixture.server, 0);
        assert_has(sent, "DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn=blue");
        assert_has(sent, "DefaultActions.member.1.ForwardConfig.TargetGroups.member.2.Weight=10");
        assert_has_not(sent, "DefaultActions.member.1.TargetGroupArn");
}

static void health_is_read(void **state) {
#define TARGET(id, state)                                                                                    \
        "<member><Target><Id>" id "</Id><Port>80</Port></Target><TargetHealth><State>" state                 \
        "</State><Reason>why</Reason></TargetHealth></member>"
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><DescribeTargetHealthResult><TargetHealthDescriptions>" TARGET(
                               "i-1", "healthy") TARGET("i-2", "unhealthy.draining")
                               TARGET("i-3", "dreaming") "</TargetHealthDescriptions></"
                                                         "DescribeTargetHealthResult></AnyResponse>" },
        };
        static const TargetState expected[] = { TARGET_HEALTHY, TARGET_DRAINING, TARGET_STATE_OTHER };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(target_healths_clear) TargetHealths healths = { 0 };

        (void) state;
        assert_ok(elbv2_describe_target_health(&fixture.session, "t", NULL, 0, &healths, err));
        assert_int_equal(healths.count, 3);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(healths.items[i].state, expected[i]);
        assert_int_equal(healths.items[0].port, 80);
        assert_string_equal(healths.items[1].reason, "why");
}

static void groups_listeners_and_attributes_are_read(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<AnyResponse><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>t"
                          "</TargetGroupArn><Port>8080</Port><LoadBalancerArns><member>l</member>"
                          "</LoadBalancerArns></member></TargetGroups></DescribeTargetGroupsResult></"
                          "AnyResponse>" },
                { 200,
                  .body = "<AnyResponse><DescribeListenersResult><Listeners><member><ListenerArn>x</"
                          "ListenerArn><Port>80"
                          "</Port><DefaultActions><member><TargetGroupArn>t</TargetGroupArn><ForwardConfig>"
                          "<TargetGroups><member><TargetGroupArn>t</TargetGroupArn></member><member>"
                          "<TargetGroupArn>u</TargetGroupArn></member></TargetGroups></ForwardConfig></"
                          "member>"
                          "</DefaultActions></member></Listeners></DescribeListenersResult></AnyResponse>" },
                { 200, .body = "<AnyResponse><DescribeTargetGroupAttributesResult><Attributes><member><Key>a<"
                               "/Key><Value>1"
                               "</Value></member><member><Key>b</Key><Value>2</Value></member></Attributes>"
                               "</DescribeTargetGroupAttributesResult></AnyResponse>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(target_groups_clear) TargetGroups groups = { 0 };
        CLEANUP(listeners_clear) Listeners listeners = { 0 };
        CLEANUP(free) char *value = NULL;

        (void) state;
        assert_ok(elbv2_find_target_group(&fixture.session, "n", &groups, err));
        assert_int_equal(groups.items[0].port, 8080);
        assert_string_equal(groups.items[0].load_balancer_arns.items[0], "l");
        assert_ok(elbv2_describe_listeners(&fixture.session, "l", &listeners, err));
        assert_int_equal(listeners.items[0].target_group_arns.count, 2);
        assert_ok(elbv2_get_target_group_attribute(&fixture.session, "t", "b", &value, err));
        assert_string_equal(value, "2");
}

static void nothing_of_everybodys_is_asked_for(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        TargetGroups groups = { 0 };
        LoadBalancers balancers = { 0 };
        const StringList none = { 0 };
        AwsSession *session = &fixture.session;

        (void) state;
        assert_fails(
                ERROR_INVALID, "DescribeTargetGroups: no ARN would be everybody's",
                elbv2_describe_target_groups(session, &none, &groups, err));
        assert_fails(
                ERROR_INVALID, "DescribeTargetGroups: no ARN would be everybody's",
                elbv2_describe_target_groups_of(session, "", &groups, err));
        assert_fails(
                ERROR_INVALID, "DescribeTargetGroups: no name would be everybody's",
                elbv2_find_target_group(session, "", &groups, err));
        assert_fails(
                ERROR_INVALID, "DescribeLoadBalancers: no ARN would be everybody's",
                elbv2_describe_load_balancers(session, &none, &balancers, err));
        assert_ok(elbv2_register_targets(session, "t", NULL, 0, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_are_botocores),
                cmocka_unit_test(weights_are_sent_where_there_are_several),
                cmocka_unit_test(health_is_read),
                cmocka_unit_test(groups_listeners_and_attributes_are_read),
                cmocka_unit_test(nothing_of_everybodys_is_asked_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Classic load balancers: what is sent is what botocore sends, what is answered is understood. */
#include "harness/golden_request.h"

#include "aws/elb.h"

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
        { "CreateLoadBalancer", 0 },
        { "RegisterInstancesWithLoadBalancer", 0 },
        { "DeregisterInstancesFromLoadBalancer", 0 },
        { "DescribeInstanceHealth", 0 },
        { "ConfigureHealthCheck", 0 },
        { "DescribeLoadBalancerAttributes", 0 },
        { "ModifyLoadBalancerAttributes", 5 },
        { "DescribeLoadBalancers", 2 },
        { "DeleteLoadBalancer", 0 },
};

static void create(AwsSession *session) {
        static const char *const tags[] = { "k", "v", NULL };
        static const ElbListener listener = { "HTTPS", "HTTP", "c", 443, 80 };
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        CLEANUP(string_list_clear) StringList groups = { 0 };
        CLEANUP(free) char *dns_name = NULL;

        string_list_add(&subnets, "s");
        string_list_add(&groups, "g");
        const ElbSpec spec = { "n", "internal", &listener, 1, &subnets, &groups, tags };
        assert_ok(elb_create_load_balancer(session, &spec, &dns_name, err));
}

static void requests_are_botocores(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        static const ElbHealthCheck check = { "HTTP:80/", 5, 2, 2, 2 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(string_list_clear) StringList names = { 0 };
        CLEANUP(elb_health_clear) ElbHealth health = { 0 };
        CLEANUP(elb_load_balancers_clear) ElbLoadBalancers balancers = { 0 };
        json_t *golden = golden_requests();
        int64_t seconds;

        (void) state;
        if (!golden)
                skip();
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        AwsSession *session = &fixture.session;
        string_list_add(&ids, "i");
        string_list_add(&names, "n");
        create(session);
        assert_ok(elb_register_instances(session, "n", &ids, err));
        assert_ok(elb_deregister_instances(session, "n", &ids, err));
        assert_ok(elb_describe_instance_health(session, "n", &ids, &health, err));
        assert_ok(elb_configure_health_check(session, "n", &check, err));
        assert_ok(elb_get_draining(session, "n", &seconds, err));
        assert_ok(elb_set_draining(session, "n", 30, err));
        assert_ok(elb_describe_load_balancers(session, &names, &balancers, err));
        assert_ok(elb_delete_load_balancer(session, "n", err));
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
                assert_golden(
                        fixture.server, i, golden, "elb", operations[i].operation, operations[i].not_sent);
        json_decref(golden);
}

static void a_load_balancer_is_read(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<AnyResponse><DescribeLoadBalancersResult><LoadBalancerDescriptions><member>"
                          "<LoadBalancerName>n</LoadBalancerName><DNSName>n.example</DNSName><Instances>"
                          "<member><InstanceId>i-1</InstanceId></member><member><InstanceId>i-2</InstanceId>"
                          "</member></Instances><HealthCheck><Target>HTTP:80/</Target><Interval>5</Interval>"
                          "</HealthCheck></member></LoadBalancerDescriptions><NextMarker>m</NextMarker>"
                          "</DescribeLoadBalancersResult></AnyResponse>" },
                { 200, .body = "<AnyResponse><DescribeLoadBalancersResult/></AnyResponse>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(elb_load_balancers_clear) ElbLoadBalancers balancers = { 0 };
        CLEANUP(string_list_clear) StringList names = { 0 };

        (void) state;
        assert_fails(
                ERROR_INVALID, "DescribeLoadBalancers: no name would be everybody's",
                elb_describe_load_balancers(&fixture.session, &names, &balancers, err));
        string_list_add(&names, "n");
        assert_ok(elb_describe_load_balancers(&fixture.session, &names, &balancers, err));
        assert_int_equal(balancers.count, 1);
        assert_string_equal(balancers.items[0].dns_name, "n.example");
        assert_int_equal(balancers.items[0].instance_ids.count, 2);
        assert_int_equal(balancers.items[0].health_interval_s, 5);
        assert_has(scripted_http_request(fixture.server, 1), "Marker=m");
}

static void draining_that_is_off_is_no_time(void **state) {
#define DRAINING(enabled)                                                                                    \
        "<AnyResponse><DescribeLoadBalancerAttributesResult><LoadBalancerAttributes><ConnectionDraining><"   \
        "Enabled>" enabled "</Enabled><Timeout>300</Timeout></ConnectionDraining></LoadBalancerAttributes>"  \
        "</DescribeLoadBalancerAttributesResult></AnyResponse>"
        static const ScriptedReply replies[] = { { 200, .body = DRAINING("true") },
                                                 { 200, .body = DRAINING("false") },
                                                 { 200, .body = "<AnyResponse/>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        int64_t on = 0, off = -1;

        (void) state;
        assert_ok(elb_get_draining(&fixture.session, "n", &on, err));
        assert_ok(elb_get_draining(&fixture.session, "n", &off, err));
        assert_int_equal(on, 300);
        assert_int_equal(off, 0);
        assert_ok(elb_set_draining(&fixture.session, "n", 0, err));
        assert_has(scripted_http_request(fixture.server, 2), "ConnectionDraining.Enabled=false");
        assert_has_not(scripted_http_request(fixture.server, 2), "Timeout");
}

static void health_says_whose_fault_it_is(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<AnyResponse><DescribeInstanceHealthResult><InstanceStates><member><InstanceId>i</"
                          "InstanceId>"
                          "<State>OutOfService</State><ReasonCode>Instance</ReasonCode><Description>down"
                          "</Description></member></InstanceStates></DescribeInstanceHealthResult></"
                          "AnyResponse>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(elb_health_clear) ElbHealth health = { 0 };
        const StringList all = { 0 };

        (void) state;
        assert_ok(elb_describe_instance_health(&fixture.session, "n", &all, &health, err));
        assert_int_equal(health.count, 1);
        assert_string_equal(health.items[0].state, "OutOfService");
        assert_string_equal(health.items[0].reason, "Instance");
}

static void no_instance_is_no_call(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        const StringList none = { 0 };

        (void) state;
        assert_ok(elb_register_instances(&fixture.session, "n", &none, err));
        assert_ok(elb_deregister_instances(&fixture.session, "n", &none, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(requests_are_botocores),
                cmocka_unit_test(a_load_balancer_is_read),
                cmocka_unit_test(draining_that_is_off_is_no_time),
                cmocka_unit_test(health_says_whose_fault_it_is),
                cmocka_unit_test(no_instance_is_no_call),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

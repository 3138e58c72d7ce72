/* Target groups that no load balancer uses, as they stood when the job began. */
#include "harness/ghost_test.h"

#include <string.h>

#include "harness/scripted_http.h"
#include "harness/work_case.h"
#include "jobs/steps/group_balancers.h"
#include "jobs/steps/unused_groups.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

static const char idle[] = "arn:aws:x:targetgroup/idle/1", web[] = "arn:aws:x:targetgroup/web/2";

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        AutoScalingGroup group;
        WorkCase test;
        bool listener_gone; /* of web */
        bool fails;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        scripted_http_stop(fixture->server);
        aws_free(fixture->aws);
        work_case_clearp(&fixture->test);
        auto_scaling_group_clear(&fixture->group);
}

#define GROUP(users)                                                                                         \
        "<AnyResponse><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>t"                   \
        "</TargetGroupArn><LoadBalancerArns>" users                                                          \
        "</LoadBalancerArns></member></TargetGroups></DescribeTargetGroupsResult></AnyResponse>"
#define TARGET(id, state)                                                                                    \
        "<member><Target><Id>" id "</Id><Port>80</Port></Target><TargetHealth>" state                        \
        "</TargetHealth></member>"
#define TARGETS(list)                                                                                        \
        "<AnyResponse><DescribeTargetHealthResult><TargetHealthDescriptions>" list                           \
        "</TargetHealthDescriptions></DescribeTargetHealthResult></AnyResponse>"
#define NOT_IN_USE "<State>unused</State><Reason>Target.NotInUse</Reason>"

/* i-2 is in a zone that the load balancer of web does not serve. */
static ScriptedReply handle(void *context, const char *request) {
        const Fixture *fixture = context;
        bool of_idle = strstr(request, "idle") != NULL;

        if (strstr(request, "Action=DescribeTargetGroups&") && fixture->fails)
                return (ScriptedReply){ .status = 403,
                                        .body = "<ErrorResponse><Error><Code>AccessDenied</Code>"
                                                "<Message>no</Message></Error></ErrorResponse>" };
        if (strstr(request, "Action=DescribeTargetGroups&"))
                return (ScriptedReply){ .status = 200,
                                        .body = of_idle || fixture->listener_gone
                                                        ? GROUP("")
                                                        : GROUP("<member>l</member>") };
        return (ScriptedReply){ .status = 200,
                                .body = of_idle || fixture->listener_gone
                                                ? TARGETS(TARGET("i-1", NOT_IN_USE))
                                                : TARGETS(TARGET("i-1", "<State>healthy</State>")
                                                                  TARGET("i-2", NOT_IN_USE)) };
}

static void start(Fixture *fixture, const char *target_group) {
        fixture->server = scripted_http_start_handler(handle, fixture);
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(fixture->server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .environment = environment };

        assert_ok(fixture->aws = aws_new(&options, err));
        fixture->session = (AwsSession){ .aws = fixture->aws, .deadline = deadline_after_ms(20000) };
        work_case_start(&fixture->test, &fixture->session);
        string_list_add(&fixture->group.target_group_arns, target_group);
}

static void look_at(Fixture *fixture, const char *id, const char *expected) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(text_clear) Text waiting = { 0 };

        string_list_add(&ids, id);
        assert_ok(group_balancers_find_waiting(&fixture->test.work, &fixture->group, &ids, &waiting, err));
        assert_string_equal(waiting.data ? waiting.data : "", expected);
}

static size_t asked(const Fixture *fixture) {
        size_t count = 0;

        for (size_t i = 0; i < scripted_http_request_count(fixture->server); i++)
                count += strstr(scripted_http_request(fixture->server, i), "DescribeTargetGroups&") != NULL;
        return count;
}

static void nothing_is_waited_for_where_nobody_is_served(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        start(&fixture, idle);
        assert_ok(group_balancers_check(&fixture.test.work, &fixture.group, err));
        for (int i = 0; i < 3; i++)
                look_at(&fixture, "i-1", "");
        assert_int_equal(asked(&fixture), 1);
}

static void one_in_a_zone_that_is_not_served_is_not_in_service(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        start(&fixture, web);
        look_at(&fixture, "i-1", "");
        assert_int_equal(asked(&fixture), 0);
        look_at(&fixture, "i-2", "i-2 is unused in targetgroup/web/2 (Target.NotInUse)");
}

static void one_whose_listener_goes_is_not_in_service_any_more(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        start(&fixture, web);
        assert_ok(unused_groups_settle(&fixture.test.work, err));
        fixture.listener_gone = true;
        look_at(&fixture, "i-1", "i-1 is unused in targetgroup/web/2 (Target.NotInUse)");
        assert_int_equal(asked(&fixture), 0);
}

static void what_cannot_be_asked_fails(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        start(&fixture, idle);
        fixture.fails = true;
        assert_false(group_balancers_check(&fixture.test.work, &fixture.group, &error));
        assert_non_null(strstr(error_message(error), "DescribeTargetGroups: AccessDenied: no"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nothing_is_waited_for_where_nobody_is_served),
                cmocka_unit_test(one_in_a_zone_that_is_not_served_is_not_in_service),
                cmocka_unit_test(one_whose_listener_goes_is_not_in_service_any_more),
                cmocka_unit_test(what_cannot_be_asked_fails),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

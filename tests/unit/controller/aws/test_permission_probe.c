/* What is asked about rights, how the answers are understood, and the clock. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/permission_probe.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        int told; /* attempts that were told of */
        char *result;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
        free(fixture->result);
}

static void on_call(void *context, const AwsAttempt *attempt) {
        Fixture *fixture = context;

        fixture->told++;
        free(fixture->result);
        fixture->result = xasprintf("%s %s %s", attempt->service, attempt->action, attempt->result);
        assert_true(attempt->duration_ms >= 0);
}

static void start(Fixture *fixture, ScriptedHttp *server) {
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .called = on_call,
                               .context = fixture,
                               .environment = environment };

        fixture->server = server;
        assert_ok((fixture->aws = aws_new(&options, err)) != NULL);
        fixture->session = (AwsSession){ .aws = fixture->aws, .deadline = deadline_after_ms(20000) };
}

#define EC2_ERROR(code)                                                                                      \
        "<Response><Errors><Error><Code>" code "</Code><Message>so it is</Message></Error></Errors>"         \
        "<RequestID>req-1</RequestID></Response>"

static size_t index_of(const char *name) {
        size_t i = 0;

        while (permission_probe_name(i) && strcmp(permission_probe_name(i), name) != 0)
                i++;
        assert_non_null(permission_probe_name(i));
        return i;
}

static void a_dry_run_that_would_have_worked_is_a_right(void **state) {
        static const ScriptedReply replies[] = { { 412, .body = EC2_ERROR("DryRunOperation") } };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(free) char *why = NULL;
        bool allowed = false;

        (void) state;
        start(&fixture, scripted_http_start_table(replies));
        assert_ok(permission_probe(
                &fixture.session, index_of("ec2:CreateLaunchTemplate"), &allowed, &why, err));
        assert_true(allowed);
        assert_null(why);
        const char *sent = scripted_http_request(fixture.server, 0);
        assert_non_null(strstr(sent, "Action=CreateLaunchTemplate&"));
        assert_non_null(strstr(sent, "&DryRun=true"));
        assert_non_null(strstr(sent, "Tag.1.Key=ghost%3Amanaged"));
        assert_int_equal(scripted_http_request_count(fixture.server), 1);
}

static void a_refusal_says_why(void **state) {
        static const ScriptedReply replies[] = { { 403, .body = EC2_ERROR("UnauthorizedOperation") } };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(free) char *why = NULL;
        bool allowed = true;

        (void) state;
        start(&fixture, scripted_http_start_table(replies));
        assert_ok(permission_probe(&fixture.session, index_of("ec2:DescribeVpcs"), &allowed, &why, err));
        assert_false(allowed);
        assert_string_equal(why, "DescribeVpcs: UnauthorizedOperation: so it is (request req-1)");
        assert_int_equal(fixture.told, 1);
        assert_string_equal(fixture.result, "ec2 DescribeVpcs permission");
}

static void what_fails_otherwise_is_neither(void **state) {
        static const ScriptedReply replies[] = { { 400, .body = EC2_ERROR("InvalidParameterValue") } };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(free) char *why = NULL;
        bool allowed = true;

        (void) state;
        start(&fixture, scripted_http_start_table(replies));
        assert_fails(
                ERROR_INVALID, "DescribeVpcs: InvalidParameterValue: so it is (request req-1)",
                permission_probe(&fixture.session, index_of("ec2:DescribeVpcs"), &allowed, &why, err));
}

static void each_attempt_is_told_of(void **state) {
        static const ScriptedReply replies[] = {
                { 503, .body = EC2_ERROR("RequestLimitExceeded") },
                { 200, .body = "<DescribeAutoScalingGroupsResponse/>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(free) char *why = NULL;
        bool allowed = false;

        (void) state;
        start(&fixture, scripted_http_start_table(replies));
        assert_ok(permission_probe(
                &fixture.session, index_of("autoscaling:DescribeAutoScalingGroups"), &allowed, &why, err));
        assert_true(allowed);
        assert_int_equal(fixture.told, 2);
        assert_string_equal(fixture.result, "autoscaling DescribeAutoScalingGroups ok");
        assert_null(strstr(scripted_http_request(fixture.server, 0), "DryRun"));
}

static void the_clock_of_the_other_end_is_read(void **state) {
        CLEANUP(free) char *theirs = clock_format_http(clock_now_us() + INT64_C(600) * 1000000);
        CLEANUP(free) char *header = xasprintf("Date: %s\r\n", theirs);
        const ScriptedReply replies[] = { { 404, .headers = header, .body = "who are you" } };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        int64_t offset_us = 0;

        (void) state;
        start(&fixture, scripted_http_start_table(replies));
        assert_ok(aws_clock_offset(&fixture.session, &offset_us, err));
        assert_in_range(offset_us / 1000000, 597, 603);
        assert_null(strstr(scripted_http_request(fixture.server, 0), "Authorization"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_dry_run_that_would_have_worked_is_a_right),
                cmocka_unit_test(a_refusal_says_why),
                cmocka_unit_test(what_fails_otherwise_is_neither),
                cmocka_unit_test(each_attempt_is_told_of),
                cmocka_unit_test(the_clock_of_the_other_end_is_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

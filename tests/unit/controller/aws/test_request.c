/* What is sent, and what is done about each kind of failure, against a server that fails on purpose. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2.h"
#include "aws/request.h"
#include "aws/sts.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"

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
        CLEANUP(error_free) Error *error = NULL;
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .retry_base_ms = 2,
                               .environment = environment };

        fixture.aws = aws_new(&options, &error);
        assert_non_null(fixture.aws);
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

#define IDENTITY                                                                                             \
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"                    \
        "<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ghost</Arn><UserId>U</UserId>"         \
        "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define EC2_ERROR(code, text)                                                                                \
        "<Response><Errors><Error><Code>" code "</Code><Message>" text                                       \
        "</Message></Error></Errors><RequestID>req-1</RequestID></Response>"
#define LAUNCHED                                                                                             \
        "<RunInstancesResponse><instancesSet><item><instanceId>i-1</instanceId><instanceState><code>0</"     \
        "code>"                                                                                              \
        "<name>pending</name></instanceState></item></instancesSet></RunInstancesResponse>"

static void check_identity(Fixture *fixture) {
        CLEANUP(caller_identity_clear) CallerIdentity identity = { 0 };

        assert_ok(sts_get_caller_identity(&fixture->session, &identity, err));
        assert_string_equal(identity.account, "123456789012");
        assert_int_equal(fixture->session.failure.class, AWS_ERROR_NONE);
}

static void check_failure(Fixture *fixture, ErrorKind kind, const char *message) {
        CLEANUP(caller_identity_clear) CallerIdentity identity = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        assert_false(sts_get_caller_identity(&fixture->session, &identity, &error));
        assert_string_equal(error_message(error), message);
        assert_int_equal(error_kind(error), kind);
}

static void a_call_is_a_signed_form(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = IDENTITY } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture);
        const char *sent = scripted_http_request(fixture.server, 0);
        assert_true(text_starts_with(sent, "POST / HTTP/1.1\r\n"));
        assert_non_null(
                strstr(sent, "\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"));
        assert_non_null(
                strstr(sent, "/eu-west-1/sts/aws4_request, SignedHeaders=content-type;host;x-amz-date, "));
        assert_true(text_ends_with(sent, "\r\n\r\nAction=GetCallerIdentity&Version=2011-06-15"));
}

static void throttled_and_transient_failures_are_sent_again(void **state) {
        static const ScriptedReply replies[] = {
                { 503, .body = EC2_ERROR("RequestLimitExceeded", "slow down") },
                { 500, .body = "<html><body>Internal Server Error</body></html>" },
                { 0, NULL },
                { 200, .body = IDENTITY, .cut_after = 40 },
                { 200, .body = "garbage" },
                { 200, .body = IDENTITY },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture);
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
}

static void attempts_come_to_an_end(void **state) {
        static const ScriptedReply replies[] = { { 503, .body = "<html/>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_failure(
                &fixture, ERROR_UNAVAILABLE,
                "after 8 attempts: GetCallerIdentity: HTTP status 503 without an AWS error (request "
                "unknown)");
        assert_int_equal(scripted_http_request_count(fixture.server), 8);
}

typedef struct Trouble {
        int ec2, sts; /* requests that came */
} Trouble;

/* EC2 of one region is away for good; STS says once in two calls that it is. */
static ScriptedReply answer_in_trouble(void *context, const char *request) {
        Trouble *trouble = context;

        if (!strstr(request, "/ec2/aws4_request"))
                return trouble->sts++ % 2 ? (ScriptedReply){ 200, .body = IDENTITY }
                                          : (ScriptedReply){ 503, .body = "" };
        trouble->ec2++;
        return (ScriptedReply){ 503, .body = "" };
}

/* Returns how often the call was sent. */
static int launch_in_vain(Fixture *fixture, Trouble *trouble) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        int before = trouble->ec2;

        assert_false(ec2_run_instance(
                &fixture->session, &(Ec2RunSpec){ .image_id = "ami-1", .client_token = "t" }, &instance,
                &error));
        assert_int_equal(fixture->session.failure.class, AWS_ERROR_TRANSIENT);
        return trouble->ec2 - before;
}

static void a_service_in_trouble_takes_no_retries_of_others(void **state) {
        Trouble trouble = { 0 };
        CLEANUP(fixture_clear)
        Fixture fixture = start(scripted_http_start_handler(answer_in_trouble, &trouble));
        int calls = 0;

        (void) state;
        while (launch_in_vain(&fixture, &trouble) > 1) /* until its retries are used up */
                assert_true(++calls < 50);
        check_identity(&fixture);
        assert_int_equal(trouble.sts, 2);
        fixture.session.region = "eu-central-1";
        assert_int_equal(launch_in_vain(&fixture, &trouble), 8);
}

static void an_answer_that_is_none_of_aws_is_asked_for_again(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<html><body>Welcome to the proxy</body></html>" },
                { 200, .body = "<Surprise/>" },
                { 200, .body = EC2_ERROR("InternalError", "with a good status") },
                { 200, .body = "<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>" },
                { 200, .body = "<item/>  ", .repeat = 8 << 20 }, /* longer than any answer */
                { 200, .body = IDENTITY },
                { 200, .body = "<Surprise/>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture);
        assert_int_equal(scripted_http_request_count(fixture.server), 6);
        check_failure(
                &fixture, ERROR_INVALID,
                "after 8 attempts: GetCallerIdentity: the answer: <Surprise> is no result of AWS");
}

static void a_certificate_that_is_not_believed_is_no_passing_trouble(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = IDENTITY } };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        const char *authority = scripted_http_url(server) + strlen("http://");
        CLEANUP(free) char *url = xasprintf("https://%s", authority);
        CLEANUP(caller_identity_clear) CallerIdentity identity = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const AwsOptions options = { .region = "eu-west-1",
                                     .endpoint_url = url,
                                     .access_key_id = "AKIDEXAMPLE",
                                     .secret_access_key = "secret",
                                     .ca_file = "/nonexistent/authorities.pem",
                                     .environment = environment };
        CLEANUP(aws_free) Aws *aws = aws_new(&options, &error);
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(20000) };

        (void) state;
        assert_non_null(aws);
        assert_false(sts_get_caller_identity(&session, &identity, &error));
        assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
        assert_int_equal(session.failure.class, AWS_ERROR_CALLER);
        assert_true(text_starts_with(error_message(error), "GetCallerIdentity: ")); /* at the first attempt */
        CLEANUP(free) char *cure = xasprintf("set AWS_CA_BUNDLE to the certificates that %s", authority);
        assert_non_null(strstr(error_message(error), cure));
}

static void the_server_may_ask_for_a_longer_pause(void **state) {
        static const ScriptedReply replies[] = {
                { 503, .headers = "x-amz-retry-after: 250\r\n",
                  .body = EC2_ERROR("RequestLimitExceeded", "x") },
                { 200, .body = IDENTITY },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        int64_t started_ms = clock_monotonic_ms();

        (void) state;
        check_identity(&fixture); /* whose own pauses are of 2 ms */
        assert_true(clock_monotonic_ms() - started_ms >= 250);
}

static void an_answer_full_of_entities_is_not_expanded(void **state) {
        static const ScriptedReply replies[] = { { 200,
                                                   .body = "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>" } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_failure(
                &fixture, ERROR_INVALID,
                "after 8 attempts: GetCallerIdentity: the answer: XML: line 1: a DOCTYPE is refused");
}

static void what_will_not_get_better_is_not_repeated(void **state) {
        static const ScriptedReply replies[] = {
                { 403, .body = EC2_ERROR("UnauthorizedOperation", "You are not\nauthorized") },
                { 400, .body = EC2_ERROR("InvalidParameterValue", "bad") },
                { 500, .body = EC2_ERROR("InsufficientInstanceCapacity", "no room") },
                { 400, .body = EC2_ERROR("VcpuLimitExceeded", "too many") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_failure(
                &fixture, ERROR_FORBIDDEN,
                "GetCallerIdentity: UnauthorizedOperation: You are not authorized (request req-1)");
        assert_int_equal(fixture.session.failure.class, AWS_ERROR_PERMISSION);
        check_failure(
                &fixture, ERROR_INVALID, "GetCallerIdentity: InvalidParameterValue: bad (request req-1)");
        check_failure(
                &fixture, ERROR_UNAVAILABLE,
                "GetCallerIdentity: InsufficientInstanceCapacity: no room (request req-1)");
        assert_int_equal(fixture.session.failure.class, AWS_ERROR_CAPACITY);
        check_failure(
                &fixture, ERROR_CONFLICT, "GetCallerIdentity: VcpuLimitExceeded: too many (request req-1)");
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
}

static void a_refusal_ends_where_it_cannot_be_read(void **state) {
        static const ScriptedReply replies[] = { { 403, .body = EC2_ERROR(
                                                                "UnauthorizedOperation",
                                                                "You may not launch. Encoded authorization "
                                                                "failure message: qUjdlZQ0aRvG9x") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_failure(
                &fixture, ERROR_FORBIDDEN,
                "GetCallerIdentity: UnauthorizedOperation: You may not launch. (request req-1)");
}

static void expired_credentials_are_renewed_once(void **state) {
        static const ScriptedReply replies[] = { { 400, .body = EC2_ERROR("ExpiredToken", "old") },
                                                 { 200, .body = IDENTITY },
                                                 { 400, .body = EC2_ERROR("AuthFailure", "no") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture);
        assert_int_equal(scripted_http_request_count(fixture.server), 2);
        check_failure(
                &fixture, ERROR_FORBIDDEN,
                "after 2 attempts: GetCallerIdentity: AuthFailure: no (request req-1)");
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
}

static void an_ended_session_looks_like_an_old_request(void **state) {
        static const ScriptedReply replies[] = { { 400, .body = EC2_ERROR(
                                                                "RequestExpired", "Request has expired.") },
                                                 { 200, .body = IDENTITY },
                                                 { 400, .body = EC2_ERROR("RequestExpired", "no") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture); /* the clock is right, so it is the keys */
        assert_int_equal(scripted_http_request_count(fixture.server), 2);
        check_failure(
                &fixture, ERROR_FORBIDDEN,
                "after 2 attempts: GetCallerIdentity: RequestExpired: no (request req-1)");
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
}

static void a_wrong_clock_is_corrected_by_the_servers(void **state) {
        static const ScriptedReply replies[] = {
                { 403, .headers = "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n",
                  .body = EC2_ERROR("RequestExpired", "old") },
                { 200, .body = IDENTITY },
                { 200, .body = IDENTITY },
                { 403, .headers = "Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n",
                  .body = EC2_ERROR("SignatureDoesNotMatch", "no") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        check_identity(&fixture);
        assert_non_null(strstr(scripted_http_request(fixture.server, 1), "X-Amz-Date: 20300101T0000"));
        check_identity(&fixture);
        assert_non_null(strstr(scripted_http_request(fixture.server, 2), "X-Amz-Date: 20300101T0000"));
        check_failure(
                &fixture, ERROR_FORBIDDEN, "GetCallerIdentity: SignatureDoesNotMatch: no (request req-1)");
}

static bool yes(void *context) {
        (void) context;
        return true;
}

static void a_call_can_be_cancelled_and_has_a_deadline(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = IDENTITY, .drip_ms = 20 } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(error_free) Error *error = NULL;
        CallerIdentity identity;

        (void) state;
        fixture.session.deadline = deadline_after_ms(150);
        assert_false(sts_get_caller_identity(&fixture.session, &identity, &error));
        assert_int_equal(error_kind(error), ERROR_TIMEOUT);
        fixture.session.deadline = deadline_after_ms(20000);
        fixture.session.cancelled = yes;
        check_failure(&fixture, ERROR_CANCELLED, "GetCallerIdentity: cancelled");
}

static void a_repeated_launch_is_the_same_launch(void **state) {
        static const ScriptedReply replies[] = { { 0, NULL }, { 200, .body = LAUNCHED } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        Ec2RunSpec spec = { .image_id = "ami-1",
                            .instance_type = "t3.micro",
                            .client_token = "ghost-bake-1-1" };

        (void) state;
        assert_ok(ec2_run_instance(&fixture.session, &spec, &instance, err));
        assert_string_equal(instance.id, "i-1");
        const char *first = strstr(scripted_http_request(fixture.server, 0), "\r\n\r\n");
        const char *second = strstr(scripted_http_request(fixture.server, 1), "\r\n\r\n");
        assert_string_equal(first, second);
        assert_non_null(strstr(first, "&ClientToken=ghost-bake-1-1&"));
}

static void codes_are_sorted_by_what_to_do(void **state) {
        static const struct {
                const char *code;
                int status;
                AwsErrorClass class;
        } cases[] = {
                { "InvalidInstanceID.NotFound", 400, AWS_ERROR_NOT_FOUND },
                { "InvalidInstanceID.Malformed", 400, AWS_ERROR_CALLER },
                { "InvalidAMIID.Unavailable", 400, AWS_ERROR_NOT_FOUND },
                { "InvalidLaunchTemplateName.AlreadyExistsException", 400, AWS_ERROR_DUPLICATE },
                { "IncorrectInstanceState", 400, AWS_ERROR_STATE },
                { "InsufficientInstanceCapacity", 500, AWS_ERROR_CAPACITY },
                { "SomethingNew", 502, AWS_ERROR_TRANSIENT },
                { "", 429, AWS_ERROR_THROTTLED },
                { "", 0, AWS_ERROR_TRANSIENT },
                { "", 403, AWS_ERROR_PERMISSION },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_int_equal(aws_classify(cases[i].code, cases[i].status), cases[i].class);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_call_is_a_signed_form),
                cmocka_unit_test(throttled_and_transient_failures_are_sent_again),
                cmocka_unit_test(attempts_come_to_an_end),
                cmocka_unit_test(a_service_in_trouble_takes_no_retries_of_others),
                cmocka_unit_test(an_answer_that_is_none_of_aws_is_asked_for_again),
                cmocka_unit_test(a_certificate_that_is_not_believed_is_no_passing_trouble),
                cmocka_unit_test(the_server_may_ask_for_a_longer_pause),
                cmocka_unit_test(an_answer_full_of_entities_is_not_expanded),
                cmocka_unit_test(what_will_not_get_better_is_not_repeated),
                cmocka_unit_test(a_refusal_ends_where_it_cannot_be_read),
                cmocka_unit_test(expired_credentials_are_renewed_once),
                cmocka_unit_test(an_ended_session_looks_like_an_old_request),
                cmocka_unit_test(a_wrong_clock_is_corrected_by_the_servers),
                cmocka_unit_test(a_call_can_be_cancelled_and_has_a_deadline),
                cmocka_unit_test(a_repeated_launch_is_the_same_launch),
                cmocka_unit_test(codes_are_sorted_by_what_to_do),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Whether AWS took an instance back is EC2's word, which may come a little late. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "harness/scripted_http.h"
#include "jobs/steps/taken_away.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

#define INSTANCE(state, reason)                                                                              \
        "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</"             \
        "instanceId><instanceState><name>" state "</name></instanceState><stateReason><code>" reason         \
        "</code><message>so</message></stateReason></item></instancesSet></item></reservationSet></"         \
        "DescribeInstancesResponse>"

static bool ask(const ScriptedReply *replies, size_t count, int64_t patience_ms) {
        ScriptedHttp *server = scripted_http_start(replies, count);
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .environment = environment };
        Aws *aws = NULL;

        assert_ok(aws = aws_new(&options, err));
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(20000) };
        bool taken = instance_taken_away(&session, "i-1", patience_ms);
        aws_free(aws);
        scripted_http_stop(server);
        return taken;
}
#define ASK(patience_ms, ...)                                                                                \
        ask((const ScriptedReply[]){ __VA_ARGS__ },                                                          \
            sizeof((const ScriptedReply[]){ __VA_ARGS__ }) / sizeof(ScriptedReply), patience_ms)
#define RUNNING                                                                                              \
        { 200, .body = INSTANCE("running", "") }
#define TAKEN                                                                                                \
        { 200, .body = INSTANCE("shutting-down", "Server.SpotInstanceTermination") }
#define ENDED                                                                                                \
        { 200, .body = INSTANCE("terminated", "Client.UserInitiatedShutdown") }

static void its_reason_tells(void **state) {
        (void) state;
        assert_true(ASK(0, TAKEN));
        assert_false(ASK(0, ENDED));
}

static void one_that_runs_is_asked_for_again(void **state) {
        (void) state;
        assert_false(ASK(0, RUNNING, TAKEN));
        assert_true(ASK(20000, RUNNING, RUNNING, TAKEN));
        assert_false(ASK(20000, RUNNING, ENDED));
        assert_false(ASK(300, RUNNING));
}

static void what_cannot_be_known_is_no(void **state) {
        (void) state;
        assert_false(
                ASK(0, { 400, .body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
                                      "<Message>no</Message></Error></Errors></Response>" }));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(its_reason_tells),
                cmocka_unit_test(one_that_runs_is_asked_for_again),
                cmocka_unit_test(what_cannot_be_known_is_no),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

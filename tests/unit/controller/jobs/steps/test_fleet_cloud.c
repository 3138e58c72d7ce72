/* What AWS shows beside the instances that Ghost knows: who runs without an agent, boots, or has ended. */
#include "../job_lab.h"

#include "harness/scripted_http.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

static struct Cloud {
        ScriptedHttp *server;
        bool third_ends; /* i-3 has ended as soon as anybody asks for it by its id */
        bool silent;
        char answer[4096];
} cloud;

static const char *instance(const char *id, const char *state, const char *launched) {
        static char item[600];

        snprintf(
                item, sizeof(item),
                "<item><instanceId>%s</instanceId><instanceState><code>16</code><name>%s</name>"
                "</instanceState><launchTime>%s</launchTime><tagSet><item><key>app</key><value>demo</value>"
                "</item></tagSet></item>",
                id, state, launched);
        return item;
}

static void add(const char *id, const char *state, const char *launched) {
        size_t length = strlen(cloud.answer);

        snprintf(cloud.answer + length, sizeof(cloud.answer) - length, "%s", instance(id, state, launched));
}

/* i-2 has ended, i-8 has run for years, i-9 for a moment. */
static ScriptedReply handle(void *context, const char *request) {
        CLEANUP(free) char *now = clock_format_iso(clock_now_us());

        (void) context;
        if (cloud.silent)
                return (ScriptedReply){ .status = 400,
                                        .body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code>"
                                                "<Message>no</Message></Error></Errors></Response>" };
        snprintf(
                cloud.answer, sizeof(cloud.answer),
                "<DescribeInstancesResponse><reservationSet><item><instancesSet>");
        if (!strstr(request, "instance-id")) {
                add("i-1", "running", "2020-01-01T00:00:00.000Z");
                add("i-3", "running", "2020-01-01T00:00:00.000Z");
                add("i-8", "running", "2020-01-01T00:00:00.000Z");
                add("i-9", "running", now);
        }
        if (strstr(request, "i-2"))
                add("i-2", "terminated", "2020-01-01T00:00:00.000Z");
        if (strstr(request, "instance-id") && strstr(request, "i-3"))
                add("i-3", cloud.third_ends ? "shutting-down" : "running", "2020-01-01T00:00:00.000Z");
        strncat(cloud.answer, "</instancesSet></item></reservationSet></DescribeInstancesResponse>",
                sizeof(cloud.answer) - strlen(cloud.answer) - 1);
        return (ScriptedReply){ .status = 200, .body = cloud.answer };
}

static int set_up_cloud(void **state) {
        assert_int_equal(set_up(state), 0);
        memset(&cloud, 0, sizeof(cloud));
        cloud.server = scripted_http_start_handler(handle, NULL);
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(cloud.server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .poll_interval_ms = 5,
                               .environment = environment };
        assert_ok(lab.services.aws = aws_new(&options, err));
        lab.services.limits.boot_timeout_ms = 60000;
        for (int i = 1; i <= 3; i++)
                add_instance(i, true);
        assert_ok(job_queue_start(lab.queue, err));
        return 0;
}

static int tear_down_cloud(void **state) {
        int result = tear_down(state);

        scripted_http_stop(cloud.server);
        aws_free(lab.services.aws);
        return result;
}

#define ALLOWED "\"options\":[\"max_failures=1\"],"

static void one_without_an_agent_is_refused_before_anything_is_changed(void **state) {
        (void) state;
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v1"));
        CLEANUP(free) char *wanted = wanted_release();

        assert_job(
                job, "failed",
                "Deploy error on: i-8 (it runs, but no agent of it is known); nothing was changed. End these "
                "instances, or let so many fail (max_failures=1)");
        assert_string_equal(wanted, "");
        assert_int_equal(lab.shared->agents[0].deploys, 0);
}

static void it_may_count_as_a_failure_and_what_boots_or_has_ended_does_not(void **state) {
        (void) state;
        CLEANUP(free) char *id = submit(ALLOWED DEPLOY("v1"));
        CLEANUP(document_free) Document *job = wait_job(id);
        CLEANUP(free) char *log = job_text(id);

        assert_job(
                job, "done",
                "(FAILED, as many as were allowed to: i-8 (it runs, but no agent of it is known); left out: "
                "i-9 (it boots, and gets what is wanted then))");
        assert_non_null(strstr(log, "i-2 is left out: it is terminated"));
        assert_non_null(strstr(log, "Deploying module site on 2 instances, one after the other: i-1, i-3"));
        assert_int_equal(lab.shared->agents[1].deploys, 0);
        assert_int_equal(lab.shared->agents[2].deploys, 1);
}

static void one_that_ends_meanwhile_counts_for_nothing(void **state) {
        (void) state;
        lab.shared->agents[2].fails = true;
        cloud.third_ends = true;
        CLEANUP(document_free) Document *job = run_job(ALLOWED DEPLOY("v1"));
        assert_job(job, "done", "Deployment OK");
        cloud.third_ends = false;
        CLEANUP(document_free) Document *failed = run_job(ALLOWED DEPLOY("v2"));
        assert_job(failed, "failed", "Deploy error on: i-3 (post_deploy exited with code 3), i-8 (");
}

static void without_an_answer_the_deploy_goes_on(void **state) {
        (void) state;
        cloud.silent = true;
        CLEANUP(free) char *id = submit(DEPLOY("v1"));
        CLEANUP(document_free) Document *job = wait_job(id);
        CLEANUP(free) char *log = job_text(id);

        assert_job(job, "done", "Deployment OK");
        assert_non_null(strstr(log, "WARNING: whether other instances run is not known: "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        one_without_an_agent_is_refused_before_anything_is_changed, set_up_cloud,
                        tear_down_cloud),
                cmocka_unit_test_setup_teardown(
                        it_may_count_as_a_failure_and_what_boots_or_has_ended_does_not, set_up_cloud,
                        tear_down_cloud),
                cmocka_unit_test_setup_teardown(
                        one_that_ends_meanwhile_counts_for_nothing, set_up_cloud, tear_down_cloud),
                cmocka_unit_test_setup_teardown(
                        without_an_answer_the_deploy_goes_on, set_up_cloud, tear_down_cloud),
        };
        return cmocka_run_group_tests_name("fleet_cloud", tests, NULL, NULL);
}

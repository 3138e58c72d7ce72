#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "metrics/metrics.h"

static void assert_has(const char *text, const char *line) {
        if (!strstr(text, line))
                fail_msg("'%s' is not in:\n%s", line, text);
}

static void what_is_counted_and_what_there_is_are_told(void **state) {
        CLEANUP(metrics_free) Metrics *metrics = metrics_new();
        const MetricsJobs jobs[] = { { "deploy", "started", 2 } };
        const MetricsState now = { .jobs = jobs,
                                   .job_count = 1,
                                   .agents_connected = 7,
                                   .store_well = 1,
                                   .certificates = { { "link", 1800000000 } },
                                   .certificate_count = 1 };

        (void) state;
        metrics_http_answered(metrics, "GET", "/apps/{id}", 200, 12);
        metrics_http_answered(metrics, "GET", "/jobs/{id}/logs/stream", 200, -1);
        metrics_aws_called(metrics, "ec2", "RunInstances", "throttled", 300);
        metrics_job_ended(metrics, "deploy", "done", 61000);
        CLEANUP(free) char *text = metrics_text(metrics, &now);
        assert_has(text, "\nghost_build_info{version=\"" GHOST_VERSION "\"} 1\n");
        assert_has(text, "\nghost_jobs{command=\"deploy\",status=\"started\"} 2\n");
        assert_has(text, "\nghost_agents_connected 7\n");
        assert_has(text, "\nghost_certificate_expiry_timestamp_seconds{certificate=\"link\"} 1800000000\n");
        assert_has(
                text, "\nghost_http_requests_total{method=\"GET\",route=\"/apps/{id}\",status=\"200\"} 1\n");
        assert_has(
                text,
                "\nghost_http_request_duration_seconds_sum{method=\"GET\",route=\"/apps/{id}\"} 0.012\n");
        assert_has(text, "route=\"/jobs/{id}/logs/stream\",status=\"200\"} 1\n");
        assert_null(strstr(text, "duration_seconds_count{method=\"GET\",route=\"/jobs/{id}/logs/stream\"}"));
        assert_has(
                text,
                "\nghost_aws_calls_total{service=\"ec2\",action=\"RunInstances\",result=\"throttled\"} 1\n");
        assert_has(text, "\nghost_jobs_ended_total{command=\"deploy\",status=\"done\"} 1\n");
        assert_has(text, "\nghost_job_duration_seconds_bucket{command=\"deploy\",le=\"60\"} 0\n");
        assert_has(text, "\nghost_job_duration_seconds_bucket{command=\"deploy\",le=\"120\"} 1\n");
        assert_has(text, "\nprocess_open_fds ");
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_counted_and_what_there_is_are_told) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

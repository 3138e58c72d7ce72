#include "metrics/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/exposition.h"
#include "metrics/process_facts.h"
#include "metrics/series.h"

enum { COMBINATIONS_MAX = 2000, MS_PER_S = 1000 };

static const double http_bounds[] = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10 };
static const double aws_bounds[] = { 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60 };
static const double job_bounds[] = { 1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200 };
#define BOUNDS(list) .bounds = (list), .bound_count = sizeof(list) / sizeof((list)[0])

typedef enum Counted {
        HTTP_REQUESTS,
        HTTP_DURATION,
        AWS_CALLS,
        AWS_DURATION,
        JOBS_ENDED,
        JOB_DURATION,
        COUNTED_COUNT,
} Counted;

static const SeriesSpec counted[COUNTED_COUNT] = {
        [HTTP_REQUESTS] = { "ghost_http_requests_total",
                            "Answers of the REST API, by route and status.",
                            { "method", "route", "status" },
                            .combinations_max = COMBINATIONS_MAX },
        [HTTP_DURATION] = { "ghost_http_request_duration_seconds",
                            "From the first byte of a request to the last of its answer; streams are left "
                            "out.",
                            { "method", "route" },
                            BOUNDS(http_bounds),
                            .combinations_max = COMBINATIONS_MAX },
        [AWS_CALLS] = { "ghost_aws_calls_total",
                        "Attempts of AWS calls; result is ok or the class of the failure.",
                        { "service", "action", "result" },
                        .combinations_max = COMBINATIONS_MAX },
        [AWS_DURATION] = { "ghost_aws_call_duration_seconds",
                           "How long AWS takes to answer one attempt.",
                           { "service", "action" },
                           BOUNDS(aws_bounds),
                           .combinations_max = COMBINATIONS_MAX },
        [JOBS_ENDED] = { "ghost_jobs_ended_total",
                         "Jobs that ended since the start, by command and status.",
                         { "command", "status" },
                         .combinations_max = COMBINATIONS_MAX },
        [JOB_DURATION] = { "ghost_job_duration_seconds",
                           "From a job's start to its end, restarts of the controller included.",
                           { "command" },
                           BOUNDS(job_bounds),
                           .combinations_max = COMBINATIONS_MAX },
};

struct Metrics {
        Series *counted[COUNTED_COUNT];
};

Metrics *metrics_new(void) {
        Metrics *metrics = xcalloc(1, sizeof(*metrics));

        for (size_t i = 0; i < COUNTED_COUNT; i++)
                metrics->counted[i] = series_new(&counted[i]);
        return metrics;
}

void metrics_free(Metrics *metrics) {
        if (!metrics)
                return;
        for (size_t i = 0; i < COUNTED_COUNT; i++)
                series_free(metrics->counted[i]);
        free(metrics);
}

void metrics_http_answered(
        Metrics *metrics, const char *method, const char *route, int status, int64_t duration_ms) {
        char number[16];
        const char *const labels[] = { method, route, number };

        (void) snprintf(number, sizeof(number), "%d", status);
        series_add(metrics->counted[HTTP_REQUESTS], labels, 1);
        if (duration_ms >= 0)
                series_add(metrics->counted[HTTP_DURATION], labels, (double) duration_ms / MS_PER_S);
}

void metrics_aws_called(
        Metrics *metrics, const char *service, const char *action, const char *result, int64_t duration_ms) {
        const char *const labels[] = { service, action, result };

        series_add(metrics->counted[AWS_CALLS], labels, 1);
        series_add(metrics->counted[AWS_DURATION], labels, (double) duration_ms / MS_PER_S);
}

void metrics_job_ended(Metrics *metrics, const char *command, const char *status, int64_t duration_ms) {
        const char *const labels[] = { command, status };

        series_add(metrics->counted[JOBS_ENDED], labels, 1);
        series_add(metrics->counted[JOB_DURATION], labels, (double) duration_ms / MS_PER_S);
}

/* ---- what there is ---- */

static const struct {
        const char *name, *type, *help;
        size_t offset;
} state_rows[] = {
#define ROW(name, type, member, help)                                                                        \
        { name, type, help, offsetof(MetricsState, member) }
        ROW("ghost_jobs_oldest_queued_seconds", "gauge", oldest_queued_s,
            "How long the job that waits longest has waited; 0: none waits."),
        ROW("ghost_job_workers", "gauge", job_workers, "Jobs that may run at a time (job.workers)."),
        ROW("ghost_agents_connected", "gauge", agents_connected, "Agents whose link is up."),
        ROW("ghost_agents_enrolled", "gauge", agents_enrolled,
            "Agents of instances that are not gone, connected or not."),
        ROW("ghost_link_strangers", "gauge", strangers,
            "Connections of the agent link that have not said yet who they are."),
        ROW("ghost_job_log_bytes_total", "counter", log_bytes, "Bytes written to job logs since the start."),
        ROW("ghost_database_bytes", "gauge", database_bytes, "Size of the database."),
        ROW("ghost_database_wal_bytes", "gauge", wal_bytes, "Size of its write-ahead log."),
        ROW("ghost_disk_free_bytes", "gauge", disk_free_bytes, "Room on the disk of the data folder."),
        ROW("ghost_disk_size_bytes", "gauge", disk_bytes, "Size of that disk."),
        ROW("ghost_janitor_last_round_timestamp_seconds", "gauge", janitor_round_s,
            "When the janitor's last round ended; 0: none has."),
        ROW("ghost_janitor_removed_total", "counter", janitor_removed,
            "What the janitor removed from AWS since the start."),
        ROW("ghost_janitor_left", "gauge", janitor_left, "What is past its deadline and still there."),
        ROW("ghost_janitor_trouble", "gauge", janitor_trouble,
            "1: its last round had trouble (see /health)."),
        ROW("ghost_group_breakers_open", "gauge", breakers_open,
            "Auto Scaling groups that launch nothing more because what they launched failed."),
        ROW("ghost_instances_deviating", "gauge", deviations,
            "Modules of instances that are not on the wanted release and are left alone."),
        ROW("ghost_notifications_waiting", "gauge", notifications_waiting,
            "Mails and messages that are still to be sent."),
        ROW("ghost_notifications_given_up", "gauge", notifications_given_up,
            "Mails and messages that could not be sent, kept for a while."),
        ROW("ghost_store_well", "gauge", store_well,
            "0: the database could not be asked; what comes from it is 0 then."),
#undef ROW
};

static const struct {
        const char *name, *type, *help;
        size_t offset;
} process_rows[] = {
#define ROW(name, type, member, help)                                                                        \
        { name, type, help, offsetof(ProcessFacts, member) }
        ROW("process_cpu_seconds_total", "counter", cpu_s, "Processor time, user and system."),
        ROW("process_resident_memory_bytes", "gauge", resident_bytes, "Memory that is in RAM."),
        ROW("process_virtual_memory_bytes", "gauge", virtual_bytes, "Address space."),
        ROW("process_open_fds", "gauge", open_fds, "Open descriptors."),
        ROW("process_max_fds", "gauge", max_fds, "Most descriptors it may open."),
        ROW("process_threads", "gauge", threads, "Threads."),
        ROW("process_start_time_seconds", "gauge", start_s, "When the process started."),
#undef ROW
};

static void write_one(Text *text, const char *name, const char *type, const char *help, double value) {
        exposition_family(text, name, type, help);
        exposition_sample(text, name, NULL, 0, value);
}

static double value_at(const void *facts, size_t offset) {
        double value = 0;

        memcpy(&value, (const char *) facts + offset, sizeof(value));
        return value;
}

static void write_labelled(Text *text, const MetricsState *state) {
        const ExpositionLabel version = { "version", GHOST_VERSION };

        exposition_family(text, "ghost_build_info", "gauge", "Which Ghost this is.");
        exposition_sample(text, "ghost_build_info", &version, 1, 1);

        exposition_family(text, "ghost_jobs", "gauge", "Jobs that wait (init) or run (started), by command.");
        for (size_t i = 0; i < state->job_count; i++) {
                const ExpositionLabel labels[] = { { "command", state->jobs[i].command },
                                                   { "status", state->jobs[i].status } };
                exposition_sample(text, "ghost_jobs", labels, 2, state->jobs[i].count);
        }

        exposition_family(
                text, "ghost_certificate_expiry_timestamp_seconds", "gauge", "When a certificate runs out.");
        for (size_t i = 0; i < state->certificate_count; i++) {
                const ExpositionLabel label = { "certificate", state->certificates[i].name };
                exposition_sample(
                        text, "ghost_certificate_expiry_timestamp_seconds", &label, 1,
                        state->certificates[i].not_after_s);
        }
}

char *metrics_text(Metrics *metrics, const MetricsState *state) {
        const ProcessFacts process = process_facts();
        CLEANUP(text_clear) Text text = { 0 };

        write_labelled(&text, state);
        for (size_t i = 0; i < sizeof(state_rows) / sizeof(state_rows[0]); i++)
                write_one(
                        &text, state_rows[i].name, state_rows[i].type, state_rows[i].help,
                        value_at(state, state_rows[i].offset));
        for (size_t i = 0; i < COUNTED_COUNT; i++)
                series_write(metrics->counted[i], &text);
        for (size_t i = 0; i < sizeof(process_rows) / sizeof(process_rows[0]); i++)
                write_one(
                        &text, process_rows[i].name, process_rows[i].type, process_rows[i].help,
                        value_at(&process, process_rows[i].offset));
        return text_take(&text);
}

/* Metrics: what the controller counts while it runs, and what there is at the moment it is asked, as text for
 * Prometheus. Knows no HTTP. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

typedef struct Metrics Metrics;
Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);
CLEANUP_DEFINE(Metrics, metrics_free);

/* ---- events ---- */

/* route as its table has it. duration_ms < 0: a stream, whose duration says nothing. */
void metrics_http_answered(
        Metrics *metrics, const char *method, const char *route, int status, int64_t duration_ms);
/* One attempt. result: "ok", or the class of its failure. */
void metrics_aws_called(
        Metrics *metrics, const char *service, const char *action, const char *result, int64_t duration_ms);
void metrics_job_ended(Metrics *metrics, const char *command, const char *status, int64_t duration_ms);

/* ---- what there is ---- */

typedef struct MetricsJobs {
        const char *command, *status;
        double count;
} MetricsJobs;

typedef struct MetricsCertificate {
        const char *name;
        double not_after_s;
} MetricsCertificate;

enum { METRICS_CERTIFICATES_MAX = 4 };

typedef struct MetricsState {
        const MetricsJobs *jobs; /* that have not ended */
        size_t job_count;
        double oldest_queued_s; /* how long it waits; 0: none does */
        double job_workers;
        double agents_connected, agents_enrolled, strangers;
        double log_bytes; /* written since the start */
        double database_bytes, wal_bytes, disk_free_bytes, disk_bytes;
        double janitor_round_s, janitor_removed, janitor_left, janitor_trouble;
        double breakers_open, deviations;
        double notifications_waiting, notifications_given_up;
        double store_well; /* 0: it could not be asked, and what it would have said is 0 */
        MetricsCertificate certificates[METRICS_CERTIFICATES_MAX];
        size_t certificate_count;
} MetricsState;

/* Caller frees. */
char *metrics_text(Metrics *metrics, const MetricsState *state);

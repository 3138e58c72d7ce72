#include "measures.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/certificate.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/breaker_store.h"
#include "store/deviation_store.h"
#include "store/store_counts.h"

enum { PEM_MAX_BYTES = 1 << 16 };
#define US_PER_S 1e6

static double size_of(const ControllerSettings *settings, const char *name) {
        CLEANUP(free) char *path = controller_settings_path(settings, name);
        struct stat facts;

        return stat(path, &facts) == 0 ? (double) facts.st_size : 0;
}

static void measure_disk(const MeasureSources *sources, MetricsState *ret) {
        struct statvfs facts;

        ret->log_bytes = (double) job_logs_written_bytes(sources->logs);
        ret->database_bytes = size_of(sources->settings, "ghost.db");
        ret->wal_bytes = size_of(sources->settings, "ghost.db-wal");
        if (statvfs(sources->settings->data_dir, &facts) == 0) {
                ret->disk_free_bytes = (double) facts.f_bavail * (double) facts.f_frsize;
                ret->disk_bytes = (double) facts.f_blocks * (double) facts.f_frsize;
        }
}

static void measure_janitor(const MeasureSources *sources, MetricsState *ret) {
        JanitorReport report = { 0 };

        if (sources->janitor)
                janitor_report(sources->janitor, &report);
        ret->janitor_round_s = (double) report.last_round_us / US_PER_S;
        ret->janitor_removed = (double) report.removed;
        ret->janitor_left = (double) report.left;
        ret->janitor_trouble = report.trouble ? 1 : 0;
        free(report.trouble);
}

/* One that cannot be read is left out: the check says why. */
static void measure_certificate(const char *name, const char *pem, MetricsState *ret) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        if (pem && ret->certificate_count < METRICS_CERTIFICATES_MAX &&
            certificate_read(pem, &facts, &ignored))
                ret->certificates[ret->certificate_count++] =
                        (MetricsCertificate){ name, (double) facts.not_after_us / US_PER_S };
}

static void measure_certificates(const MeasureSources *sources, MetricsState *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *http = NULL;
        const char *path = sources->settings->http_certificate;

        if (sources->identity) {
                const Authority *authority = link_identity_authority(sources->identity);
                measure_certificate("authority", authority_certificate(authority), ret);
                measure_certificate("link", link_identity_server_certificate(sources->identity), ret);
        }
        if (path && file_read(path, PEM_MAX_BYTES, &http, NULL, &ignored))
                measure_certificate("http", http, ret);
}

static bool measure_store(Store *store, StoreCounts *counts, MetricsState *ret, Error **err) {
        CLEANUP(open_breakers_clear) OpenBreakers breakers = { 0 };
        CLEANUP(document_free) Document *deviations = NULL;

        if (!store_counts_read(store, counts, err) || !breaker_store_list_open(store, &breakers, err) ||
            !deviation_store_list(store, &deviations, err))
                return false;
        ret->store_well = 1;
        ret->breakers_open = (double) breakers.count;
        ret->deviations = (double) document_count(deviations);
        ret->agents_enrolled = (double) counts->instances;
        ret->notifications_waiting = (double) counts->notifications_waiting;
        ret->notifications_given_up = (double) counts->notifications_given_up;
        if (counts->oldest_queued_us > 0)
                ret->oldest_queued_s = (double) (clock_now_us() - counts->oldest_queued_us) / US_PER_S;
        return true;
}

/* Borrowed from counts. Caller frees the list. */
static MetricsJobs *list_jobs(const StoreCounts *counts) {
        MetricsJobs *jobs = xcalloc(counts->job_count + 1, sizeof(*jobs));

        for (size_t i = 0; i < counts->job_count; i++)
                jobs[i] = (MetricsJobs){ counts->jobs[i].command, counts->jobs[i].status,
                                         (double) counts->jobs[i].count };
        return jobs;
}

char *measures_text(Metrics *metrics, const MeasureSources *sources) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(store_counts_clear) StoreCounts counts = { 0 };
        MetricsState state = { .job_workers = (double) sources->settings->job_workers };

        if (!measure_store(sources->store, &counts, &state, &why))
                log_warn("metrics: %s", error_message(why));
        CLEANUP(free) MetricsJobs *jobs = list_jobs(&counts);
        state.jobs = jobs;
        state.job_count = counts.job_count;
        if (sources->hub) {
                state.agents_connected = (double) hub_connected_count(sources->hub);
                state.strangers = (double) hub_stranger_count(sources->hub);
        }
        measure_disk(sources, &state);
        measure_janitor(sources, &state);
        measure_certificates(sources, &state);
        return metrics_text(metrics, &state);
}

void measures_count_answer(void *metrics, const ServerAnswer *answer) {
        metrics_http_answered(metrics, answer->method, answer->route, answer->status, answer->duration_ms);
}

void measures_count_aws(void *metrics, const AwsAttempt *attempt) {
        metrics_aws_called(metrics, attempt->service, attempt->action, attempt->result, attempt->duration_ms);
}

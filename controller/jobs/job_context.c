#include "jobs/job_context.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/job_store.h"

enum { LOOK_INTERVAL_MS = 250 };

void job_log_line(void *context, const char *line) {
        JobContext *job = context;
        CLEANUP(error_free) Error *failed = NULL;

        if (!job_logs_append(job->services->logs, job->id, line, &failed))
                log_warn("job log: %s (%s)", error_message(failed), line);
}

void job_log(JobContext *job, const char *format, ...) {
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *line = xvasprintf(format, args);
        va_end(args);
        job_log_line(job, line);
}

bool job_interrupted(const JobContext *job) {
        return atomic_load(job->stopping);
}

static bool cancel_requested(JobContext *job) {
        CLEANUP(error_free) Error *ignored = NULL;

        if (!job->cancel_requested && deadline_passed(job->next_look)) {
                job->next_look = deadline_after_ms(LOOK_INTERVAL_MS);
                if (!job_store_cancel_requested(
                            job->services->store, job->id, &job->cancel_requested, &ignored))
                        return false;
        }
        return job->cancel_requested;
}

bool job_check(JobContext *job, Error **err) {
        if (job_interrupted(job))
                return error_set(err, ERROR_CANCELLED, "the controller is stopping");
        if (cancel_requested(job))
                return error_set(err, ERROR_CANCELLED, "Job cancelled");
        if (deadline_passed(job->deadline))
                return error_set(
                        err, ERROR_TIMEOUT, "the job ran longer than its limit of %lld s",
                        (long long) (job->services->limits.job_timeout_ms / 1000));
        return true;
}

bool job_should_stop(void *context) {
        CLEANUP(error_free) Error *ignored = NULL;

        return !job_check(context, &ignored);
}

bool job_abort(JobContext *job, Error **err, const char *format, ...) {
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *message = xvasprintf(format, args);
        va_end(args);
        job->aborted = true;
        return error_set(err, ERROR_CONFLICT, "%s", message);
}

bool job_remember(JobContext *job, const char *step, const char *value, Error **err) {
        return job_store_set_step(job->services->store, job->id, step, JOB_STEP_DONE, value, err);
}

bool job_recall(JobContext *job, const char *step, char **ret, Error **err) {
        JobStepState state = JOB_STEP_NONE;

        *ret = NULL;
        return job_store_get_step(job->services->store, job->id, step, &state, ret, err);
}

const char *job_option(const JobContext *job, size_t index) {
        const char *value = document_value(document_at(document_get(job->job, "options"), index));

        return value ? value : "";
}

bool job_set_app_member(JobContext *job, const char *name, Document *value, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        document_set(members, name, value);
        return collection_patch(job->services->store, COLLECTION_APPS, job->app_id, members, false, err);
}

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

bool job_cancel_requested(JobContext *job) {
        job->next_look = 0;
        return cancel_requested(job);
}

bool job_fail(JobContext *job, Error *failed, Error **err) {
        CLEANUP(error_free) Error *owned = failed;
        CLEANUP(error_free) Error *reason = NULL;
        bool stopped = error_kind(owned) == ERROR_CANCELLED || error_kind(owned) == ERROR_TIMEOUT;

        job->next_look = 0;
        if (!stopped || job_check(job, &reason))
                return error_set(err, error_kind(owned), "%s", error_message(owned));
        if (text_equal(error_message(reason), error_message(owned)))
                return error_set(err, error_kind(reason), "%s", error_message(reason));
        return error_set(err, error_kind(reason), "%s (%s)", error_message(reason), error_message(owned));
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

static bool change_inside(
        JobContext *job, Collection collection, const char *id, JobChange change, void *context,
        Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(document_free) Document *members = NULL;

        if (!collection_get(job->services->store, collection, id, &stored, err))
                return false;
        members = change(context, stored);
        return !members || collection_patch(job->services->store, collection, id, members, false, err);
}

bool job_change_document(
        JobContext *job, Collection collection, const char *id, JobChange change, void *context,
        Error **err) {
        Store *store = job->services->store;

        if (!store_begin(store, err))
                return false;
        if (!change_inside(job, collection, id, change, context, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

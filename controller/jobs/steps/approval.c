#include "jobs/steps/approval.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/job_approval_store.h"

enum { LOOK_EVERY_MS = 200 };

/* Its instances stay in sight. */
static void show(JobContext *job) {
        JobProgress progress = job->progress;

        (void) snprintf(progress.phase, sizeof(progress.phase), "Waiting for approval");
        job_progress_set(job, &progress, true);
}

static bool look(JobContext *job, const char *point, char **ret_by, Error **err) {
        return job_check(job, err) && job_approval_given(job->services->store, job->id, point, ret_by, err);
}

static void tell_waits(const JobContext *job, bool waits) {
        const JobServices *services = job->services;

        if (services->on_job_waits)
                services->on_job_waits(services->context, waits);
}

/* NULL: it is not to go on. */
static char *wait_answer(JobContext *job, const char *point, Error **err) {
        int64_t counted = clock_monotonic_ms();
        CLEANUP(free) char *by = NULL;

        while (look(job, point, &by, err) && !by) {
                clock_sleep_ms(LOOK_EVERY_MS);
                int64_t now = clock_monotonic_ms();
                if (job->deadline != DEADLINE_NEVER)
                        job->deadline += now - counted;
                counted = now;
        }
        return TAKE(by);
}

bool approval_await(JobContext *job, const char *point, const char *question, Error **err) {
        CLEANUP(free) char *by = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        Store *store = job->services->store;
        const JobProgress before = job->progress;

        if (!look(job, point, &by, err))
                return false;
        if (by)
                return true;
        show(job);
        if (!job_approval_ask(store, job->id, point, question, err))
                return false;
        job_log(job,
                "Waiting for approval: %s. It goes on by Approve on the job's page or: ghost job approve %s. "
                "It ends here by Cancel or: ghost job cancel %s",
                question, job->id, job->id);
        tell_waits(job, true);
        by = wait_answer(job, point, err);
        tell_waits(job, false);
        if (!by) {
                /* A stopping controller leaves the question to the resumed job. */
                if (!job_interrupted(job) && !job_approval_withdraw(store, job->id, &ignored))
                        job_log(job, "%s", error_message(ignored));
                return false;
        }
        job_log(job, "Approved by %s", by);
        job_progress_set(job, &before, true);
        return true;
}

bool approval_await_start(JobContext *job, const JobOptions *options, Error **err) {
        return options->approve != APPROVE_START || approval_await(job, "start", "nothing is begun yet", err);
}

/* A running job as its command sees it. One thread's. */
#pragma once

#include <stdatomic.h>

#include "jobs/job_progress.h"
#include "jobs/services.h"
#include "store/collection.h"
#include "json/document.h"

struct JobContext {
        const JobServices *services;
        const char *id;
        const Document *job; /* as stored when it was claimed */
        const Document *app; /* as stored when it began */
        const char *app_id;
        Deadline deadline;
        int resumes;                 /* how often it was taken up again after the controller died */
        bool aborted;                /* set by job_abort() */
        const atomic_bool *stopping; /* the controller is shutting down */
        Deadline next_look;          /* when the store is asked again whether the job is to be cancelled */
        bool cancel_requested;
        JobProgress progress; /* as written last */
        Deadline next_progress;
};

/* A line of the job's log. A log that cannot be written does not stop the job: it is said in the program's
 * own log. */
void job_log(JobContext *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with the signature that callbacks have; context is the JobContext. */
void job_log_line(void *context, const char *line);

/* False with CANCELLED (by a user, or because the controller is stopping) or TIMEOUT. Cheap: ask often. */
bool job_check(JobContext *job, Error **err);
/* job_check() as callbacks want it: true when the job is to stop. */
bool job_should_stop(void *context);
/* The controller is stopping: nothing is undone, the job will be resumed. */
bool job_interrupted(const JobContext *job);

/* A user asked for it. Looks at the store. */
bool job_cancel_requested(JobContext *job);
/* Hands a failure on; when it came because the job is to stop, that is said first. Takes failed over. */
bool job_fail(JobContext *job, Error *failed, Error **err);

/* Fails the run with status aborted: refused before anything was done. */
bool job_abort(JobContext *job, Error **err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The job's memory that survives the controller: one value per step. *ret stays NULL when there is none. */
bool job_remember(JobContext *job, const char *step, const char *value, Error **err);
bool job_recall(JobContext *job, const char *step, char **ret, Error **err);

/* options[index], "" when there is none. */
const char *job_option(const JobContext *job, size_t index);

/* What a stored document gets, decided on the document as it is at that moment, so that nobody's change in
 * between is lost. Returns the members to set, NULL for none. It holds the store: no job_log() in it. */
typedef Document *(*JobChange)(void *context, const Document *stored);
bool job_change_document(
        JobContext *job, Collection collection, const char *id, JobChange change, void *context, Error **err);

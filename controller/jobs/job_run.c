#include "jobs/job_run.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "jobs/commands.h"
#include "store/job_store.h"

enum { STORE_RETRY_MS = 500 };

static bool clears_field(const Command *command, const char *field) {
        for (const char *const *own = command->fields; own && *own; own++)
                if (text_equal(*own, field))
                        return true;
        return false;
}

/* A change made while the job ran is not what the job applied: it stays pending. */
static bool made_after(const Document *change, int64_t started_us) {
        int64_t updated_us = 0;

        return clock_parse_http(document_get_string(change, "updated"), &updated_us) &&
               updated_us > started_us;
}

static bool clear_pending(JobContext *job, const Command *command, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        Document *left = document_array();
        CLEANUP(document_free) Document *members = document_object();

        document_set(members, "pending_changes", left);
        if (!collection_get(job->services->store, COLLECTION_APPS, job->app_id, &app, err))
                return false;
        const Document *changes = document_get(app, "pending_changes");
        int64_t started_us = document_get_int(job->job, "started_us");
        for (size_t i = 0; i < document_count(changes); i++) {
                const Document *change = document_at(changes, i);
                if (!clears_field(command, document_get_string(change, "field")) ||
                    made_after(change, started_us))
                        document_append(left, document_copy(change));
        }
        return document_count(left) == document_count(changes) ||
               collection_patch(job->services->store, COLLECTION_APPS, job->app_id, members, false, err);
}

static void clear_pending_changes(JobContext *job, const Command *command) {
        CLEANUP(error_free) Error *failed = NULL;

        if (command->fields && command->fields[0] && !clear_pending(job, command, &failed))
                job_log(job, "The application's pending changes were not cleared: %s", error_message(failed));
}

/* The database may be on a full disk: the job has ended, and the row says so as soon as it can. */
static void end_job(JobContext *job, JobStatus status, const char *message) {
        job_log(job, "%s: %s", names_word(&job_status_names, status), message);
        for (;;) {
                CLEANUP(error_free) Error *failed = NULL;
                if (job_store_set_status(
                            job->services->store, job->id, JOB_STARTED, status, message, &failed))
                        break;
                log_error("job status: %s", error_message(failed));
                if (error_kind(failed) != ERROR_UNAVAILABLE || job_interrupted(job))
                        return;
                clock_sleep_ms(STORE_RETRY_MS);
        }
        job_logs_finish(job->services->logs, job->id);
        if (job->services->on_job_changed)
                job->services->on_job_changed(job->services->context, job->id);
}

static JobStatus status_of_failure(const JobContext *job, const Error *failed) {
        if (job->aborted)
                return JOB_ABORTED;
        if (job->cancel_requested && error_kind(failed) == ERROR_CANCELLED)
                return JOB_CANCELLED;
        return JOB_FAILED;
}

static void remove_work(const JobContext *job) {
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(free) char *folder = xasprintf("%s/%s", job->services->work_folder, job->id);

        if (job->services->work_folder && !file_remove_tree(folder, &failed))
                log_warn("work tree: %s", error_message(failed));
}

static void run_command(JobContext *job, const Command *command) {
        CLEANUP(free) char *message = NULL;
        CLEANUP(error_free) Error *failed = NULL;

        bool ok = command->run(job, &message, &failed);
        remove_work(job);
        if (ok) {
                clear_pending_changes(job, command);
                end_job(job, JOB_DONE, message ? message : "Done");
        } else if (job_interrupted(job) && error_kind(failed) == ERROR_CANCELLED) {
                job_log(job, "Interrupted: the controller is stopping; the job goes on when it is back");
        } else {
                end_job(job, status_of_failure(job, failed), message ? message : error_message(failed));
        }
}

void job_run_command(
        const JobServices *services, const Document *document, const Command *command,
        const atomic_bool *stopping) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(error_free) Error *failed = NULL;
        JobContext job = { .services = services,
                           .id = document_get_string(document, "_id"),
                           .job = document,
                           .app_id = document_get_string(document, "app_id"),
                           .deadline = deadline_after_ms(services->limits.job_timeout_ms),
                           .resumes = (int) document_get_int(document, "resumes"),
                           .stopping = stopping };

        LOG_SCOPE("job", job.id);
        if (services->on_job_changed)
                services->on_job_changed(services->context, job.id);
        if (job.resumes == 0)
                job_log(&job, "Job processing started");
        else
                job_log(&job, "The controller was restarted: the job goes on (resumed %d times)",
                        job.resumes);

        if (job.resumes > JOB_RESUMES_MAX)
                end_job(&job, JOB_ABORTED,
                        "The controller ended three times while this job ran; it is not tried again. What "
                        "its "
                        "log says was done stands.");
        else if (!command)
                end_job(&job, JOB_ABORTED, "Unknown command");
        else if (!collection_get(services->store, COLLECTION_APPS, job.app_id, &app, &failed))
                end_job(&job, JOB_ABORTED, error_message(failed));
        else {
                job.app = app;
                run_command(&job, command);
        }
}

void job_run(const JobServices *services, const Document *job, const atomic_bool *stopping) {
        job_run_command(services, job, command_find(document_get_string(job, "command")), stopping);
}

#include "jobs/job_run.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "jobs/commands.h"
#include "jobs/steps/await_stragglers.h"
#include "jobs/steps/ec2_work.h"
#include "model/command.h"
#include "store/job_store.h"

enum { STORE_RETRY_MS = 500, US_PER_SECOND = 1000000 };

static bool clears_field(const CommandInfo *command, const char *field) {
        for (size_t i = 0; i < COMMAND_FIELDS_MAX && command->fields[i]; i++)
                if (text_equal(command->fields[i], field))
                        return true;
        return false;
}

typedef struct Applied {
        const CommandInfo *command;
        int64_t started_us;
        int64_t version; /* of the application that the job worked with from its start; else -1 */
} Applied;

/* A change made while the job ran is not what the job applied: it stays pending. Its time is whole seconds:
 * in doubt, somebody may have changed the application since. */
static bool made_after(const Applied *applied, const Document *app, const Document *change) {
        int64_t updated_us = 0;

        return applied->version != document_get_int(app, "_version") &&
               clock_parse_http(document_get_string(change, "updated"), &updated_us) &&
               updated_us / US_PER_SECOND >= applied->started_us / US_PER_SECOND;
}

static Document *without_applied(void *context, const Document *app) {
        const Applied *applied = context;
        const Document *changes = document_get(app, "pending_changes");
        CLEANUP(document_free) Document *members = document_object();
        Document *left = document_array();

        document_set(members, "pending_changes", left);
        for (size_t i = 0; i < document_count(changes); i++) {
                const Document *change = document_at(changes, i);
                if (!clears_field(applied->command, document_get_string(change, "field")) ||
                    made_after(applied, app, change))
                        document_append(left, document_copy(change));
        }
        return document_count(left) == document_count(changes) ? NULL : TAKE(members);
}

static void clear_pending_changes(JobContext *job, const Command *command) {
        Applied applied = { .command = command_info_find(command->name),
                            .started_us = document_get_int(job->job, "started_us"),
                            .version = job->resumes == 0 ? document_get_int(job->app, "_version") : -1 };
        CLEANUP(error_free) Error *failed = NULL;

        if (applied.command && applied.command->fields[0] &&
            !job_change_document(job, COLLECTION_APPS, job->app_id, without_applied, &applied, &failed))
                job_log(job, "The application's pending changes were not cleared: %s", error_message(failed));
}

static void tell_end(const JobContext *job, JobStatus status) {
        const JobServices *services = job->services;
        int64_t started_us = document_get_int(job->job, "started_us");

        if (services->on_job_ended)
                services->on_job_ended(
                        services->context, document_get_string(job->job, "command"),
                        names_word(&job_status_names, status),
                        started_us > 0 ? (clock_now_us() - started_us) / 1000 : 0);
        if (services->on_job_changed)
                services->on_job_changed(services->context, job->id);
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
        tell_end(job, status);
}

static JobStatus status_of_failure(JobContext *job, const Error *failed) {
        if (job->aborted)
                return JOB_ABORTED;
        if (error_kind(failed) == ERROR_CANCELLED && job_cancel_requested(job))
                return JOB_CANCELLED;
        return JOB_FAILED;
}

static void remove_work(const JobContext *job) {
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(free) char *folder = xasprintf("%s/%s", job->services->work_folder, job->id);

        if (job->services->work_folder && !file_remove_tree(folder, &failed))
                log_warn("work tree: %s", error_message(failed));
}

/* Success or not: what it leaves for people to do is in its message, not in its log alone. */
static char *with_what_is_left(JobContext *job, const char *message) {
        CLEANUP(free) char *left = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!job_recall(job, WORK_STEP_FOR_PEOPLE, &left, &ignored) || text_empty(left))
                return xstrdup(message);
        return xasprintf("%s. %s", message, left);
}

static void run_command(JobContext *job, const Command *command) {
        CLEANUP(free) char *message = NULL, *whole = NULL;
        CLEANUP(error_free) Error *failed = NULL;

        remove_work(job); /* of a controller that died: half of it may be there */
        bool ok = await_stragglers(job, &failed) && command->run(job, &message, &failed);
        remove_work(job);
        if (ok) {
                clear_pending_changes(job, command);
                whole = with_what_is_left(job, message ? message : "Done");
                end_job(job, JOB_DONE, whole);
        } else if (job_interrupted(job) && error_kind(failed) == ERROR_CANCELLED) {
                job_log(job, "Interrupted: the controller is stopping; the job goes on when it is back");
        } else {
                whole = with_what_is_left(job, message ? message : error_message(failed));
                end_job(job, status_of_failure(job, failed), whole);
        }
}

/* It is not tried again: the message says what it leaves behind. */
static void give_up(JobContext *job, const Command *command) {
        CLEANUP(text_clear) Text message = { 0 };

        if (command && command->put_back && job->app)
                command->put_back(job);

        text_appendf(
                &message, "The controller ended %d times while this job ran; it is not tried again",
                job->resumes);
        if (command && command->describe) {
                text_append(&message, ". ");
                command->describe(job, &message);
        } else
                text_append(&message, "; what its log says was done stands");
        remove_work(job);
        end_job(job, JOB_ABORTED, message.data);
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

        if (collection_get(services->store, COLLECTION_APPS, job.app_id, &app, &failed))
                job.app = app;
        if (job.resumes > JOB_RESUMES_MAX)
                give_up(&job, command);
        else if (!command)
                end_job(&job, JOB_ABORTED, "Unknown command");
        else if (!app)
                end_job(&job, JOB_ABORTED, error_message(failed));
        else
                run_command(&job, command);
}

void job_run(const JobServices *services, const Document *job, const atomic_bool *stopping) {
        job_run_command(services, job, command_find(document_get_string(job, "command")), stopping);
}

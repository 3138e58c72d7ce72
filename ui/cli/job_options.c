#include "job_options.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "follow.h"
#include "model/job_options.h"
#include "output.h"
#include "plan_output.h"

static bool has_ended(const Document *job) {
        const char *status = document_get_string(job, "status");

        return strcmp(status, "init") != 0 && strcmp(status, "started") != 0;
}

/* A job that was cancelled while it was queued has none. */
static bool write_stored(CliContext *context, const char *job_id, LogSinks *sinks, Error **err) {
        CLEANUP(free) char *path = client_path("/jobs/", job_id), *log = xasprintf("%s/logs", path);
        CLEANUP(error_free) Error *why = NULL;
        uint64_t offset = 0;

        if (follow_stored(context->client, log, &offset, sinks, &why))
                return true;
        if (error_kind(why) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(why), "%s", error_message(why));
        output_notice("The job has no log");
        return true;
}

static bool write_log(
        CliContext *context, const Document *job, LogSinks *sinks, Document **ret_ended, Error **err) {
        const char *job_id = document_get_string(job, "_id");

        if (!has_ended(job))
                return follow_job(context->client, job_id, sinks, ret_ended, err);
        *ret_ended = document_copy(job);
        return write_stored(context, job_id, sinks, err);
}

bool job_follow(
        CliContext *context, const Arguments *arguments, const Document *job, Document **ret_ended,
        Error **err) {
        LogOutput output = { 0 };

        return log_output_open(context, arguments, &output, err) &&
               log_output_close(&output, write_log(context, job, &output.sinks, ret_ended, err), err);
}

static bool show_live(CliContext *context, const Arguments *arguments, const char *job_id, Error **err) {
        CLEANUP(document_free) Document *waited = NULL;
        CLEANUP(document_free) Document *job = NULL;

        (void) puts("Waiting for job logs...");
        (void) fflush(stdout);
        return follow_wait_start(context->client, job_id, &waited, err) &&
               job_follow(context, arguments, waited, &job, err) && follow_verdict(job, err);
}

bool job_post(CliContext *context, const Arguments *arguments, const Document *body, Error **err) {
        CLEANUP(document_free) Document *created = NULL;

        if (!client_call(context->client, "POST", "/jobs", body, NULL, &created, err))
                return false;

        const char *job_id = document_get_string(created, "_id");
        if (!output_change(context, created, "Job creation", job_id, err))
                return false;
        (void) fflush(stdout);
        return !arguments_given(arguments, "live-logs") || show_live(context, arguments, job_id, err);
}

bool job_submit(
        CliContext *context, const Arguments *arguments, const char *command, const char *app, Document *body,
        Error **err) {
        CLEANUP(document_free) Document *owned = body;
        JobOptions read;

        if (!job_options_read(command, document_get(owned, "options"), &read, err))
                return false;
        CLEANUP(free) char *app_id = client_find_app(context->client, app, err);
        if (!app_id)
                return false;
        document_set_string(owned, "command", command);
        document_set_string(owned, "app_id", app_id);
        if (arguments_given(arguments, "plan"))
                return plan_ask(context, owned, err);
        return job_post(context, arguments, owned, err);
}

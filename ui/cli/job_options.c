#include "job_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "follow.h"
#include "output.h"

static bool close_file(FILE *file, const char *path, Error **err) {
        if (fclose(file) == 0)
                return true;
        return error_set(err, ERROR_UNAVAILABLE, "write '%s': %s", path, strerror(errno));
}

static bool has_ended(const Document *job) {
        const char *status = document_get_string(job, "status");

        return strcmp(status, "init") != 0 && strcmp(status, "started") != 0;
}

/* A job that was cancelled while it was queued has none. */
static bool write_stored(CliContext *context, const char *job_id, LogSinks *sinks, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        if (follow_stored(context->client, job_id, sinks, &why))
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
        const char *path = arguments_value(arguments, "output");
        FILE *file = path ? fopen(path, "we") : NULL;
        bool plain = arguments_given(arguments, "no-color");

        if (path && !file)
                return error_set(err, ERROR_INVALID, "open '%s': %s", path, strerror(errno));

        LogSinks sinks = {
                .sinks = { { .out = stdout, .keep_colour = !plain && context->colour },
                           { .out = file, .keep_colour = !plain } },
        };
        bool followed = write_log(context, job, &sinks, ret_ended, err);
        if (!file)
                return followed;
        if (followed)
                return close_file(file, path, err);
        (void) fclose(file);
        return false;
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
        CLEANUP(free) char *app_id = client_find_app(context->client, app, err);

        if (!app_id)
                return false;
        document_set_string(owned, "command", command);
        document_set_string(owned, "app_id", app_id);
        return job_post(context, arguments, owned, err);
}

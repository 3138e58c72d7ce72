#include "job_options.h"

#include <errno.h>
#include <string.h>

#include "follow.h"
#include "output.h"

static void close_file(FILE **file) {
        if (*file && *file != stdout)
                (void) fclose(*file);
}

bool job_follow(CliContext *context, const Arguments *arguments, const char *job_id, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        const char *path = arguments_value(arguments, "output");
        __attribute__((cleanup(close_file))) FILE *file = path ? fopen(path, "we") : stdout;

        if (!file)
                return error_set(err, ERROR_INVALID, "open '%s': %s", path, strerror(errno));

        const FollowOptions options = {
                .out = file,
                .keep_colour = !arguments_given(arguments, "no-color") && (path || context->colour),
        };
        return follow_job(context->client, job_id, &options, &job, err) && follow_verdict(job, err);
}

bool job_submit(
        CliContext *context, const Arguments *arguments, const char *command, const char *app, Document *body,
        Error **err) {
        CLEANUP(document_free) Document *owned = body;
        CLEANUP(document_free) Document *created = NULL;
        CLEANUP(free) char *app_id = client_find_app(context->client, app, err);

        if (!app_id)
                return false;
        document_set_string(owned, "command", command);
        document_set_string(owned, "app_id", app_id);
        if (!client_call(context->client, "POST", "/jobs", owned, NULL, &created, err))
                return false;

        const char *job_id = document_get_string(created, "_id");
        (void) printf("Job creation OK - ID : %s\n", job_id);
        (void) fflush(stdout);
        return !arguments_given(arguments, "live-logs") || job_follow(context, arguments, job_id, err);
}

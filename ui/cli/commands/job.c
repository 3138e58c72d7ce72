/* job ls, show, log, cancel; log */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "follow.h"
#include "job_options.h"
#include "list_query.h"
#include "output.h"

enum { WAIT_START_MS = 1000 };

static const Column columns[] = {
        { "ID", "_id", NULL },
        { "Application name", "app_id.name", NULL },
        { "Command", "command", NULL },
        { "Status", "status", NULL },
        { "User", "user", NULL },
        { "Date", "_created", NULL },
        { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CliContext formatted = list_with_format(context, arguments);
        CLEANUP(document_free) Document *found = NULL;

        list_filter(arguments, "command", "command", where);
        list_filter(arguments, "status", "status", where);
        list_filter(arguments, "user", "user", where);
        if (!arguments_at_most(arguments, 0, err) ||
            !list_filter_apps(context, arguments, "application", where, err))
                return false;

        CLEANUP(free) char *path = list_query("/jobs", arguments, where, "-_updated", "{\"app_id\":1}");
        if (!client_get(context->client, path, &found, err))
                return false;
        list_notice(found, "jobs");
        return output_collection(&formatted, found, columns, err);
}

static bool get_job(
        CliContext *context, const Arguments *arguments, const char **ret_id, Document **ret, Error **err) {
        if (!arguments_word(arguments, 0, "JOB", ret_id, err) || !arguments_at_most(arguments, 1, err))
                return false;

        CLEANUP(free) char *path = xasprintf("/jobs/%s", *ret_id);
        return client_get(context->client, path, ret, err);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CliContext formatted = list_with_format(context, arguments);
        const char *id = NULL;

        return get_job(context, arguments, &id, &job, err) && output_document(&formatted, job, err);
}

static bool run_log(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        const char *id = NULL;

        if (!get_job(context, arguments, &id, &job, err))
                return false;
        while (arguments_given(arguments, "waitstart") &&
               strcmp(document_get_string(job, "status"), "init") == 0) {
                document_free(TAKE(job));
                clock_sleep_ms(WAIT_START_MS);
                if (!get_job(context, arguments, &id, &job, err))
                        return false;
        }
        if (arguments_given(arguments, "follow") || arguments_given(arguments, "output"))
                return job_follow(context, arguments, id, err);

        CLEANUP(free) char *path = xasprintf("/jobs/%s/logs", id);
        CLEANUP(free) char *log = NULL;
        size_t length = 0;
        if (!client_get_text(context->client, path, &log, &length, err))
                return false;
        (void) fwrite(log, 1, length, stdout);
        return true;
}

static bool run_cancel(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        const char *id = NULL;

        if (!get_job(context, arguments, &id, &job, err))
                return false;

        CLEANUP(free) char *path = xasprintf("/jobs/%s/enqueueings", id);
        if (!client_call(context->client, "DELETE", path, NULL, document_get_string(job, "_etag"), NULL, err))
                return false;
        (void) printf("Job cancellation OK - ID : %s\n", id);
        return true;
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        { "application", 0, "REGEX", "Only applications whose name matches" },
        { "env", 0, "ENV", "Only this environment" },
        { "role", 0, "ROLE", "Only this role" },
        { "command", 0, "COMMAND", "Only this command" },
        { "status", 0, "STATUS", "init, started, done, failed, aborted or cancelled" },
        { "user", 0, "USER", "Only jobs of this user" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };
static const CliOption log_options[] = {
        { "follow", 'f', NULL, "Go on until the job has ended; exit 1 unless it ends well" },
        { "waitstart", 0, NULL, "Wait until the job has started" },
        { "output", 'o', "FILE", "Write the log to FILE" },
        { "no-color", 0, NULL, "Take the colours out" },
        { NULL },
};

const CliCommand job_cancel_cli = { "job cancel", "JOB", "Cancel a queued job or stop a running one", NULL,
                                    run_cancel };
const CliCommand job_log_cli = { "job log", "JOB", "Show the log of a job", log_options, run_log };
const CliCommand job_ls_cli = { "job ls", "", "List jobs", ls_options, run_ls };
const CliCommand job_show_cli = { "job show", "JOB", "Show a job", show_options, run_show };
const CliCommand log_cli = { "log", "JOB", "Show the log of a job (-f: live)", log_options, run_log };

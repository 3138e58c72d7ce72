/* job ls, show, approve, cancel, delete, rerun */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "job_options.h"
#include "list_query.h"

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
        const ListSpec spec = { .path = "/jobs",
                                .what = "jobs",
                                .where = where,
                                .sort = "-_updated",
                                .embedded = "{\"app_id\":1}",
                                .columns = columns };

        list_filter(arguments, "command", "command", where);
        list_filter(arguments, "status", "status", where);
        list_filter(arguments, "user", "user", where);
        return list_filter_apps(context, arguments, "application", where, err) &&
               list_run(context, arguments, &spec, err);
}

static char *path_of(const Arguments *arguments) {
        return client_path("/jobs/", arguments->words.items[0]);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = path_of(arguments);

        return list_show(context, arguments, path, err);
}

static bool discard(
        CliContext *context, const Arguments *arguments, const char *below, const char *what, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(free) char *path = path_of(arguments);

        if (!client_get(context->client, path, &job, err))
                return false;

        CLEANUP(free) char *target = xasprintf("%s%s", path, below);
        return client_call(
                       context->client, "DELETE", target, NULL, document_get_string(job, "_etag"), NULL,
                       err) &&
               output_change(context, NULL, what, document_get_string(job, "_id"), err);
}

static bool run_cancel(CliContext *context, const Arguments *arguments, Error **err) {
        return discard(context, arguments, "/enqueueings", "Job cancellation", err);
}

static bool run_delete(CliContext *context, const Arguments *arguments, Error **err) {
        return discard(context, arguments, "", "Job deletion", err);
}

/* With the point that was read: between the two calls the job may have come to another. */
static bool run_approve(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(free) char *path = path_of(arguments);

        if (!client_get(context->client, path, &job, err))
                return false;

        CLEANUP(free) char *target = xasprintf("%s/approvals", path);
        document_set_string(body, "point", document_get_string(job, "approval.point"));
        return client_call(context->client, "POST", target, body, NULL, NULL, err) &&
               output_change(context, NULL, "Job approval", document_get_string(job, "_id"), err);
}

static void copy_modules(const Document *job, Document *body) {
        const Document *modules = document_get(job, "modules");
        Document *list = document_array();

        for (size_t i = 0; i < document_count(modules); i++) {
                const Document *module = document_at(modules, i);
                Document *copy = document_object();

                document_set_string(copy, "name", document_get_string(module, "name"));
                if (*document_get_string(module, "rev"))
                        document_set_string(copy, "rev", document_get_string(module, "rev"));
                document_append(list, copy);
        }
        document_set(body, "modules", list);
}

static bool run_rerun(CliContext *context, const Arguments *arguments, Error **err) {
        static const char *const names[] = { "command", "app_id", "options", "instance_type" };
        CLEANUP(document_free) Document *job = NULL;
        CLEANUP(document_free) Document *body = document_object();
        CLEANUP(free) char *path = path_of(arguments);

        if (!client_get(context->client, path, &job, err))
                return false;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                const Document *value = document_get(job, names[i]);

                if (value && !document_is_null(value))
                        document_set(body, names[i], document_copy(value));
        }
        if (document_count(document_get(job, "modules")))
                copy_modules(job, body);
        return job_post(context, arguments, body, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        APP_FILTER_OPTIONS,
        { "command", 0,
          "buildimage|createinstance|deploy|destroyallinstances|destroyinstance|executescript|"
          "preparebluegreen|purgebluegreen|recreateinstances|redeploy|rollback|swapbluegreen|"
          "updateautoscaling|updatelifecyclehooks",
          "Only this command" },
        { "status", 0, "init|started|done|failed|aborted|cancelled", "Only jobs in this state" },
        { "user", 0, "USER", "Only jobs of this user" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };
static const CliOption rerun_options[] = { JOB_OPTIONS };

const CliCommand job_approve_cli = {
        "job approve",
        "JOB",
        "Let a job go on that waits for an approval",
        NULL,
        run_approve,
        .details = "What it waits for stands in its log. To end it there instead: ghost job cancel JOB.",
};
const CliCommand job_cancel_cli = { "job cancel", "JOB", "Cancel a queued job or stop a running one", NULL,
                                    run_cancel };
const CliCommand job_delete_cli = { "job delete", "JOB", "Delete a job that has ended", NULL, run_delete };
const CliCommand job_ls_cli = { "job ls", "", "List jobs", ls_options, run_ls };
const CliCommand job_rerun_cli = { "job rerun", "JOB", "Create a job like an earlier one", rerun_options,
                                   run_rerun };
const CliCommand job_show_cli = { "job show", "JOB", "Show a job", show_options, run_show };

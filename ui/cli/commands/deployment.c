/* deployment ls, show */
#include "cli_commands.h"

#include "base/clock.h"
#include "base/memory.h"
#include "list_query.h"
#include "output.h"

static char *date_of(const Document *item) {
        return clock_format(document_get_int(item, "timestamp") * 1000000, "%Y-%m-%d %H:%M:%S");
}

static const Column columns[] = {
        { "ID", "_id", NULL },
        { "Job ID", "job_id._id", NULL },
        { "Application name", "app_id.name", NULL },
        { "Module", "module", NULL },
        { "Revision", "revision", NULL },
        { "Commit", "commit", NULL },
        { "User", "job_id.user", NULL },
        { "Date", NULL, date_of },
        { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CliContext formatted = list_with_format(context, arguments);
        CLEANUP(document_free) Document *found = NULL;

        list_filter(arguments, "revision", "revision", where);
        list_filter_regex(arguments, "module", "module", where);
        if (!arguments_at_most(arguments, 0, err) ||
            !list_filter_apps(context, arguments, "application", where, err))
                return false;

        CLEANUP(free)
        char *path =
                list_query("/deployments", arguments, where, "-timestamp", "{\"app_id\":1,\"job_id\":1}");
        if (!client_get(context->client, path, &found, err))
                return false;
        list_notice(found, "deployments");
        return output_collection(&formatted, found, columns, err);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *deployment = NULL;
        CliContext formatted = list_with_format(context, arguments);
        const char *id = NULL;

        if (!arguments_word(arguments, 0, "DEPLOYMENT", &id, err) || !arguments_at_most(arguments, 1, err))
                return false;

        CLEANUP(free) char *path = xasprintf("/deployments/%s", id);
        return client_get(context->client, path, &deployment, err) &&
               output_document(&formatted, deployment, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        { "application", 0, "REGEX", "Only applications whose name matches" },
        { "env", 0, "ENV", "Only this environment" },
        { "role", 0, "ROLE", "Only this role" },
        { "revision", 0, "REVISION", "Only this revision" },
        { "module", 0, "REGEX", "Only modules whose name matches" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };

const CliCommand deployment_ls_cli = { "deployment ls", "", "List deployments", ls_options, run_ls };
const CliCommand deployment_show_cli = {
        "deployment show", "DEPLOYMENT", "Show a deployment", show_options, run_show,
};

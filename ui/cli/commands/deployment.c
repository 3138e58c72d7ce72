/* deployment ls, show */
#include "cli_commands.h"

#include "base/clock.h"
#include "base/memory.h"
#include "list_query.h"

static char *date_of(const Document *item) {
        return clock_format_http(document_get_int(item, "timestamp") * 1000000);
}

static const Column columns[] = {
        { "ID", "_id", NULL },
        { "Job ID", "job_id._id", NULL },
        { "Application name", "app_id.name", NULL },
        { "Module", "module", NULL },
        { "Commit", "commit", NULL },
        { "User", "job_id.user", NULL },
        { "Date", NULL, date_of },
        { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = { .path = "/deployments",
                                .what = "deployments",
                                .where = where,
                                .sort = "-timestamp",
                                .embedded = "{\"app_id\":1,\"job_id\":1}",
                                .columns = columns };

        list_filter(arguments, "revision", "revision", where);
        list_filter_regex(arguments, "module", "module", where);
        return list_filter_apps(context, arguments, "application", where, err) &&
               list_run(context, arguments, &spec, err);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = client_path("/deployments/", arguments->words.items[0]);

        return list_show(context, arguments, path, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        APP_FILTER_OPTIONS,
        { "revision", 0, "REVISION", "Only this revision" },
        { "module", 0, "REGEX", "Only modules whose name matches" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };

const CliCommand deployment_ls_cli = { "deployment ls", "", "List deployments", ls_options, run_ls };
const CliCommand deployment_show_cli = {
        "deployment show", "DEPLOYMENT", "Show a deployment", show_options, run_show,
};

/* webhook ls, show, delete, invocations */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "list_query.h"

static char *events_of(const Document *item) {
        return output_joined(document_get(item, "events"));
}

static char *commands_of(const Document *item) {
        return output_joined(document_get(item, "commands"));
}

static const Column columns[] = {
        { "ID", "_id", NULL },         { "Application name", "app_id.name", NULL },
        { "Module", "module", NULL },  { "Revision", "rev", NULL },
        { "Events", NULL, events_of }, { "Commands", NULL, commands_of },
        { "User", "user", NULL },      { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = { .path = "/webhooks",
                                .what = "webhooks",
                                .where = where,
                                .sort = "-_updated",
                                .embedded = "{\"app_id\":1}",
                                .columns = columns };

        list_filter(arguments, "module", "module", where);
        return list_filter_apps(context, arguments, "application", where, err) &&
               list_run(context, arguments, &spec, err);
}

static char *path_of(const Arguments *arguments) {
        return client_path("/webhooks/", arguments->words.items[0]);
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *path = path_of(arguments);

        return list_show(context, arguments, path, err);
}

static bool run_delete(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *webhook = NULL;
        CLEANUP(free) char *path = path_of(arguments);

        return client_get(context->client, path, &webhook, err) &&
               client_call(
                       context->client, "DELETE", path, NULL, document_get_string(webhook, "_etag"), NULL,
                       err) &&
               output_change(context, NULL, "Webhook deletion", arguments->words.items[0], err);
}

static char *jobs_of(const Document *item) {
        return output_joined(document_get(item, "jobs"));
}

static const Column invocation_columns[] = {
        { "ID", "_id", NULL },
        { "Webhook ID", "webhook_id", NULL },
        { "Event", "event", NULL },
        { "Revision", "revision", NULL },
        { "Code", "status.code", NULL },
        { "Message", "status.message", NULL },
        { "Jobs", NULL, jobs_of },
        { "Date", "_created", NULL },
        { NULL },
};

static bool run_invocations(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const char *word = arguments->words.count ? arguments->words.items[0] : "all";
        CLEANUP(free) char *webhook = client_path("/webhooks/", word);
        CLEANUP(free) char *path = xasprintf("%s/invocations", webhook);
        const ListSpec spec = { .path = path,
                                .what = "invocations",
                                .where = where,
                                .sort = "-_created",
                                .columns = invocation_columns };

        return list_run(context, arguments, &spec, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        APP_FILTER_OPTIONS,
        { "module", 0, "MODULE", "Only webhooks of this module" },
        { NULL },
};
static const CliOption show_options[] = { FORMAT_OPTION, { NULL } };
static const CliOption invocation_options[] = { LIST_OPTIONS, { NULL } };

const CliCommand webhook_delete_cli = { "webhook delete", "WEBHOOK", "Delete a webhook", NULL, run_delete };
const CliCommand webhook_invocations_cli = {
        "webhook invocations",
        "[WEBHOOK]",
        "List what came in for a webhook, or for all of them, and what came of it",
        invocation_options,
        run_invocations,
};
const CliCommand webhook_ls_cli = { "webhook ls", "", "List webhooks", ls_options, run_ls };
const CliCommand webhook_show_cli = { "webhook show", "WEBHOOK", "Show a webhook", show_options, run_show };

/* version, whoami, audit ls, notification ls */
#include "cli_commands.h"

#include <stdio.h>

#include "base/memory.h"
#include "list_query.h"

static bool run_version(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *version = NULL;

        (void) arguments;
        if (!client_get(context->client, "/version", &version, err))
                return false;
        if (context->format != OUTPUT_TABLE)
                return output_document(context, version, err);
        (void) printf(
                "ghost %s\ncontroller %s\n", GHOST_VERSION, document_get_string(version, "current_revision"));
        return true;
}

static bool run_whoami(CliContext *context, const Arguments *arguments, Error **err) {
        return list_show(context, arguments, "/me", err);
}

static const Column audit_columns[] = {
        { "Date", "at", NULL },
        { "User", "user", NULL },
        { "From", "address", NULL },
        { "Action", "action", NULL },
        { "Resource", "resource", NULL },
        { "ID", "target", NULL },
        { NULL },
};

static bool run_audit_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = { .path = "/audit",
                                .what = "changes",
                                .where = where,
                                .sort = "-_created",
                                .columns = audit_columns };

        list_filter(arguments, "user", "user", where);
        list_filter(arguments, "action", "action", where);
        list_filter(arguments, "resource", "resource", where);
        return list_run(context, arguments, &spec, err);
}

static const Column notification_columns[] = {
        { "ID", "_id", NULL },
        { "Channel", "channel", NULL },
        { "Recipient", "recipient", NULL },
        { "Job ID", "job_id", NULL },
        { "Event", "event", NULL },
        { "State", "state", NULL },
        { "Attempts", "attempts", NULL },
        { "Next attempt", "next_attempt", NULL },
        { "Last error", "last_error", NULL },
        { NULL },
};

static bool run_notification_ls(CliContext *context, const Arguments *arguments, Error **err) {
        const ListSpec spec = { .path = "/notifications",
                                .what = "notifications",
                                .sort = "-_id",
                                .columns = notification_columns };

        return list_run(context, arguments, &spec, err);
}

static const CliOption audit_options[] = {
        LIST_OPTIONS,
        { "user", 0, "USER", "Only what this user did" },
        { "action", 0, "ACTION", "Only this action" },
        { "resource", 0, "RESOURCE", "Only changes of this kind: app, job, webhook, user, token, …" },
        { NULL },
};
static const CliOption notification_options[] = { LIST_OPTIONS, { NULL } };

const CliCommand audit_ls_cli = { "audit ls", "", "List who changed what, the latest first", audit_options,
                                  run_audit_ls };
const CliCommand notification_ls_cli = { "notification ls", "",
                                         "List mails and messages about jobs that wait or were given up",
                                         notification_options, run_notification_ls };
const CliCommand version_cli = { "version", "", "Show the versions of this program and of the controller",
                                 NULL, run_version };
const CliCommand whoami_cli = { "whoami", "", "Show who you are to the controller", NULL, run_whoami };

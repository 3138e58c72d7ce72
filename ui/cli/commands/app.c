/* app ls, show, export, delete */
#include "cli_commands.h"

#include <stdio.h>

#include "app_document.h"
#include "base/memory.h"
#include "list_query.h"

static char *colour_of(const Document *item) {
        if (!document_get_bool(item, "blue_green.enable_blue_green"))
                return xstrdup("");
        return xasprintf(
                "%s (%s)", document_get_string(item, "blue_green.color"),
                document_get_bool(item, "blue_green.is_online") ? "Online" : "Offline");
}

static const Column columns[] = {
        { "ID", "_id", NULL },
        { "Name", "name", NULL },
        { "Environment", "env", NULL },
        { "Role", "role", NULL },
        { "Color", NULL, colour_of },
        { "Description", "description", NULL },
        { NULL },
};

static bool run_ls(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        const ListSpec spec = { .path = "/apps",
                                .what = "applications",
                                .where = where,
                                .sort = "-_updated",
                                .columns = columns };

        list_filter_regex(arguments, "name", "name", where);
        list_filter(arguments, "env", "env", where);
        list_filter(arguments, "role", "role", where);
        return list_run(context, arguments, &spec, err);
}

static bool write_file(const char *name, const Document *app, bool json, Error **err) {
        FILE *file = fopen(name, "we");

        if (!file)
                return error_set(err, ERROR_INVALID, "cannot write '%s'", name);

        bool ok = app_document_print(app, json, file, err);
        if (fclose(file) != 0 && ok)
                return error_set(err, ERROR_UNAVAILABLE, "cannot write '%s'", name);
        return ok;
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CliContext formatted = list_with_format(context, arguments);
        const char *file = arguments_value(arguments, "export");

        if (!app_document_get(context->client, arguments->words.items[0], &app, err) ||
            !output_document(&formatted, app, err))
                return false;
        return !file || write_file(file, app, formatted.format == OUTPUT_JSON, err);
}

static bool run_export(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CliContext formatted = list_with_format(context, arguments);
        const char *file = arguments_value(arguments, "file");
        bool json = formatted.format == OUTPUT_JSON;

        if (!app_document_get(context->client, arguments->words.items[0], &app, err))
                return false;
        return file ? write_file(file, app, json, err) : app_document_print(app, json, stdout, err);
}

static bool run_delete(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        const char *etag = arguments_value(arguments, "etag");

        if (!app_document_get(context->client, arguments->words.items[0], &app, err))
                return false;

        const char *id = document_get_string(app, "_id");
        CLEANUP(free) char *path = xasprintf("/apps/%s", id);
        return client_call(
                       context->client, "DELETE", path, NULL, etag ? etag : document_get_string(app, "_etag"),
                       NULL, err) &&
               output_change(context, NULL, "Application deletion", id, err);
}

static const CliOption ls_options[] = {
        LIST_OPTIONS,
        { "name", 0, "REGEX", "Only names that match" },
        { "env", 0, "ENV", "Only this environment" },
        { "role", 0, "ROLE", "Only this role" },
        { NULL },
};
static const CliOption show_options[] = {
        FORMAT_OPTION,
        { "export", 0, "FILE", "Also write it to FILE in a form that 'app create' takes" },
        { NULL },
};
static const CliOption export_options[] = {
        FORMAT_OPTION,
        { "file", 0, "FILE", "Write it to FILE instead of standard output" },
        { NULL },
};
static const CliOption delete_options[] = {
        { "etag", 0, "ETAG", "Refuse when it was changed since that version" },
        { NULL },
};

const CliCommand app_delete_cli = { "app delete", "APP", "Delete an application", delete_options,
                                    run_delete };
const CliCommand app_export_cli = {
        .name = "app export",
        .words = "APP",
        .summary = "Print an application in a form that 'app create' takes",
        .options = export_options,
        .run = run_export,
        .details = "What the controller alone sets (ids, versions, image, state of modules, pending changes) "
                   "is left out, so that 'ghost app export APP | ghost app create -' makes the same "
                   "application on another controller.",
};
const CliCommand app_ls_cli = { "app ls", "", "List applications", ls_options, run_ls };
const CliCommand app_show_cli = { "app show", "APP", "Show an application", show_options, run_show };

/* app create, update, clone */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "app_document.h"
#include "base/memory.h"
#include "output.h"

static AppFileFormat format_of(const Arguments *arguments) {
        const char *format = arguments_value(arguments, "format");

        if (!format)
                return APP_FILE_ANY;
        return strcmp(format, "json") == 0 ? APP_FILE_JSON : APP_FILE_YAML;
}

static bool check_locally(const Arguments *arguments, const Document *app, SchemaUse use, Error **err) {
        return arguments_given(arguments, "no-check") || app_document_check(app, use, err);
}

static bool create(CliContext *context, const Document *app, Error **err) {
        CLEANUP(document_free) Document *created = NULL;

        if (!client_call(context->client, "POST", "/apps", app, NULL, &created, err))
                return false;
        return output_change(
                context, created, "Application creation", document_get_string(created, "_id"), err);
}

static bool run_create(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;

        return app_document_read(arguments->words.items[0], format_of(arguments), &app, err) &&
               check_locally(arguments, app, SCHEMA_INSERT, err) && create(context, app, err);
}

/* "app update FILE", the file's "_id" names it, or "app update APP FILE". */
static bool find_target(
        CliContext *context, const Arguments *arguments, const Document *change, char **ret_id, Error **err) {
        const char *id = document_get_string(change, "_id");

        if (arguments->words.count == 2) {
                *ret_id = client_find_app(context->client, arguments->words.items[0], err);
                return *ret_id != NULL;
        }
        if (!*id)
                return error_set(
                        err, ERROR_INVALID, "the file has no '_id': say which application, APP FILE");
        *ret_id = xstrdup(id);
        return true;
}

static bool run_update(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *change = NULL;
        CLEANUP(document_free) Document *current = NULL;
        CLEANUP(document_free) Document *updated = NULL;
        CLEANUP(free) char *id = NULL;
        const char *etag = arguments_value(arguments, "etag");
        const char *file = arguments->words.items[arguments->words.count - 1];

        if (!app_document_read(file, format_of(arguments), &change, err) ||
            !check_locally(arguments, change, SCHEMA_PATCH, err) ||
            !find_target(context, arguments, change, &id, err))
                return false;

        CLEANUP(free) char *path = xasprintf("/apps/%s", id);
        if (!etag) {
                if (!client_get(context->client, path, &current, err))
                        return false;
                etag = document_get_string(current, "_etag");
        }
        return client_call(context->client, "PATCH", path, change, etag, &updated, err) &&
               output_change(context, updated, "Application update", id, err);
}

static bool check_update(const Arguments *arguments, Error **err) {
        if (arguments_given(arguments, "etag") || arguments_given(arguments, "force"))
                return true;
        return error_set(
                err, ERROR_INVALID,
                "you need to specify an etag or use --force flag to force the update without document "
                "version verification");
}

static bool take_place(const char *word, Document *app, Error **err) {
        static const char *const names[] = { "name", "env", "role" };
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(word, '/', &parts);
        if (parts.count != sizeof(names) / sizeof(names[0]))
                return error_set(err, ERROR_INVALID, "'%s' is no NAME/ENV/ROLE", word);
        for (size_t i = 0; i < parts.count; i++)
                document_set_string(app, names[i], parts.items[i]);
        return true;
}

/* Two applications that manage one Auto Scaling group or are two colours of one another would take each
 * other's instances. */
static void leave_what_cannot_be_shared(Document *app) {
        document_remove(app, "blue_green");
        if (!*document_get_string(app, "autoscale.name"))
                return;

        CLEANUP(document_free) Document *autoscale = document_copy(document_get(app, "autoscale"));
        output_notice(
                "The Auto Scaling group '%s' stays with the original: give the new application its own",
                document_get_string(app, "autoscale.name"));
        document_remove(autoscale, "name");
        document_set(app, "autoscale", TAKE(autoscale));
}

static bool run_clone(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;

        if (!app_document_get(context->client, arguments->words.items[0], &app, err))
                return false;

        CLEANUP(document_free) Document *copy = app_document_writable(app);
        leave_what_cannot_be_shared(copy);
        return take_place(arguments->words.items[1], copy, err) && create(context, copy, err);
}

#define FILE_OPTIONS                                                                                         \
        { "format", 0, "yaml|json", "What the file is (told by its first character)" }, {                    \
                "no-check", 0, NULL, "Leave the checks to the controller"                                    \
        }

static const CliOption create_options[] = { FILE_OPTIONS, { NULL } };
static const CliOption update_options[] = {
        FILE_OPTIONS,
        { "etag", 0, "ETAG", "Refuse when it was changed since that version" },
        { "force", 0, NULL, "Change whatever version there is" },
        { NULL },
};

const CliCommand app_clone_cli = {
        .name = "app clone",
        .words = "APP NAME/ENV/ROLE",
        .summary = "Create an application like another one",
        .run = run_clone,
        .details = "Everything that can be set is copied, except the name of the Auto Scaling group and the "
                   "blue/green settings, which belong to one application.",
};
const CliCommand app_create_cli = {
        "app create",   "FILE",     "Create an application from a YAML or JSON file (-: standard input)",
        create_options, run_create,
};
const CliCommand app_update_cli = {
        .name = "app update",
        .words = "[APP] FILE",
        .summary = "Change an application by the fields of a YAML or JSON file",
        .options = update_options,
        .run = run_update,
        .check = check_update,
        .details =
                "Objects are merged, lists replaced; fields that the file does not have stay. Without APP, "
                "the file's '_id' says which application is meant. One of --etag and --force is needed.",
};

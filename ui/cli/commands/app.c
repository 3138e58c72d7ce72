/* app ls, show, create, update, delete */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "list_query.h"
#include "output.h"
#include "yaml_document.h"

enum { APP_FILE_MAX_BYTES = 4 << 20 };

static char *path_of(const char *app_id) {
        return xasprintf("/apps/%s", app_id);
}

static char *colour_of(const Document *item) {
        const char *color = document_get_string(item, "blue_green.color");

        return xasprintf(
                "%s%s", color, *color && document_get_bool(item, "blue_green.is_online") ? " (online)" : "");
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
        CliContext formatted = list_with_format(context, arguments);
        CLEANUP(document_free) Document *found = NULL;

        list_filter_regex(arguments, "name", "name", where);
        list_filter(arguments, "env", "env", where);
        list_filter(arguments, "role", "role", where);

        CLEANUP(free) char *path = list_query("/apps", arguments, where, "-_updated", NULL);
        if (!arguments_at_most(arguments, 0, err) || !client_get(context->client, path, &found, err))
                return false;
        list_notice(found, "applications");
        return output_collection(&formatted, found, columns, err);
}

static bool get_app(
        CliContext *context, const Arguments *arguments, char **ret_id, Document **ret, Error **err) {
        const char *word = NULL;

        if (!arguments_word(arguments, 0, "APP", &word, err))
                return false;
        *ret_id = client_find_app(context->client, word, err);
        if (!*ret_id)
                return false;

        CLEANUP(free) char *path = path_of(*ret_id);
        return client_get(context->client, path, ret, err);
}

/* What only the server sets: an exported application can be created again from its file. */
static void strip_server_fields(Document *app) {
        static const char *const names[] = {
                "_id",    "_created", "_updated", "_etag",           "_version", "_latest_version",
                "_links", "user",     "ami",      "pending_changes",
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                document_remove(app, names[i]);
}

static bool export_app(const Document *app, const char *file_name, bool json, Error **err) {
        CLEANUP(document_free) Document *copy = document_copy(app);
        FILE *file = fopen(file_name, "we");

        if (!file)
                return error_set(err, ERROR_INVALID, "cannot write '%s'", file_name);
        strip_server_fields(copy);

        bool ok = true;
        if (json) {
                CLEANUP(free) char *text = document_pretty(copy);

                ok = fprintf(file, "%s\n", text) > 0;
        } else {
                ok = yaml_print(copy, file, err);
        }
        if (fclose(file) != 0 && ok)
                return error_set(err, ERROR_UNAVAILABLE, "cannot write '%s'", file_name);
        return ok;
}

static bool run_show(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *id = NULL;
        CLEANUP(document_free) Document *app = NULL;
        CliContext formatted = list_with_format(context, arguments);
        const char *file = arguments_value(arguments, "export");

        if (!arguments_at_most(arguments, 1, err) || !get_app(context, arguments, &id, &app, err))
                return false;
        return file ? export_app(app, file, formatted.format == OUTPUT_JSON, err)
                    : output_document(&formatted, app, err);
}

static bool read_app_file(const Arguments *arguments, size_t index, Document **ret, Error **err) {
        CLEANUP(free) char *content = NULL;
        const char *name = NULL;
        size_t length = 0;

        if (!arguments_word(arguments, index, "FILE", &name, err) ||
            !file_read(
                    strcmp(name, "-") == 0 ? "/dev/stdin" : name, APP_FILE_MAX_BYTES, &content, &length, err))
                return false;
        *ret = content[strspn(content, " \t\r\n")] == '{' ? document_parse(content, length, err)
                                                          : yaml_read(content, length, err);
        return *ret || error_prefix(err, "%s", name);
}

static bool run_create(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(document_free) Document *created = NULL;

        if (!arguments_at_most(arguments, 1, err) || !read_app_file(arguments, 0, &app, err) ||
            !client_call(context->client, "POST", "/apps", app, NULL, &created, err))
                return false;
        (void) printf("Application creation OK - ID : %s\n", document_get_string(created, "_id"));
        return true;
}

static bool run_update(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *change = NULL;
        CLEANUP(document_free) Document *current = NULL;
        CLEANUP(free) char *id = NULL;
        const char *etag = arguments_value(arguments, "etag");

        if (!etag && !arguments_given(arguments, "force"))
                return error_set(
                        err, ERROR_INVALID, "say --etag ETAG (of the version you changed) or --force");
        if (!arguments_at_most(arguments, 2, err) || !get_app(context, arguments, &id, &current, err) ||
            !read_app_file(arguments, 1, &change, err))
                return false;
        if (!etag)
                etag = document_get_string(current, "_etag");

        CLEANUP(free) char *path = path_of(id);
        if (!client_call(context->client, "PATCH", path, change, etag, NULL, err))
                return false;
        (void) printf("Application update OK - ID : %s\n", id);
        return true;
}

static bool run_delete(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(free) char *id = NULL;
        CLEANUP(document_free) Document *app = NULL;

        if (!arguments_at_most(arguments, 1, err) || !get_app(context, arguments, &id, &app, err))
                return false;

        CLEANUP(free) char *path = path_of(id);
        if (!client_call(context->client, "DELETE", path, NULL, document_get_string(app, "_etag"), NULL, err))
                return false;
        (void) printf("Application deletion OK - ID : %s\n", id);
        return true;
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
        { "export", 0, "FILE", "Write it to FILE in a form that `app create` takes" },
        { NULL },
};
static const CliOption update_options[] = {
        { "etag", 0, "ETAG", "Refuse when it was changed since that version" },
        { "force", 0, NULL, "Change whatever version there is" },
        { NULL },
};

const CliCommand app_create_cli = {
        "app create", "FILE",     "Create an application from a YAML or JSON file (-: standard input)",
        NULL,         run_create,
};
const CliCommand app_delete_cli = { "app delete", "APP", "Delete an application", NULL, run_delete };
const CliCommand app_ls_cli = { "app ls", "", "List applications", ls_options, run_ls };
const CliCommand app_show_cli = { "app show", "APP", "Show an application", show_options, run_show };
const CliCommand app_update_cli = {
        "app update", "APP FILE", "Change an application by the fields of a file", update_options, run_update,
};

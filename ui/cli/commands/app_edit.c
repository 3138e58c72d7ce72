/* app edit */
#include "cli_commands.h"

#include <stdio.h>
#include <string.h>

#include "app_document.h"
#include "base/file.h"
#include "base/memory.h"
#include "editor.h"
#include "output.h"
#include "yaml/yaml_document.h"

static char *text_to_edit(const Document *app, const Document *writable, Error **err) {
        CLEANUP(free) char *text = NULL;
        size_t length = 0;
        FILE *memory = open_memstream(&text, &length);

        (void) fprintf(
                memory,
                "# %s/%s/%s, version of %s by %s.\n# Save and leave the editor to send the changes; "
                "leave the text as it is to change nothing.\n",
                document_get_string(app, "name"), document_get_string(app, "env"),
                document_get_string(app, "role"), document_get_string(app, "_updated"),
                document_get_string(app, "user"));
        bool ok = yaml_print(writable, memory, err);
        (void) fclose(memory);
        return ok ? TAKE(text) : NULL;
}

/* Read back, checked, and compared with what the editor got. */
static bool read_changes(const EditedFile *file, const Document *before, Document **ret, Error **err) {
        CLEANUP(document_free) Document *after = NULL;

        if (!app_document_read(file->path, APP_FILE_YAML, &after, err) ||
            !app_document_check(after, SCHEMA_INSERT, err))
                return false;
        *ret = app_document_changes(before, after);
        return true;
}

static bool send(CliContext *context, const Document *app, const Document *changes, Error **err) {
        CLEANUP(document_free) Document *updated = NULL;
        const char *id = document_get_string(app, "_id");
        CLEANUP(free) char *path = xasprintf("/apps/%s", id);

        return client_call(
                       context->client, "PATCH", path, changes, document_get_string(app, "_etag"), &updated,
                       err) &&
               output_change(context, updated, "Application update", id, err);
}

/* The work of a person is not thrown away because it could not be taken. */
static bool keep(EditedFile *file, const char *id, Error **err) {
        CLEANUP(error_free) Error *why = *err;

        file->kept = true;
        *err = NULL;
        return error_set(
                err, error_kind(why),
                "%s\nYour text is kept in %s; to send it whatever version there is: ghost app update %s %s "
                "--force",
                error_message(why), file->path, id, file->path);
}

static bool run_edit(CliContext *context, const Arguments *arguments, Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(document_free) Document *changes = NULL;
        CLEANUP(edited_file_clear) EditedFile file = { 0 };

        if (!app_document_get(context->client, arguments->words.items[0], &app, err))
                return false;

        CLEANUP(document_free) Document *before = app_document_writable(app);
        CLEANUP(free) char *text = text_to_edit(app, before, err);
        if (!text || !edited_file_make(text, &file, err) || !edited_file_open(&file, err))
                return false;
        if (!read_changes(&file, before, &changes, err))
                return keep(&file, document_get_string(app, "_id"), err);
        if (document_count(changes) == 0) {
                output_notice("Nothing was changed");
                return true;
        }
        return send(context, app, changes, err) || keep(&file, document_get_string(app, "_id"), err);
}

const CliCommand app_edit_cli = {
        .name = "app edit",
        .words = "APP",
        .summary = "Change an application in your editor",
        .run = run_edit,
        .details = "Opens the application as YAML in $VISUAL, $EDITOR or vi and sends what was changed. When "
                   "somebody else changed it meanwhile, or the text is not valid, nothing is changed and the "
                   "text is kept in a file that the message names.",
};

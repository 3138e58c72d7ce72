#include "app_document.h"

#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "issues.h"
#include "model/app.h"
#include "yaml/yaml_document.h"

bool app_document_get(Client *client, const char *word, Document **ret, Error **err) {
        CLEANUP(free) char *id = client_find_app(client, word, err);

        if (!id)
                return false;

        CLEANUP(free) char *path = xasprintf("/apps/%s", id);
        return client_get(client, path, ret, err);
}

static Document *writable(const Schema *schema, const Document *object);

static Document *writable_value(const SchemaField *field, const Document *value) {
        if (field->type == SCHEMA_OBJECT && field->schema && document_is_object(value))
                return writable(field->schema, value);
        if (field->type != SCHEMA_LIST || !field->schema || !document_is_array(value))
                return document_copy(value);

        Document *list = document_array();
        for (size_t i = 0; i < document_count(value); i++)
                document_append(list, writable(field->schema, document_at(value, i)));
        return list;
}

static Document *writable(const Schema *schema, const Document *object) {
        Document *result = document_object();

        for (size_t i = 0; i < schema->count; i++) {
                const SchemaField *field = &schema->fields[i];
                const Document *value = document_get_member(object, field->name);

                if (value && !document_is_null(value) && !(field->flags & SCHEMA_READ_ONLY))
                        document_set(result, field->name, writable_value(field, value));
        }
        return result;
}

Document *app_document_writable(const Document *app) {
        Document *result = writable(&app_schema, app);

        /* May be sent, but the server works them out. */
        document_remove(result, "user");
        document_remove(result, "pending_changes");
        return result;
}

bool app_document_print(const Document *app, bool json, FILE *out, Error **err) {
        CLEANUP(document_free) Document *kept = app_document_writable(app);

        if (!json)
                return yaml_print(kept, out, err);

        CLEANUP(free) char *text = document_pretty(kept);
        return fprintf(out, "%s\n", text) > 0 || error_set(err, ERROR_UNAVAILABLE, "cannot write");
}

bool app_document_parse(
        const char *content, size_t length, AppFileFormat format, Document **ret, Error **err) {
        bool json = format == APP_FILE_JSON ||
                    (format == APP_FILE_ANY && content[strspn(content, " \t\r\n")] == '{');
        CLEANUP(document_free)
        Document *document = json ? document_parse(content, length, err) : yaml_read(content, length, err);

        if (!document)
                return error_prefix(err, "invalid %s file", json ? "JSON" : "YAML");
        if (!document_is_object(document))
                return error_set(err, ERROR_INVALID, "an application is an object with names and values");
        *ret = TAKE(document);
        return true;
}

bool app_document_read(const char *name, AppFileFormat format, Document **ret, Error **err) {
        CLEANUP(free) char *content = NULL;
        const char *path = strcmp(name, "-") == 0 ? "/dev/stdin" : name;
        size_t length = 0;

        if (!file_read(path, APP_FILE_MAX_BYTES, &content, &length, err))
                return false;
        return app_document_parse(content, length, format, ret, err) || error_prefix(err, "%s", name);
}

bool app_document_check(const Document *app, SchemaUse use, Error **err) {
        CLEANUP(document_free) Document *tidy = app_tidy_input(app);
        CLEANUP(document_free) Document *issues = NULL;
        CLEANUP(document_free) Document *stored = schema_apply(&app_schema, use, tidy, &issues);
        CLEANUP(text_clear) Text text = { 0 };

        if (stored)
                return use == SCHEMA_PATCH || app_check(stored, err);
        issues_list(issues, &text);
        return error_set(err, ERROR_INVALID, "the application is not valid:%s", text.data);
}

static void changes(const Schema *schema, const Document *before, const Document *after, Document *ret);

static void change_member(
        const SchemaField *field, const Document *before, const Document *after, Document *ret) {
        if (!after) {
                document_set(ret, field->name, document_null());
                return;
        }
        if (before && document_equal(before, after))
                return;
        if (field->type != SCHEMA_OBJECT || !field->schema || !document_is_object(after) ||
            !document_is_object(before)) {
                document_set(ret, field->name, document_copy(after));
                return;
        }

        CLEANUP(document_free) Document *inner = document_object();
        changes(field->schema, before, after, inner);
        if (document_count(inner))
                document_set(ret, field->name, TAKE(inner));
}

static void changes(const Schema *schema, const Document *before, const Document *after, Document *ret) {
        for (size_t i = 0; i < schema->count; i++) {
                const SchemaField *field = &schema->fields[i];
                const Document *old = document_get_member(before, field->name);
                const Document *new = document_get_member(after, field->name);

                if (old || new)
                        change_member(field, old, new, ret);
        }
}

Document *app_document_changes(const Document *before, const Document *after) {
        Document *patch = document_object();

        changes(&app_schema, before, after, patch);
        return patch;
}

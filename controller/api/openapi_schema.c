#include "api/openapi_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { STRINGS_MAX = 1024 * 1024, LISTS_MAX = 1000 }; /* as schema.h says */

typedef struct Translation {
        OpenapiUse use;
        const char *const *embeds;
        const char *path; /* of the object that is being translated: "" or "modules." */
} Translation;

static const struct {
        const char *posix, *ecma;
} classes[] = {
        { "[:alnum:]", "A-Za-z0-9" },
        { "[:alpha:]", "A-Za-z" },
        { "[:digit:]", "0-9" },
        { "[:lower:]", "a-z" },
        { "[:upper:]", "A-Z" },
        { "[:space:]", "\\s" },
        { "[:blank:]", " \\t" },
        { "[:xdigit:]", "0-9A-Fa-f" },
        { "[:print:]", " -~" },
        { "[:graph:]", "!-~" },
        { "[:punct:]", "!-\\/:-@\\[-`{-~" },
        { "[:cntrl:]", "\\x00-\\x1f\\x7f" },
};

/* What stands for [:class:] at *at, which moves behind it; NULL when there is none. */
static const char *read_class(const char **at) {
        for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
                if (text_starts_with(*at, classes[i].posix)) {
                        *at += strlen(classes[i].posix);
                        return classes[i].ecma;
                }
        return NULL;
}

/* A bracket expression from behind its '['; in POSIX a backslash in it means itself, and so does a ']' that
 * comes first. */
static const char *translate_bracket(const char *at, Text *ecma) {
        text_append(ecma, "[");
        if (*at == '^')
                text_append_bytes(ecma, at++, 1);
        for (bool first = true; *at && (*at != ']' || first); first = false) {
                const char *named = read_class(&at);

                if (named) {
                        text_append(ecma, named);
                        continue;
                }
                if (strchr("[]\\", *at))
                        text_append(ecma, "\\");
                text_append_bytes(ecma, at++, 1);
        }
        text_append(ecma, "]");
        return *at ? at + 1 : at;
}

char *openapi_pattern(const char *posix) {
        CLEANUP(text_clear) Text ecma = { 0 };

        while (*posix) {
                if (*posix == '[') {
                        posix = translate_bracket(posix + 1, &ecma);
                        continue;
                }
                if (*posix == '\\' && posix[1])
                        text_append_bytes(&ecma, posix++, 1);
                text_append_bytes(&ecma, posix++, 1);
        }
        return text_take(&ecma);
}

static Document *words_document(const char *const *words, bool nullable) {
        Document *list = document_array();

        for (; *words; words++)
                document_append(list, document_string(*words));
        if (nullable)
                document_append(list, document_null());
        return list;
}

/* "string", or ["string","null"]. */
static void set_type(Document *schema, const char *type, bool nullable) {
        if (!nullable) {
                document_set_string(schema, "type", type);
                return;
        }
        Document *types = document_array();
        document_append(types, document_string(type));
        document_append(types, document_string("null"));
        document_set(schema, "type", types);
}

static void set_pattern(Document *schema, const char *posix) {
        CLEANUP(free) char *pattern = openapi_pattern(posix);

        document_set_string(schema, "pattern", pattern);
}

static void describe_string(const SchemaField *field, bool nullable, Document *schema) {
        if (field->words)
                document_set(schema, "enum", words_document(field->words, nullable));
        if (field->pattern)
                set_pattern(schema, field->pattern);
        if (field->not_pattern) {
                Document *not = document_object();
                set_pattern(not, field->not_pattern);
                document_set(schema, "not", not );
        }
}

static Document *id_schema(void) {
        Document *schema = document_object();

        document_set_string(schema, "type", "string");
        document_set_string(schema, "pattern", "^[0-9a-f]{24}$");
        return schema;
}

/* An id, or what it stands for. */
static Document *embeddable_schema(void) {
        Document *schema = document_object(), *choices = document_array();
        static const char *const types[] = { "object", "null" };

        document_append(choices, id_schema());
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
                Document *choice = document_object();
                document_set_string(choice, "type", types[i]);
                document_append(choices, choice);
        }
        document_set(schema, "anyOf", choices);
        return schema;
}

static bool is_embeddable(const Translation *translation, const SchemaField *field) {
        CLEANUP(free) char *path = xasprintf("%s%s", translation->path, field->name);

        for (const char *const *name = translation->embeds; name && *name; name++)
                if (strcmp(*name, path) == 0)
                        return true;
        return false;
}

static bool is_input(const Translation *translation) {
        return translation->use != OPENAPI_ANSWER;
}

/* In a patch null takes a member away; in what is posted it is taken as well, and says no more than leaving
 * it out. */
static bool is_nullable(const Translation *translation, const SchemaField *field) {
        if (translation->use == OPENAPI_ANSWER)
                return (field->flags & SCHEMA_MAY_BE_NULL) != 0;
        return translation->use == OPENAPI_PATCH &&
               !(field->flags & (SCHEMA_REQUIRED | SCHEMA_REQUIRED_ON_INSERT));
}

static bool is_required(const Translation *translation, const SchemaField *field) {
        unsigned required = SCHEMA_REQUIRED;

        if (translation->use == OPENAPI_INSERT)
                required |= SCHEMA_REQUIRED_ON_INSERT;
        return is_input(translation) && (field->flags & required);
}

static Document *translate_object(const Translation *translation, const Schema *schema);

static Document *translate_items(const Translation *translation, const SchemaField *field) {
        /* Lists are replaced, not merged: what is in them must be whole. */
        const Translation inner = { .use = is_input(translation) ? OPENAPI_INSERT : OPENAPI_ANSWER,
                                    .embeds = translation->embeds,
                                    .path = translation->path };
        Document *items = document_object();

        if (field->schema) {
                document_free(items);
                return translate_object(&inner, field->schema);
        }
        if (is_embeddable(translation, field)) {
                document_free(items);
                return embeddable_schema();
        }
        document_set_string(items, "type", "string");
        if (is_input(translation))
                describe_string(field, false, items);
        return items;
}

static void describe_list(const Translation *translation, const SchemaField *field, Document *schema) {
        CLEANUP(free) char *path = xasprintf("%s%s.", translation->path, field->name);
        Translation inner = *translation;

        if (field->schema)
                inner.path = path;
        Document *items = translate_items(&inner, field);
        if (field->flags & SCHEMA_OF_LISTS) {
                Document *lists = document_object();

                document_set_string(lists, "type", "array");
                document_set(lists, "items", items);
                items = lists;
        }
        document_set(schema, "items", items);
        if (is_input(translation))
                document_set_int(schema, "maxItems", field->max ? (int64_t) field->max : LISTS_MAX);
}

static void describe_int(const Translation *translation, const SchemaField *field, Document *schema) {
        if (!is_input(translation))
                return;
        if (field->flags & SCHEMA_HAS_MIN)
                document_set_int(schema, "minimum", field->min);
        if (field->max)
                document_set_int(schema, "maximum", (int64_t) field->max);
}

static Document *translate_nested(const Translation *translation, const SchemaField *field) {
        CLEANUP(free) char *path = xasprintf("%s%s.", translation->path, field->name);
        const Translation inner = { translation->use, translation->embeds, path };

        return translate_object(&inner, field->schema);
}

static void describe_text(const Translation *translation, const SchemaField *field, Document *schema) {
        if (is_input(translation)) {
                describe_string(field, is_nullable(translation, field), schema);
                document_set_int(schema, "maxLength", field->max ? (int64_t) field->max : STRINGS_MAX);
        } else if (field->words) {
                document_set(schema, "enum", words_document(field->words, false));
        }
}

/* The type, and what goes with it. */
static Document *translate_value(const Translation *translation, const SchemaField *field) {
        static const struct {
                const char *type;
                void (*describe)(const Translation *translation, const SchemaField *field, Document *schema);
        } rows[SCHEMA_TYPE_COUNT] = {
                [SCHEMA_STRING] = { "string", describe_text }, [SCHEMA_ID] = { "string", NULL },
                [SCHEMA_BOOL] = { "boolean", NULL },           [SCHEMA_INT] = { "integer", describe_int },
                [SCHEMA_OBJECT] = { "object", NULL },          [SCHEMA_LIST] = { "array", describe_list },
        };
        Document *schema = NULL;

        if (field->type == SCHEMA_ID && is_embeddable(translation, field))
                return embeddable_schema();
        if (field->type == SCHEMA_ID)
                schema = id_schema();
        else if (field->type == SCHEMA_OBJECT && field->schema)
                schema = translate_nested(translation, field);
        else
                schema = document_object();
        set_type(schema, rows[field->type].type, is_nullable(translation, field));
        if (rows[field->type].describe)
                rows[field->type].describe(translation, field, schema);
        return schema;
}

static Document *translate_field(const Translation *translation, const SchemaField *field) {
        Document *schema = translate_value(translation, field);

        if (field->fallback && translation->use != OPENAPI_PATCH)
                document_set_string(schema, "default", field->fallback);
        if (field->flags & SCHEMA_READ_ONLY)
                document_set_bool(schema, "readOnly", true);
        if (field->flags & SCHEMA_WRITE_ONLY)
                document_set_bool(schema, "writeOnly", true);
        return schema;
}

/* What is read-only is no member of what a client may send, a secret none of an answer. */
static bool is_member(const Translation *translation, const SchemaField *field) {
        return !(field->flags & (is_input(translation) ? SCHEMA_READ_ONLY : SCHEMA_WRITE_ONLY));
}

static Document *translate_object(const Translation *translation, const Schema *schema) {
        Document *object = document_object(), *properties = document_object(), *required = document_array();

        for (size_t i = 0; i < schema->count; i++) {
                const SchemaField *field = &schema->fields[i];

                if (!is_member(translation, field))
                        continue;
                document_set(properties, field->name, translate_field(translation, field));
                if (is_required(translation, field))
                        document_append(required, document_string(field->name));
        }
        document_set_string(object, "type", "object");
        document_set(object, "properties", properties);
        if (document_count(required) > 0)
                document_set(object, "required", document_copy(required));
        document_free(required);
        if (is_input(translation))
                document_set_bool(object, "additionalProperties", false);
        return object;
}

Document *openapi_schema(const Schema *schema, OpenapiUse use, const char *const *embeds) {
        const Translation translation = { .use = use, .embeds = embeds, .path = "" };

        return translate_object(&translation, schema);
}

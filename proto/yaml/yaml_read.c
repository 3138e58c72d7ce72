#include "yaml/yaml_document.h"

#include <string.h>
#include <yaml.h>

#include "base/memory.h"

enum { DEPTH_MAX = 32 };

typedef struct Reader {
        yaml_parser_t parser;
        int depth;
        bool as_text; /* scalars stay as they are written */
} Reader;

static bool next_event(Reader *reader, yaml_event_t *event, Error **err) {
        if (yaml_parser_parse(&reader->parser, event))
                return true;
        return error_set(
                err, ERROR_INVALID, "not YAML: line %zu: %s", reader->parser.problem_mark.line + 1,
                reader->parser.problem ? reader->parser.problem : "unreadable");
}

/* What would mean more than the text shows, or would be cut at a zero byte. */
static bool is_simple(const yaml_event_t *event, Error **err) {
        const char *what = NULL;

        if (event->type == YAML_ALIAS_EVENT ||
            (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor) ||
            (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor) ||
            (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor))
                what = "anchors and aliases are not read";
        else if (
                (event->type == YAML_SCALAR_EVENT && event->data.scalar.tag) ||
                (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag) ||
                (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag))
                what = "tags are not read";
        else if (
                event->type == YAML_SCALAR_EVENT &&
                memchr(event->data.scalar.value, '\0', event->data.scalar.length))
                what = "a zero byte in a text";
        return !what || error_set(err, ERROR_INVALID, "not YAML for Ghost: %s", what);
}

/* Plain scalars as JSON would read them; yes and no stay words, as YAML 1.2 has it. */
static Document *scalar(const Reader *reader, const yaml_event_t *event) {
        const char *value = (const char *) event->data.scalar.value;
        CLEANUP(error_free) Error *ignored = NULL;

        if (reader->as_text || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
                return document_string(value);
        if (!*value || strcmp(value, "~") == 0)
                return document_null();

        Document *read = document_parse(value, strlen(value), &ignored);
        return read ? read : document_string(value);
}

static Document *value_of(Reader *reader, yaml_event_t *event, Error **err);

static Document *list(Reader *reader, Error **err) {
        CLEANUP(document_free) Document *array = document_array();

        for (;;) {
                yaml_event_t event;

                if (!next_event(reader, &event, err))
                        return NULL;
                if (event.type == YAML_SEQUENCE_END_EVENT) {
                        yaml_event_delete(&event);
                        return TAKE(array);
                }
                Document *item = value_of(reader, &event, err);
                if (!item)
                        return NULL;
                document_append(array, item);
        }
}

/* Caller frees; NULL: no key. */
static char *key_of(const Document *map, const yaml_event_t *event, Error **err) {
        const char *name = (const char *) event->data.scalar.value;
        const char *what = NULL;

        if (!is_simple(event, err))
                return NULL;
        if (event->type != YAML_SCALAR_EVENT)
                what = "a key must be a word";
        else if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(name, "<<") == 0)
                what = "merge keys are not read";
        else if (document_get_member(map, name))
                what = "the same key twice";
        if (!what)
                return xstrdup(name);
        (void) error_set(
                err, ERROR_INVALID, "not YAML for Ghost: line %zu: %s", event->start_mark.line + 1, what);
        return NULL;
}

static Document *object(Reader *reader, Error **err) {
        CLEANUP(document_free) Document *map = document_object();

        for (;;) {
                yaml_event_t event;

                if (!next_event(reader, &event, err))
                        return NULL;
                if (event.type == YAML_MAPPING_END_EVENT) {
                        yaml_event_delete(&event);
                        return TAKE(map);
                }
                CLEANUP(free) char *name = key_of(map, &event, err);
                yaml_event_delete(&event);
                if (!name)
                        return NULL;
                if (!next_event(reader, &event, err))
                        return NULL;
                Document *value = value_of(reader, &event, err);
                if (!value)
                        return NULL;
                document_set(map, name, value);
        }
}

/* Consumes the event. */
static Document *value_of(Reader *reader, yaml_event_t *event, Error **err) {
        Document *result = NULL;
        yaml_event_type_t type = event->type;

        if (!is_simple(event, err)) {
                yaml_event_delete(event);
                return NULL;
        }
        if (type == YAML_SCALAR_EVENT)
                result = scalar(reader, event);
        yaml_event_delete(event);
        if (result)
                return result;
        if (++reader->depth > DEPTH_MAX) {
                (void) error_set(err, ERROR_INVALID, "not YAML for Ghost: nested deeper than %d", DEPTH_MAX);
                return NULL;
        }
        if (type == YAML_SEQUENCE_START_EVENT)
                result = list(reader, err);
        else if (type == YAML_MAPPING_START_EVENT)
                result = object(reader, err);
        else
                (void) error_set(err, ERROR_INVALID, "not YAML for Ghost: a value is missing");
        reader->depth--;
        return result;
}

static Document *read_stream(Reader *reader, Error **err) {
        for (;;) {
                yaml_event_t event;

                if (!next_event(reader, &event, err))
                        return NULL;
                if (event.type == YAML_STREAM_END_EVENT) {
                        yaml_event_delete(&event);
                        (void) error_set(err, ERROR_INVALID, "the file is empty");
                        return NULL;
                }
                if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT)
                        return value_of(reader, &event, err);
                yaml_event_delete(&event);
        }
}

/* A second document would be left out in silence. */
static bool ends_here(Reader *reader, Error **err) {
        for (;;) {
                yaml_event_t event;

                if (!next_event(reader, &event, err))
                        return false;
                yaml_event_type_t type = event.type;
                yaml_event_delete(&event);
                if (type == YAML_STREAM_END_EVENT)
                        return true;
                if (type != YAML_DOCUMENT_END_EVENT)
                        return error_set(err, ERROR_INVALID, "not YAML for Ghost: more than one document");
        }
}

static Document *read_all(bool as_text, const char *text, size_t length, Error **err) {
        Reader reader = { .as_text = as_text };

        if (!yaml_parser_initialize(&reader.parser)) {
                (void) error_set(err, ERROR_INTERNAL, "no memory for YAML");
                return NULL;
        }
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, length);
        CLEANUP(document_free) Document *document = read_stream(&reader, err);
        bool ok = document && ends_here(&reader, err);
        yaml_parser_delete(&reader.parser);
        return ok ? TAKE(document) : NULL;
}

Document *yaml_read(const char *text, size_t length, Error **err) {
        return read_all(false, text, length, err);
}

Document *yaml_read_text(const char *text, size_t length, Error **err) {
        return read_all(true, text, length, err);
}

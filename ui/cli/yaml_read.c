#include "yaml_document.h"

#include <string.h>
#include <yaml.h>

#include "base/memory.h"

enum { DEPTH_MAX = 32 };

typedef struct Reader {
        yaml_parser_t parser;
        int depth;
} Reader;

static bool next_event(Reader *reader, yaml_event_t *event, Error **err) {
        if (yaml_parser_parse(&reader->parser, event))
                return true;
        return error_set(
                err, ERROR_INVALID, "not YAML: line %zu: %s", reader->parser.problem_mark.line + 1,
                reader->parser.problem ? reader->parser.problem : "unreadable");
}

/* Plain scalars as JSON would read them; yes and no stay words, as YAML 1.2 has it. */
static Document *scalar(const yaml_event_t *event) {
        const char *value = (const char *) event->data.scalar.value;
        CLEANUP(error_free) Error *ignored = NULL;

        if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
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
                CLEANUP(free)
                char *name = event.type == YAML_SCALAR_EVENT ? xstrdup((const char *) event.data.scalar.value)
                                                             : NULL;
                yaml_event_delete(&event);
                if (!name) {
                        (void) error_set(err, ERROR_INVALID, "not YAML for Ghost: a key must be a word");
                        return NULL;
                }
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

        if (type == YAML_SCALAR_EVENT)
                result = scalar(event);
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
                (void) error_set(err, ERROR_INVALID, "not YAML for Ghost: anchors and aliases are not read");
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

Document *yaml_read(const char *text, size_t length, Error **err) {
        Reader reader = { 0 };

        if (!yaml_parser_initialize(&reader.parser)) {
                (void) error_set(err, ERROR_INTERNAL, "no memory for YAML");
                return NULL;
        }
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *) text, length);
        Document *document = read_stream(&reader, err);
        yaml_parser_delete(&reader.parser);
        return document;
}

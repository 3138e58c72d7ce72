#include "yaml/yaml_document.h"

#include <inttypes.h>
#include <regex.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/memory.h"

enum { INDENT = 4 };

static bool emit(yaml_emitter_t *emitter, yaml_event_t *event) {
        return yaml_emitter_emit(emitter, event) == 1;
}

static bool emit_scalar(yaml_emitter_t *emitter, const char *value, yaml_scalar_style_t style) {
        yaml_event_t event;
        int plain = style != YAML_DOUBLE_QUOTED_SCALAR_STYLE;

        return yaml_scalar_event_initialize(
                       &event, NULL, NULL, (const yaml_char_t *) value, (int) strlen(value), plain, 1,
                       style) &&
               emit(emitter, &event);
}

/* What some reader of YAML 1.1 or 1.2 takes for a number or a date. An identifier of hexadecimal digits is
 * mostly neither. */
static bool looks_like_number(const char *value) {
        static const char pattern[] =
                "^[-+]?(0x[0-9a-f_]+|0b[01_]+|0o[0-7_]+|[0-9][0-9_,]*([.][0-9_]*)?(e[-+]?[0-9]+)?|"
                "[.][0-9_]+(e[-+]?[0-9]+)?|[.](inf|nan)|[0-9][0-9_]*(:[0-9]+)+([.][0-9_]*)?)$|"
                "^[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?($|[Tt \t])";
        static regex_t regex;
        static bool compiled;

        if (!strchr("0123456789.-+", value[0]))
                return false;
        if (!compiled && regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
                return true;
        compiled = true;
        return regexec(&regex, value, 0, NULL, 0) == 0;
}

/* A string that a reader would take for a number, a boolean or null keeps its quotes. */
static yaml_scalar_style_t style_of(const char *value) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free) Document *read = document_parse(value, strlen(value), &ignored);
        static const char *const words[] = { "",   "~",  "<<",  "=",    "y",    "n",    "yes",
                                             "no", "on", "off", "null", "true", "false" };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcasecmp(value, words[i]) == 0)
                        return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        if (read || looks_like_number(value))
                return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        return strchr(value, '\n') ? YAML_LITERAL_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE;
}

static bool emit_value(yaml_emitter_t *emitter, const Document *document);

static bool emit_list(yaml_emitter_t *emitter, const Document *list) {
        yaml_event_t event;
        bool ok = yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) &&
                  emit(emitter, &event);

        for (size_t i = 0; ok && i < document_count(list); i++)
                ok = emit_value(emitter, document_at(list, i));
        return ok && yaml_sequence_end_event_initialize(&event) && emit(emitter, &event);
}

static bool emit_object(yaml_emitter_t *emitter, const Document *object) {
        yaml_event_t event;
        bool ok = yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) &&
                  emit(emitter, &event);

        for (void *i = document_first(object); ok && i; i = document_next(object, i))
                ok = emit_scalar(emitter, document_name(i), style_of(document_name(i))) &&
                     emit_value(emitter, document_child(i));
        return ok && yaml_mapping_end_event_initialize(&event) && emit(emitter, &event);
}

static bool emit_value(yaml_emitter_t *emitter, const Document *document) {
        if (document_is_object(document))
                return emit_object(emitter, document);
        if (document_is_array(document))
                return emit_list(emitter, document);
        if (document_is_string(document))
                return emit_scalar(emitter, document_value(document), style_of(document_value(document)));

        CLEANUP(free) char *text = document_text(document);
        return emit_scalar(emitter, text, YAML_PLAIN_SCALAR_STYLE);
}

static bool emit_stream(yaml_emitter_t *emitter, const Document *document) {
        yaml_event_t event;

        return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && emit(emitter, &event) &&
               yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && emit(emitter, &event) &&
               emit_value(emitter, document) && yaml_document_end_event_initialize(&event, 1) &&
               emit(emitter, &event) && yaml_stream_end_event_initialize(&event) && emit(emitter, &event);
}

bool yaml_print(const Document *document, FILE *out, Error **err) {
        yaml_emitter_t emitter;

        if (!yaml_emitter_initialize(&emitter))
                return error_set(err, ERROR_INTERNAL, "no memory for YAML");
        yaml_emitter_set_output_file(&emitter, out);
        yaml_emitter_set_unicode(&emitter, 1);
        yaml_emitter_set_width(&emitter, -1);
        yaml_emitter_set_indent(&emitter, INDENT);

        bool ok = emit_stream(&emitter, document);
        if (!ok)
                (void) error_set(
                        err, ERROR_INTERNAL, "YAML: %s", emitter.problem ? emitter.problem : "not written");
        yaml_emitter_delete(&emitter);
        return ok;
}

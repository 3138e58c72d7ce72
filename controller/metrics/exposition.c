#include "metrics/exposition.h"

#include <math.h>
#include <stdint.h>

#include "base/cleanup.h"

void exposition_family(Text *text, const char *name, const char *type, const char *help) {
        text_appendf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void append_escaped(Text *text, const char *value) {
        for (const char *at = value ? value : ""; *at; at++)
                switch (*at) {
                case '\\':
                case '"':
                        text_appendf(text, "\\%c", *at);
                        break;
                case '\n':
                        text_append(text, "\\n");
                        break;
                default:
                        text_append_bytes(text, at, 1);
                }
}

/* Whole numbers in full, others as short as they come back the same. */
static void append_number(Text *text, double value) {
        if (isinf(value))
                text_append(text, value < 0 ? "-Inf" : "+Inf");
        else if (value == floor(value) && fabs(value) < 1e15)
                text_appendf(text, "%.0f", value);
        else
                text_appendf(text, "%.10g", value);
}

void exposition_sample(
        Text *text, const char *name, const ExpositionLabel *labels, size_t label_count, double value) {
        text_append(text, name);
        for (size_t i = 0; i < label_count; i++) {
                text_appendf(text, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
                append_escaped(text, labels[i].value);
                text_append(text, "\"");
        }
        text_append(text, label_count > 0 ? "} " : " ");
        append_number(text, value);
        text_append(text, "\n");
}

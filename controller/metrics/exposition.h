/* The text format of Prometheus, version 0.0.4. */
#pragma once

#include <stddef.h>

#include "base/text.h"

#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

void exposition_family(Text *text, const char *name, const char *type, const char *help);

typedef struct ExpositionLabel {
        const char *name, *value;
} ExpositionLabel;
/* name{labels} value; the labels may hold anything. */
void exposition_sample(
        Text *text, const char *name, const ExpositionLabel *labels, size_t label_count, double value);

/* Regular expressions that people write, bounded: whatever the expression and the text, compiling and
 * matching take milliseconds. Perl's syntax. A compiled pattern may be used by several threads at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { PATTERN_MAX_BYTES = 1024 };

typedef struct Pattern Pattern;

/* INVALID says what is wrong and where. */
Pattern *pattern_new(const char *expression, Error **err);
void pattern_free(Pattern *pattern);
CLEANUP_DEFINE(Pattern, pattern_free);

/* Found anywhere in the text, which need not be UTF-8. What takes too many steps is no match. */
bool pattern_matches(const Pattern *pattern, const char *text, size_t length);

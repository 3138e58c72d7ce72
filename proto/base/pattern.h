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

typedef enum PatternResult {
        PATTERN_MISSES,
        PATTERN_FOUND,
        PATTERN_TOO_COSTLY, /* given up after too many steps; for the expression's author to mend */
} PatternResult;

/* Anywhere in the text, which need not be UTF-8. */
PatternResult pattern_match(const Pattern *pattern, const char *text, size_t length);
/* What is too costly is no match. */
bool pattern_matches(const Pattern *pattern, const char *text, size_t length);

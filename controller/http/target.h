/* Target: what a request line asks for, taken apart: path and query, percent-decoded. Outside bytes. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "http/pairs.h"

enum { TARGET_MAX_LENGTH = 16384, TARGET_MAX_PARAMETERS = 64 };

typedef struct Target {
        char *path; /* starts with '/', without a slash at its end unless it is "/" */
        Pairs query;
} Target;

/* Refuses (INVALID) what is too long, does not start with '/', or hides NUL, '/' or control bytes behind %XX
 * in its path. A '%' that starts no escape stands for itself, '+' in the query for a blank. */
bool target_parse(const char *raw, Target *ret, Error **err);
void target_clear(Target *target);

/* "a=b&c=d", as in the query, of any length; a form's body is written so too. ret is filled as far as it
 * could be read. */
bool target_parse_query(const char *query, Pairs *ret, Error **err);

static inline void target_clearp(Target *target) {
        target_clear(target);
}

#include "store/regexp.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX_BYTES = 256, SUBJECT_MAX_BYTES = 4096 };

static void free_regex(void *regex) {
        regfree(regex);
        free(regex);
}

static regex_t *compiled(sqlite3_context *context, sqlite3_value *pattern) {
        regex_t *regex = sqlite3_get_auxdata(context, 0);
        const char *text = (const char *) sqlite3_value_text(pattern);

        if (regex)
                return regex;
        if (!text || strlen(text) > PATTERN_MAX_BYTES)
                return NULL;
        regex = calloc(1, sizeof(*regex));
        if (!regex || regcomp(regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
                free(regex);
                return NULL;
        }
        sqlite3_set_auxdata(context, 0, regex, free_regex);
        return sqlite3_get_auxdata(context, 0);
}

/* X REGEXP Y is regexp(Y, X). */
static void matches(sqlite3_context *context, int count, sqlite3_value **values) {
        regex_t *regex = compiled(context, values[0]);
        const char *subject = (const char *) sqlite3_value_text(values[1]);

        (void) count;
        if (!regex)
                sqlite3_result_error(context, "not a regular expression", -1);
        else
                sqlite3_result_int(
                        context, subject && sqlite3_value_bytes(values[1]) <= SUBJECT_MAX_BYTES &&
                                         regexec(regex, subject, 0, NULL, 0) == 0);
}

void regexp_register(sqlite3 *database) {
        (void) sqlite3_create_function_v2(
                database, "regexp", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, matches, NULL, NULL, NULL);
}

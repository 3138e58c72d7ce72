#include "store/regexp.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_MAX_BYTES = 256, SUBJECT_MAX_BYTES = 4096, COPIES_MAX = 1000 };

static void free_regex(void *regex) {
        regfree(regex);
        free(regex);
}

/* What libc's compiler or matcher would take minutes or gigabytes for: repeats of repeats, and references
 * back. */
static unsigned long repeats(const char *interval) {
        char *end = NULL;
        unsigned long low = strtoul(interval, &end, 10),
                      high = *end == ',' ? strtoul(end + 1, NULL, 10) : low;

        return low > high ? low : high;
}

static bool is_cheap(const char *pattern) {
        unsigned long copies = 1;

        for (const char *c = pattern + strcspn(pattern, "\\{"); *c; c += strcspn(c, "\\{")) {
                if (*c++ == '\\') {
                        if (*c >= '1' && *c <= '9')
                                return false;
                        c += *c != '\0';
                        continue;
                }

                unsigned long times = repeats(c);
                if (times > COPIES_MAX)
                        return false;
                copies *= times > 1 ? times : 1;
                if (copies > COPIES_MAX)
                        return false;
        }
        return true;
}

static regex_t *compiled(sqlite3_context *context, sqlite3_value *pattern) {
        regex_t *regex = sqlite3_get_auxdata(context, 0);
        const char *text = (const char *) sqlite3_value_text(pattern);

        if (regex)
                return regex;
        if (!text || strlen(text) > PATTERN_MAX_BYTES || !is_cheap(text))
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

#include "store/regexp.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/pattern.h"

/* Of one statement, over all its rows: a pattern that is almost too costly for each adds up. */
enum { MATCHING_MAX_MS = 1000, ROWS_BETWEEN_LOOKS = 256 };

const char regexp_complaint[] = "$regex: ";

typedef struct Matcher {
        Pattern *pattern;
        Deadline give_up;
        unsigned rows;
} Matcher;

static void matcher_free(void *context) {
        Matcher *matcher = context;

        pattern_free(matcher->pattern);
        free(matcher);
}

static void complain(sqlite3_context *context, const char *message) {
        CLEANUP(free) char *text = xasprintf("%s%s", regexp_complaint, message);

        sqlite3_result_error(context, text, -1);
}

void regexp_complain_of_cost(sqlite3_context *context) {
        complain(context, "too costly; anchor it or make it simpler");
}

/* Kept by SQLite for the rows of a statement. NULL when the complaint is made. */
static Matcher *matcher_of(sqlite3_context *context, sqlite3_value *pattern) {
        CLEANUP(error_free) Error *why = NULL;
        Matcher *matcher = sqlite3_get_auxdata(context, 0);
        const char *text = (const char *) sqlite3_value_text(pattern);

        if (matcher)
                return matcher;
        Pattern *compiled = text ? pattern_new(text, &why) : NULL;
        if (!compiled) {
                complain(context, text ? error_message(why) : "not a text");
                return NULL;
        }
        matcher = xcalloc(1, sizeof(*matcher));
        matcher->pattern = compiled;
        matcher->give_up = deadline_after_ms(MATCHING_MAX_MS);
        sqlite3_set_auxdata(context, 0, matcher, matcher_free);
        return sqlite3_get_auxdata(context, 0);
}

static bool out_of_time(Matcher *matcher) {
        return ++matcher->rows % ROWS_BETWEEN_LOOKS == 0 && deadline_passed(matcher->give_up);
}

/* X REGEXP Y is regexp(Y, X). */
static void matches(sqlite3_context *context, int count, sqlite3_value **values) {
        Matcher *matcher = matcher_of(context, values[0]);
        const char *subject = (const char *) sqlite3_value_text(values[1]);
        PatternResult result = PATTERN_MISSES;

        (void) count;
        if (!matcher)
                return;
        if (subject)
                result = pattern_match(matcher->pattern, subject, (size_t) sqlite3_value_bytes(values[1]));
        if (result == PATTERN_TOO_COSTLY || out_of_time(matcher))
                regexp_complain_of_cost(context);
        else
                sqlite3_result_int(context, result == PATTERN_FOUND);
}

void regexp_register(sqlite3 *database) {
        (void) sqlite3_create_function_v2(
                database, "regexp", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, matches, NULL, NULL, NULL);
}

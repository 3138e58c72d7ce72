#include "store/doc_matches.h"

#include <string.h>

#include "base/memory.h"
#include "store/field_match.h"
#include "store/regexp.h"

/* Of one connection: several conditions ask for the same row one after the other. */
typedef struct LastDocument {
        char *text;
        Document *document;
} LastDocument;

static void free_last(void *context) {
        LastDocument *last = context;

        free(last->text);
        document_free(last->document);
        free(last);
}

static const Document *parsed(LastDocument *last, const char *text) {
        CLEANUP(error_free) Error *ignored = NULL;

        if (last->text && strcmp(last->text, text) == 0)
                return last->document;
        free(last->text);
        document_free(last->document);
        last->document = document_parse(text, strlen(text), &ignored);
        last->text = xstrdup(text);
        return last->document;
}

static void free_condition(void *context) {
        field_condition_clear(context);
        free(context);
}

static bool read_condition(sqlite3_value **values, FieldCondition *ret, Error **err) {
        const char *field = (const char *) sqlite3_value_text(values[1]);
        const char *word = (const char *) sqlite3_value_text(values[2]);
        const char *operand = (const char *) sqlite3_value_text(values[3]);
        int op = MATCH_EQ;

        if (!field || !word || !operand || !names_value(&match_operator_names, word, &op))
                return error_set(err, ERROR_INTERNAL, "doc_matches(): no such condition");
        text_split(field, '.', &ret->path);
        ret->op = (MatchOperator) op;
        ret->operand = document_parse(operand, strlen(operand), err);
        if (!ret->operand)
                return false;
        if (ret->op != MATCH_REGEX)
                return true;
        CLEANUP(error_free) Error *why = NULL;
        ret->pattern = pattern_new(document_value(ret->operand), &why);
        return ret->pattern || error_set(err, ERROR_INVALID, "%s%s", regexp_complaint, error_message(why));
}

/* Kept by SQLite for the rows of a statement, for all but the document are the same in each. */
static FieldCondition *condition_of(sqlite3_context *context, sqlite3_value **values) {
        CLEANUP(error_free) Error *why = NULL;
        FieldCondition *condition = sqlite3_get_auxdata(context, 1);

        if (condition)
                return condition;
        condition = xcalloc(1, sizeof(*condition));
        if (!read_condition(values, condition, &why)) {
                sqlite3_result_error(context, error_message(why), -1);
                free_condition(condition);
                return NULL;
        }
        sqlite3_set_auxdata(context, 1, condition, free_condition);
        return sqlite3_get_auxdata(context, 1);
}

static void matches(sqlite3_context *context, int count, sqlite3_value **values) {
        const FieldCondition *condition = condition_of(context, values);
        const char *text = (const char *) sqlite3_value_text(values[0]);

        (void) count;
        if (!condition)
                return;
        FieldMatch match =
                text ? field_match(condition, parsed(sqlite3_user_data(context), text)) : FIELD_MISSES;
        if (match == FIELD_TOO_COSTLY)
                regexp_complain_of_cost(context);
        else
                sqlite3_result_int(context, match == FIELD_MATCHES);
}

void doc_matches_register(sqlite3 *database) {
        (void) sqlite3_create_function_v2(
                database, "doc_matches", 4, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                xcalloc(1, sizeof(LastDocument)), matches, NULL, NULL, free_last);
}

#include "store/where.h"

#include <string.h>

#include "base/memory.h"
#include "store/field_match.h"
#include "store/where_column.h"
#include "store/where_state.h"

/* SQLite takes expressions up to 1,000 deep, and a chain of n conditions is n deep. */
enum { DEPTH_MAX = 10, LISTED_MAX = 2000, CONDITIONS_MAX = 500, PATH_MAX_BYTES = 200 };

static bool compile_object(WhereState *state, const Document *where, int depth, Error **err);

void where_bind(WhereState *state, Document *value) {
        WhereValues *values = state->values;

        values->items = xrealloc(values->items, (values->count + 1) * sizeof(values->items[0]));
        values->items[values->count++] = value;
}

static bool count_condition(WhereState *state, Error **err) {
        return ++state->values->condition_count <= CONDITIONS_MAX ||
               error_set(err, ERROR_INVALID, "where: more than %d conditions", CONDITIONS_MAX);
}

static bool check_field(const char *field, Error **err) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        if (*field && strlen(field) <= PATH_MAX_BYTES && !strpbrk(field, "\"\\")) {
                text_split(field, '.', &parts);
                if (!string_list_contains(&parts, ""))
                        return true;
        }
        return error_set(err, ERROR_INVALID, "where: '%s' is no field", field);
}

static bool is_plain(const Document *value) {
        return !document_is_array(value) && !document_is_object(value);
}

static bool check_operand(const char *field, MatchOperator op, const Document *value, Error **err) {
        if (op == MATCH_EXISTS)
                return true;
        if (op == MATCH_REGEX)
                return document_is_string(value) ||
                       error_set(err, ERROR_INVALID, "where: %s: $regex takes a text", field);
        if (op != MATCH_IN)
                return is_plain(value) || error_set(
                                                  err, ERROR_INVALID, "where: %s: %s takes a plain value",
                                                  field, names_word(&match_operator_names, op));
        if (!document_is_array(value) || document_count(value) > LISTED_MAX)
                return error_set(
                        err, ERROR_INVALID, "where: %s: a list of at most %d values", field, LISTED_MAX);
        for (size_t i = 0; i < document_count(value); i++)
                if (!is_plain(document_at(value, i)))
                        return error_set(
                                err, ERROR_INVALID, "where: %s: only plain values can be listed", field);
        return true;
}

/* The document is asked. */
static void compile_for_document(
        WhereState *state, const char *field, MatchOperator op, const Document *value) {
        CLEANUP(free) char *operand = document_text(value);

        text_append(state->sql, "doc_matches(doc, ?, ?, ?)");
        where_bind(state, document_string(field));
        where_bind(state, document_string(names_word(&match_operator_names, op)));
        where_bind(state, document_string(operand));
}

static bool compile_condition(
        WhereState *state, const char *field, MatchOperator op, const Document *value, Error **err) {
        const WhereColumn *column = where_column(state->columns, field);
        CLEANUP(document_free) Document *truth = NULL;

        if (!count_condition(state, err) || !check_field(field, err) || !check_operand(field, op, value, err))
                return false;
        if (op == MATCH_EXISTS) {
                truth = document_bool(document_is_true(value) || document_int_value(value) != 0);
                value = truth;
        }
        bool by_column = column && where_column_compile(state, column, op, value);
        if (!by_column)
                compile_for_document(state, field, op, value);
        state->values->beyond_kinds |= !by_column || !column->kind;
        state->values->beyond_columns |= !by_column;
        return true;
}

/* NOT is false for what is unknown, so that must not happen below it. */
static bool compile_negation(
        WhereState *state, const char *field, MatchOperator op, const Document *value, Error **err) {
        text_append(state->sql, "NOT coalesce(");
        if (!compile_condition(state, field, op, value, err))
                return false;
        text_append(state->sql, ", 0)");
        return true;
}

static bool compile_operators(WhereState *state, const char *field, const Document *operators, Error **err);

static bool compile_not(WhereState *state, const char *field, const Document *operators, Error **err) {
        if (!document_is_object(operators))
                return error_set(err, ERROR_INVALID, "where: %s: $not takes operators", field);
        if (state->nots++ > 0)
                return error_set(err, ERROR_INVALID, "where: %s: $not inside $not", field);
        text_append(state->sql, "NOT coalesce(");
        if (!compile_operators(state, field, operators, err))
                return false;
        text_append(state->sql, ", 0)");
        state->nots--;
        return true;
}

/* {"$regex": "…", "$options": "i"} as Perl writes it: (?i)… */
static bool compile_regex(WhereState *state, const char *field, const Document *operators, Error **err) {
        const Document *pattern = document_get_member(operators, "$regex");
        const Document *options = document_get_member(operators, "$options");
        const char *letters = document_value(options);

        if (!options)
                return compile_condition(state, field, MATCH_REGEX, pattern, err);
        if (!letters || strspn(letters, "imsx") != strlen(letters) || !document_is_string(pattern))
                return error_set(
                        err, ERROR_INVALID, "where: %s: $options goes with $regex and takes letters of imsx",
                        field);
        CLEANUP(free)
        char *whole = *letters ? xasprintf("(?%s)%s", letters, document_value(pattern))
                               : xstrdup(document_value(pattern));
        CLEANUP(document_free) Document *combined = document_string(whole);
        return compile_condition(state, field, MATCH_REGEX, combined, err);
}

static bool compile_operator(
        WhereState *state, const char *field, const Document *operators, void *entry, Error **err) {
        const char *name = document_name(entry);
        const Document *value = document_child(entry);
        int op;

        if (strcmp(name, "$ne") == 0)
                return compile_negation(state, field, MATCH_EQ, value, err);
        if (strcmp(name, "$nin") == 0)
                return compile_negation(state, field, MATCH_IN, value, err);
        if (strcmp(name, "$not") == 0)
                return compile_not(state, field, value, err);
        if (strcmp(name, "$regex") == 0)
                return compile_regex(state, field, operators, err);
        if (names_value(&match_operator_names, name, &op))
                return compile_condition(state, field, (MatchOperator) op, value, err);
        return error_set(err, ERROR_INVALID, "where: %s: operator '%s' is not supported", field, name);
}

static bool compile_operators(WhereState *state, const char *field, const Document *operators, Error **err) {
        const char *between = "";

        if (document_count(operators) == 0)
                return error_set(err, ERROR_INVALID, "where: %s: an empty condition", field);
        text_append(state->sql, "(");
        for (void *i = document_first(operators); i; i = document_next(operators, i)) {
                if (strcmp(document_name(i), "$options") == 0 && document_get_member(operators, "$regex"))
                        continue;
                text_append(state->sql, between);
                if (!compile_operator(state, field, operators, i, err))
                        return false;
                between = " AND ";
        }
        text_append(state->sql, ")");
        return true;
}

static bool compile_group(WhereState *state, const char *name, const Document *list, int depth, Error **err) {
        bool none = strcmp(name, "$nor") == 0;
        const char *between = strcmp(name, "$and") == 0 ? " AND " : " OR ";

        if (!document_is_array(list) || document_count(list) == 0 || document_count(list) > LISTED_MAX)
                return error_set(err, ERROR_INVALID, "where: %s takes a list of conditions", name);
        text_append(state->sql, none ? "NOT coalesce((" : "(");
        for (size_t i = 0; i < document_count(list); i++) {
                if (i)
                        text_append(state->sql, between);
                if (!compile_object(state, document_at(list, i), depth - 1, err))
                        return false;
        }
        text_append(state->sql, none ? "), 0)" : ")");
        return true;
}

static bool compile_member(
        WhereState *state, const char *name, const Document *value, int depth, Error **err) {
        if (strcmp(name, "$or") == 0 || strcmp(name, "$and") == 0 || strcmp(name, "$nor") == 0)
                return compile_group(state, name, value, depth, err);
        if (name[0] == '$')
                return error_set(err, ERROR_INVALID, "where: operator '%s' is not supported", name);
        if (document_is_object(value))
                return compile_operators(state, name, value, err);
        return compile_condition(state, name, MATCH_EQ, value, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX ends it */
static bool compile_object(WhereState *state, const Document *where, int depth, Error **err) {
        const char *between = "";

        if (!count_condition(state, err))
                return false;
        if (depth == 0)
                return error_set(err, ERROR_INVALID, "where: nested deeper than %d", DEPTH_MAX);
        if (!document_is_object(where))
                return error_set(err, ERROR_INVALID, "where: a condition is an object");
        text_append(state->sql, "(");
        if (document_count(where) == 0)
                text_append(state->sql, "1");
        for (void *i = document_first(where); i; i = document_next(where, i)) {
                text_append(state->sql, between);
                if (!compile_member(state, document_name(i), document_child(i), depth, err))
                        return false;
                between = " AND ";
        }
        text_append(state->sql, ")");
        return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as documents may be */
static bool names_key(const WhereColumn *columns, const Document *where) {
        if (document_is_array(where))
                for (size_t i = 0; i < document_count(where); i++)
                        if (names_key(columns, document_at(where, i)))
                                return true;
        if (!document_is_object(where))
                return false;
        for (void *i = document_first(where); i; i = document_next(where, i)) {
                const WhereColumn *column = where_column(columns, document_name(i));

                if ((column && column->key && !document_get_member(document_child(i), "$regex")) ||
                    (document_name(i)[0] == '$' && names_key(columns, document_child(i))))
                        return true;
        }
        return false;
}

bool where_compile(
        const WhereColumn *columns, const Document *where, Text *sql, WhereValues *values, Error **err) {
        WhereState state = { .columns = columns, .sql = sql, .values = values };

        values->keyed = names_key(columns, where);
        if (where)
                return compile_object(&state, where, DEPTH_MAX, err);
        text_append(sql, "1");
        return true;
}

void where_values_clear(WhereValues *values) {
        for (size_t i = 0; i < values->count; i++)
                document_free(values->items[i]);
        free(values->items);
        *values = (WhereValues){ 0 };
}

#include "store/where_column.h"

#include <string.h>

#include "base/clock.h"

/* Every table has these, and no document. */
static const WhereColumn bookkeeping[] = {
        { "_id", "id", WHERE_TEXT, .key = true }, { "_etag", "etag", WHERE_TEXT },
        { "_version", "version", WHERE_INT },     { "_created", "created_us", WHERE_TIME },
        { "_updated", "updated_us", WHERE_TIME }, { NULL },
};

static const int64_t SECOND_US = 1000000;

static const WhereColumn *find(const WhereColumn *columns, const char *field) {
        for (; columns && columns->field; columns++)
                if (strcmp(columns->field, field) == 0)
                        return columns;
        return NULL;
}

const WhereColumn *where_column(const WhereColumn *columns, const char *field) {
        const WhereColumn *column = find(bookkeeping, field);

        return column ? column : find(columns, field);
}

static bool is_bookkeeping(const WhereColumn *column) {
        return column->field[0] == '_';
}

static const char *comparison_of(MatchOperator op) {
        static const char *const signs[MATCH_OPERATOR_COUNT] = {
                [MATCH_EQ] = "=", [MATCH_GT] = ">",   [MATCH_GTE] = ">=",
                [MATCH_LT] = "<", [MATCH_LTE] = "<=", [MATCH_REGEX] = "REGEXP",
        };

        return signs[op];
}

static bool fits(const WhereColumn *column, const Document *value) {
        return column->type == WHERE_TEXT ? document_is_string(value) : document_is_int(value);
}

/* A plus hides a column's indexes from the planner. */
static const char *hidden(const WhereState *state, const WhereColumn *column) {
        return state->values->keyed && !column->key ? "+" : "";
}

static void append_null(WhereState *state, const WhereColumn *column, bool is_null) {
        text_appendf(
                state->sql, "%s%s IS %sNULL", hidden(state, column), column->column, is_null ? "" : "NOT ");
}

/* Values that do not fit cannot be equal to it. */
static void append_list(WhereState *state, const WhereColumn *column, const Document *list) {
        const char *between = "";
        bool with_null = false;

        text_appendf(state->sql, "(%s%s IN (", hidden(state, column), column->column);
        for (size_t i = 0; i < document_count(list); i++) {
                const Document *value = document_at(list, i);

                with_null |= document_is_null(value);
                if (!fits(column, value))
                        continue;
                text_appendf(state->sql, "%s?", between);
                where_bind(state, document_copy(value));
                between = ",";
        }
        text_append(state->sql, ")");
        if (with_null) {
                text_append(state->sql, " OR ");
                append_null(state, column, true);
        }
        text_append(state->sql, ")");
}

/* A date means the whole second. */
static void append_moment(
        WhereState *state, const WhereColumn *column, MatchOperator op, const Document *value) {
        const char *text = document_value(value);
        int64_t begin;

        if (!text || !clock_parse_http(text, &begin)) {
                text_append(state->sql, "0");
                return;
        }
        int64_t end = begin + SECOND_US;
        switch ((int) op) {
        case MATCH_GT:
                text_appendf(state->sql, "%s%s >= ?", hidden(state, column), column->column);
                where_bind(state, document_int(end));
                break;
        case MATCH_GTE:
                text_appendf(state->sql, "%s%s >= ?", hidden(state, column), column->column);
                where_bind(state, document_int(begin));
                break;
        case MATCH_LT:
                text_appendf(state->sql, "%s%s < ?", hidden(state, column), column->column);
                where_bind(state, document_int(begin));
                break;
        case MATCH_LTE:
                text_appendf(state->sql, "%s%s < ?", hidden(state, column), column->column);
                where_bind(state, document_int(end));
                break;
        case MATCH_EQ:
                text_appendf(
                        state->sql, "(%s%s >= ? AND %s%s < ?)", hidden(state, column), column->column,
                        hidden(state, column), column->column);
                where_bind(state, document_int(begin));
                where_bind(state, document_int(end));
                break;
        default: /* a pattern, on what is no text */
                text_append(state->sql, "0");
        }
}

static void append_moments(WhereState *state, const WhereColumn *column, const Document *list) {
        text_append(state->sql, "(0");
        for (size_t i = 0; i < document_count(list); i++) {
                text_append(state->sql, " OR ");
                append_moment(state, column, MATCH_EQ, document_at(list, i));
        }
        text_append(state->sql, ")");
}

static void compile_time(
        WhereState *state, const WhereColumn *column, MatchOperator op, const Document *value) {
        if (op == MATCH_IN)
                append_moments(state, column, value);
        else
                append_moment(state, column, op, value);
}

bool where_column_compile(
        WhereState *state, const WhereColumn *column, MatchOperator op, const Document *value) {
        if (op == MATCH_EXISTS || (op == MATCH_EQ && document_is_null(value))) {
                append_null(state, column, op == MATCH_EQ || !document_is_true(value));
        } else if (column->type == WHERE_TIME) {
                compile_time(state, column, op, value);
        } else if (op == MATCH_IN) {
                append_list(state, column, value);
        } else if (fits(column, value) && (op != MATCH_REGEX || column->type == WHERE_TEXT)) {
                text_appendf(
                        state->sql, "%s%s %s ?", hidden(state, column), column->column, comparison_of(op));
                where_bind(state, document_copy(value));
        } else if (is_bookkeeping(column)) {
                text_append(state->sql, "0");
        } else {
                return false;
        }
        return true;
}

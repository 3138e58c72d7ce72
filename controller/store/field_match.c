#include "store/field_match.h"

#include <string.h>

#include "base/clock.h"

static const char *const operator_words[MATCH_OPERATOR_COUNT] = {
        [MATCH_EQ] = "$eq", [MATCH_IN] = "$in",   [MATCH_GT] = "$gt",         [MATCH_GTE] = "$gte",
        [MATCH_LT] = "$lt", [MATCH_LTE] = "$lte", [MATCH_EXISTS] = "$exists", [MATCH_REGEX] = "$regex",
};
const Names match_operator_names = NAMES(operator_words);

void field_condition_clear(FieldCondition *condition) {
        string_list_clear(&condition->path);
        document_free(condition->operand);
        pattern_free(condition->pattern);
        *condition = (FieldCondition){ 0 };
}

/* What was found on the way: values are looked at as they come. */
typedef struct Search {
        const FieldCondition *condition;
        bool found;  /* some value stands at the path */
        bool match;  /* one of them matches */
        bool costly; /* the pattern gave up on one */
} Search;

static int sign(int64_t a, int64_t b) {
        return (a > b) - (a < b);
}

/* False when they cannot be compared. */
static bool compare_numbers(const Document *a, const Document *b, int *ret) {
        if (!document_is_number(a) || !document_is_number(b))
                return false;
        if (document_is_int(a) && document_is_int(b)) {
                *ret = sign(document_int_value(a), document_int_value(b));
        } else {
                double left = document_number(a), right = document_number(b);
                *ret = (left > right) - (left < right);
        }
        return true;
}

/* Dates of the contract are texts, and compared as what they mean. */
static bool compare_texts(const Document *a, const Document *b, int *ret) {
        const char *left = document_value(a), *right = document_value(b);
        int64_t left_us, right_us;

        if (!left || !right)
                return false;
        if (clock_parse_http(right, &right_us) && clock_parse_http(left, &left_us))
                *ret = sign(left_us, right_us);
        else
                *ret = strcmp(left, right);
        return true;
}

static bool in_order(MatchOperator op, int order) {
        if (op == MATCH_GT)
                return order > 0;
        if (op == MATCH_GTE)
                return order >= 0;
        return op == MATCH_LT ? order < 0 : order <= 0;
}

static bool is_equal(const Document *a, const Document *b) {
        int order;

        return compare_numbers(a, b, &order) ? order == 0 : document_equal(a, b);
}

static bool is_listed(const Document *list, const Document *value) {
        for (size_t i = 0; i < document_count(list); i++)
                if (is_equal(document_at(list, i), value))
                        return true;
        return false;
}

static bool matches_pattern(Search *search, const Document *value) {
        const char *text = document_value(value);
        PatternResult result =
                text ? pattern_match(search->condition->pattern, text, strlen(text)) : PATTERN_MISSES;

        search->costly |= result == PATTERN_TOO_COSTLY;
        return result == PATTERN_FOUND;
}

static bool matches_value(Search *search, const Document *value) {
        const FieldCondition *condition = search->condition;
        int order;

        if (condition->op == MATCH_EQ)
                return is_equal(value, condition->operand);
        if (condition->op == MATCH_IN)
                return is_listed(condition->operand, value);
        if (condition->op == MATCH_REGEX)
                return matches_pattern(search, value);
        return condition->op != MATCH_EXISTS &&
               (compare_numbers(value, condition->operand, &order) ||
                compare_texts(value, condition->operand, &order)) &&
               in_order(condition->op, order);
}

/* A list is looked at as a whole and element by element. */
static void look_at(Search *search, const Document *value) {
        search->found = true;
        search->match |= matches_value(search, value);
        if (document_is_array(value))
                for (size_t i = 0; i < document_count(value) && !search->match; i++)
                        search->match |= matches_value(search, document_at(value, i));
}

static const Document *element(const Document *list, const char *part) {
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t index;

        return text_parse_uint(part, 0, SIZE_MAX, &index, &ignored) ? document_at(list, (size_t) index)
                                                                    : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as documents may be */
static void walk(Search *search, const Document *value, size_t part) {
        const StringList *path = &search->condition->path;

        if (!value || search->match)
                return;
        if (part == path->count) {
                look_at(search, value);
                return;
        }
        if (document_is_object(value))
                walk(search, document_get_member(value, path->items[part]), part + 1);
        if (!document_is_array(value))
                return;
        walk(search, element(value, path->items[part]), part + 1);
        for (size_t i = 0; i < document_count(value); i++)
                if (document_is_object(document_at(value, i)))
                        walk(search, document_at(value, i), part);
}

/* What is not there counts as null. */
static bool matches_absence(const FieldCondition *condition) {
        CLEANUP(document_free) Document *null = document_null();

        if (condition->op == MATCH_EXISTS)
                return !document_is_true(condition->operand);
        return (condition->op == MATCH_EQ && document_is_null(condition->operand)) ||
               (condition->op == MATCH_IN && is_listed(condition->operand, null));
}

FieldMatch field_match(const FieldCondition *condition, const Document *document) {
        Search search = { .condition = condition };

        walk(&search, document, 0);
        if (search.costly)
                return FIELD_TOO_COSTLY;
        if (!search.found)
                return matches_absence(condition) ? FIELD_MATCHES : FIELD_MISSES;
        if (condition->op == MATCH_EXISTS)
                return document_is_true(condition->operand) ? FIELD_MATCHES : FIELD_MISSES;
        return search.match ? FIELD_MATCHES : FIELD_MISSES;
}

#include "api/where.h"

#include <regex.h>
#include <string.h>

#include "base/memory.h"

enum { PATTERN_MAX = 200, DEPTH_MAX = 8, CLAUSES_MAX = 100 };

typedef enum Operator {
        OPERATOR_EQUAL,
        OPERATOR_NOT_EQUAL,
        OPERATOR_IN,
        OPERATOR_NOT_IN,
        OPERATOR_REGEX,
        OPERATOR_GREATER,
        OPERATOR_GREATER_OR_EQUAL,
        OPERATOR_LESS,
        OPERATOR_LESS_OR_EQUAL,
        OPERATOR_EXISTS,
        OPERATOR_COUNT,
} Operator;

static const char *const operator_words[OPERATOR_COUNT] = {
        [OPERATOR_EQUAL] = "$eq",
        [OPERATOR_NOT_EQUAL] = "$ne",
        [OPERATOR_IN] = "$in",
        [OPERATOR_NOT_IN] = "$nin",
        [OPERATOR_REGEX] = "$regex",
        [OPERATOR_GREATER] = "$gt",
        [OPERATOR_GREATER_OR_EQUAL] = "$gte",
        [OPERATOR_LESS] = "$lt",
        [OPERATOR_LESS_OR_EQUAL] = "$lte",
        [OPERATOR_EXISTS] = "$exists",
};

static bool find_operator(const char *word, Operator *ret) {
        for (int i = 0; i < OPERATOR_COUNT; i++) {
                if (strcmp(operator_words[i], word) == 0) {
                        *ret = (Operator) i;
                        return true;
                }
        }
        return false;
}

/* An object whose first member starts with '$' holds operators, any other value is compared as it is. */
static bool holds_operators(const Document *condition) {
        void *first = document_is_object(condition) ? document_first(condition) : NULL;

        return first && document_name(first)[0] == '$';
}

static bool compile(const char *pattern, regex_t *ret, Error **err) {
        const char *count = strchr(pattern, '{');

        /* Nested repetition counts make the C library's matcher take all memory. */
        if (strlen(pattern) > PATTERN_MAX || (count && strchr(count + 1, '{')))
                return error_set(err, ERROR_INVALID, "where: the regular expression is too complex");
        if (regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB) != 0)
                return error_set(err, ERROR_INVALID, "where: '%s' is not a regular expression", pattern);
        return true;
}

static bool check_operator(const char *word, const Document *operand, Error **err) {
        Operator op;

        if (!find_operator(word, &op))
                return error_set(err, ERROR_INVALID, "where: unknown operator '%s'", word);
        if ((op == OPERATOR_IN || op == OPERATOR_NOT_IN) &&
            (!document_is_array(operand) || document_count(operand) > CLAUSES_MAX * 10))
                return error_set(err, ERROR_INVALID, "where: %s needs a list of a reasonable length", word);
        if (op == OPERATOR_REGEX) {
                regex_t regex;
                if (!document_is_string(operand))
                        return error_set(err, ERROR_INVALID, "where: $regex needs a string");
                if (!compile(document_value(operand), &regex, err))
                        return false;
                regfree(&regex);
        }
        return true;
}

static bool check_condition(const Document *condition, Error **err) {
        if (!holds_operators(condition))
                return true;
        for (void *i = document_first(condition); i; i = document_next(condition, i))
                if (strcmp(document_name(i), "$options") != 0 &&
                    !check_operator(document_name(i), document_child(i), err))
                        return false;
        return true;
}

static bool check_level(const Document *where, int depth, Error **err);

static bool check_clauses(const char *word, const Document *clauses, int depth, Error **err) {
        if (strcmp(word, "$or") != 0 && strcmp(word, "$and") != 0)
                return error_set(err, ERROR_INVALID, "where: unknown operator '%s'", word);
        if (!document_is_array(clauses) || document_count(clauses) == 0 ||
            document_count(clauses) > CLAUSES_MAX)
                return error_set(
                        err, ERROR_INVALID, "where: %s needs a list of 1 to %d filters", word, CLAUSES_MAX);
        for (size_t i = 0; i < document_count(clauses); i++)
                if (!check_level(document_at(clauses, i), depth + 1, err))
                        return false;
        return true;
}

static bool check_level(const Document *where, int depth, Error **err) {
        if (!document_is_object(where))
                return error_set(err, ERROR_INVALID, "where: must be an object");
        if (depth > DEPTH_MAX || document_count(where) > CLAUSES_MAX)
                return error_set(err, ERROR_INVALID, "where: too large");
        for (void *i = document_first(where); i; i = document_next(where, i)) {
                const char *name = document_name(i);

                if (name[0] == '$' ? !check_clauses(name, document_child(i), depth, err)
                                   : !check_condition(document_child(i), err))
                        return false;
        }
        return true;
}

bool where_check(const Document *where, Error **err) {
        return check_level(where, 0, err);
}

static bool matches_regex(const char *pattern, const Document *value) {
        CLEANUP(error_free) Error *ignored = NULL;
        regex_t regex;

        if (!document_is_string(value) || !compile(pattern, &regex, &ignored))
                return false;
        bool found = regexec(&regex, document_value(value), 0, NULL, 0) == 0;
        regfree(&regex);
        return found;
}

static bool same(const Document *value, const Document *operand) {
        if (!value || document_is_null(value))
                return document_is_null(operand);
        return document_equal(value, operand);
}

static bool is_one_of(const Document *value, const Document *list) {
        for (size_t i = 0; i < document_count(list); i++)
                if (same(value, document_at(list, i)))
                        return true;
        return false;
}

/* -1, 0, 1; false when the two have no order. Numbers are integers here. */
static bool order(const Document *value, const Document *operand, int *ret) {
        if (document_is_string(value) && document_is_string(operand)) {
                *ret = strcmp(document_value(value), document_value(operand));
                return true;
        }
        if (!document_is_int(value) || !document_is_int(operand))
                return false;
        int64_t a = document_int_value(value), b = document_int_value(operand);
        *ret = (a > b) - (a < b);
        return true;
}

static bool matches_order(Operator op, const Document *value, const Document *operand) {
        int sign;

        if (!value || !order(value, operand, &sign))
                return false;
        return (op == OPERATOR_GREATER && sign > 0) || (op == OPERATOR_GREATER_OR_EQUAL && sign >= 0) ||
               (op == OPERATOR_LESS && sign < 0) || (op == OPERATOR_LESS_OR_EQUAL && sign <= 0);
}

static bool is_true(const Document *document) {
        CLEANUP(free) char *text = document_text(document);

        return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

static bool applies(Operator op, const Document *value, const Document *operand) {
        switch (op) {
        case OPERATOR_EQUAL:
                return same(value, operand);
        case OPERATOR_NOT_EQUAL:
                return !same(value, operand);
        case OPERATOR_IN:
                return is_one_of(value, operand);
        case OPERATOR_NOT_IN:
                return !is_one_of(value, operand);
        case OPERATOR_REGEX:
                return value && matches_regex(document_value(operand), value);
        case OPERATOR_EXISTS:
                return (value != NULL) == is_true(operand);
        case OPERATOR_GREATER:
        case OPERATOR_GREATER_OR_EQUAL:
        case OPERATOR_LESS:
        case OPERATOR_LESS_OR_EQUAL:
                return matches_order(op, value, operand);
        case OPERATOR_COUNT:
                break;
        }
        return false;
}

static bool meets(const Document *condition, const Document *value) {
        if (!holds_operators(condition))
                return same(value, condition);
        for (void *i = document_first(condition); i; i = document_next(condition, i)) {
                Operator op;

                if (find_operator(document_name(i), &op) && !applies(op, value, document_child(i)))
                        return false;
        }
        return true;
}

/* Walks the path; a list on the way (or at its end) matches when one of its items does. */
static bool path_meets(const Document *item, const char *path, const Document *condition) {
        const char *dot = strchr(path, '.');

        if (document_is_array(item)) {
                for (size_t i = 0; i < document_count(item); i++)
                        if (path_meets(document_at(item, i), path, condition))
                                return true;
                return false;
        }
        CLEANUP(free) char *name = xstrndup(path, dot ? (size_t) (dot - path) : strlen(path));
        const Document *value = document_get(item, name);
        if (dot)
                return path_meets(value, dot + 1, condition);
        if (document_is_array(value) && !document_is_array(condition)) {
                for (size_t i = 0; i < document_count(value); i++)
                        if (meets(condition, document_at(value, i)))
                                return true;
        }
        return meets(condition, value);
}

static bool clauses_match(const char *word, const Document *clauses, const Document *item) {
        bool any = strcmp(word, "$or") == 0;

        for (size_t i = 0; i < document_count(clauses); i++)
                if (where_matches(document_at(clauses, i), item) == any)
                        return any;
        return !any;
}

bool where_matches(const Document *where, const Document *item) {
        for (void *i = document_first(where); i; i = document_next(where, i)) {
                const char *name = document_name(i);

                if (name[0] == '$' ? !clauses_match(name, document_child(i), item)
                                   : !path_meets(item, name, document_child(i)))
                        return false;
        }
        return true;
}

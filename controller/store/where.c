#include "store/where.h"

#include <string.h>

#include "base/memory.h"

/* SQLite takes expressions up to 1,000 deep, and a chain of n conditions is n deep. */
enum { DEPTH_MAX = 10, VALUES_MAX = 2000, CONDITIONS_MAX = 500, PATH_MAX_BYTES = 200 };

static bool compile_object(const Document *where, Text *sql, WhereValues *values, int depth, Error **err);

static void remember(WhereValues *values, bool is_path, size_t index) {
        values->order = xrealloc(values->order, (values->order_count + 1) * sizeof(values->order[0]));
        values->order[values->order_count].is_path = is_path;
        values->order[values->order_count++].index = index;
}

static void bind_value(WhereValues *values, const Document *value) {
        values->items = xrealloc(values->items, (values->item_count + 1) * sizeof(const Document *));
        values->items[values->item_count] = value;
        remember(values, false, values->item_count++);
}

/* modules.name → $."modules"."name"; quotes and backslashes have no place in a name. */
static bool bind_path(WhereValues *values, const char *field, Error **err) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        CLEANUP(text_clear) Text path = { 0 };

        if (strlen(field) > PATH_MAX_BYTES || strpbrk(field, "\"\\") || !*field)
                return error_set(err, ERROR_INVALID, "where: '%s' is no field", field);
        text_append(&path, "$");
        text_split(field, '.', &parts);
        if (string_list_contains(&parts, ""))
                return error_set(err, ERROR_INVALID, "where: '%s' is no field", field);
        for (size_t i = 0; i < parts.count; i++)
                text_appendf(&path, ".\"%s\"", parts.items[i]);
        string_list_take(&values->paths, text_take(&path));
        remember(values, true, values->paths.count - 1);
        return true;
}

/* Bookkeeping fields are columns, the others members of the document. */
static bool append_field(const char *field, Text *sql, WhereValues *values, Error **err) {
        static const char *const columns[][2] = {
                { "_id", "id" },
                { "_etag", "etag" },
                { "_version", "version" },
        };

        for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
                if (strcmp(columns[i][0], field) == 0) {
                        text_append(sql, columns[i][1]);
                        return true;
                }
        text_append(sql, "json_extract(doc, ?)");
        return bind_path(values, field, err);
}

static bool count_condition(WhereValues *values, Error **err) {
        return ++values->condition_count <= CONDITIONS_MAX ||
               error_set(err, ERROR_INVALID, "where: more than %d conditions", CONDITIONS_MAX);
}

/* A number with a fraction is none: no field of ours has one. */
static bool is_scalar(const Document *value) {
        return document_is_string(value) || document_is_int(value) || document_is_bool(value) ||
               document_is_null(value);
}

/* Null is in a list that names it, and not in any other; SQL would say "unknown" to both. */
static bool compile_list(
        const char *field, bool in, const Document *list, Text *sql, WhereValues *values, Error **err) {
        const char *between = "";
        bool with_null = false;

        if (!document_is_array(list) || document_count(list) > VALUES_MAX)
                return error_set(
                        err, ERROR_INVALID, "where: %s: a list of at most %d values", field, VALUES_MAX);
        text_append(sql, in ? "(" : "NOT (");
        text_append(sql, "coalesce(");
        if (!append_field(field, sql, values, err))
                return false;
        text_append(sql, " IN (");
        for (size_t i = 0; i < document_count(list); i++) {
                if (!is_scalar(document_at(list, i)))
                        return error_set(
                                err, ERROR_INVALID, "where: %s: only plain values can be listed", field);
                if (document_is_null(document_at(list, i))) {
                        with_null = true;
                        continue;
                }
                text_appendf(sql, "%s?", between);
                bind_value(values, document_at(list, i));
                between = ",";
        }
        text_append(sql, "), 0)");
        if (with_null) {
                text_append(sql, " OR ");
                if (!append_field(field, sql, values, err))
                        return false;
                text_append(sql, " IS NULL");
        }
        text_append(sql, ")");
        return true;
}

static bool compile_comparison(
        const char *field, const char *name, const char *comparison, const Document *value, Text *sql,
        WhereValues *values, Error **err) {
        if (!is_scalar(value))
                return error_set(err, ERROR_INVALID, "where: %s: %s takes a plain value", field, name);
        if (!append_field(field, sql, values, err))
                return false;
        text_append(sql, comparison);
        bind_value(values, value);
        return true;
}

static bool compile_operator(
        const char *field, const char *name, const Document *value, Text *sql, WhereValues *values,
        Error **err) {
        static const char *const plain[][2] = {
                { "$ne", " IS NOT ?" }, { "$gt", " > ?" },         { "$gte", " >= ?" }, { "$lt", " < ?" },
                { "$lte", " <= ?" },    { "$regex", " REGEXP ?" }, { "$eq", " IS ?" },
        };

        if (!count_condition(values, err))
                return false;
        if (strcmp(name, "$in") == 0)
                return compile_list(field, true, value, sql, values, err);
        if (strcmp(name, "$nin") == 0)
                return compile_list(field, false, value, sql, values, err);
        if (strcmp(name, "$exists") == 0) {
                bool there = document_is_true(value);

                if (!append_field(field, sql, values, err))
                        return false;
                text_append(sql, there ? " IS NOT NULL" : " IS NULL");
                return true;
        }
        for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
                if (strcmp(name, plain[i][0]) == 0)
                        return compile_comparison(field, name, plain[i][1], value, sql, values, err);
        return error_set(err, ERROR_INVALID, "where: %s: operator '%s' is not supported", field, name);
}

static bool compile_operators(
        const char *field, const Document *operators, Text *sql, WhereValues *values, Error **err) {
        const char *between = "";

        if (document_count(operators) == 0)
                return error_set(err, ERROR_INVALID, "where: %s: an empty condition", field);
        text_append(sql, "(");
        for (void *i = document_first(operators); i; i = document_next(operators, i)) {
                text_append(sql, between);
                if (!compile_operator(field, document_name(i), document_child(i), sql, values, err))
                        return false;
                between = " AND ";
        }
        text_append(sql, ")");
        return true;
}

static bool compile_group(
        const char *name, const Document *list, Text *sql, WhereValues *values, int depth, Error **err) {
        if (!document_is_array(list) || document_count(list) == 0 || document_count(list) > VALUES_MAX)
                return error_set(err, ERROR_INVALID, "where: %s takes a list of conditions", name);
        text_append(sql, "(");
        for (size_t i = 0; i < document_count(list); i++) {
                if (i)
                        text_append(sql, strcmp(name, "$or") == 0 ? " OR " : " AND ");
                if (!compile_object(document_at(list, i), sql, values, depth - 1, err))
                        return false;
        }
        text_append(sql, ")");
        return true;
}

static bool compile_member(
        const char *name, const Document *value, Text *sql, WhereValues *values, int depth, Error **err) {
        if (strcmp(name, "$or") == 0 || strcmp(name, "$and") == 0)
                return compile_group(name, value, sql, values, depth, err);
        if (name[0] == '$')
                return error_set(err, ERROR_INVALID, "where: operator '%s' is not supported", name);
        if (document_is_object(value))
                return compile_operators(name, value, sql, values, err);
        return compile_operator(name, "$eq", value, sql, values, err);
}

static bool compile_object(const Document *where, Text *sql, WhereValues *values, int depth, Error **err) {
        const char *between = "";

        if (!count_condition(values, err))
                return false;
        if (depth == 0)
                return error_set(err, ERROR_INVALID, "where: nested deeper than %d", DEPTH_MAX);
        if (!document_is_object(where))
                return error_set(err, ERROR_INVALID, "where: a condition is an object");
        text_append(sql, "(");
        if (document_count(where) == 0)
                text_append(sql, "1");
        for (void *i = document_first(where); i; i = document_next(where, i)) {
                text_append(sql, between);
                if (!compile_member(document_name(i), document_child(i), sql, values, depth, err))
                        return false;
                between = " AND ";
        }
        text_append(sql, ")");
        return true;
}

bool where_compile(const Document *where, Text *sql, WhereValues *values, Error **err) {
        if (where)
                return compile_object(where, sql, values, DEPTH_MAX, err);
        text_append(sql, "1");
        return true;
}

void where_values_clear(WhereValues *values) {
        free(values->items);
        free(values->order);
        string_list_clear(&values->paths);
        *values = (WhereValues){ 0 };
}

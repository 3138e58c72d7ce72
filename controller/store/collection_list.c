#include "store/collection.h"

#include <string.h>

#include "base/memory.h"
#include "store/query.h"
#include "store/regexp.h"
#include "store/stored.h"
#include "store/where.h"

enum { FIND_MAX = 100000, PAGE_MAX = 1000000000, SORT_KEYS_MAX = 8, FIELD_MAX_BYTES = 200 };

void list_result_clear(ListResult *result) {
        document_free(result->items);
        *result = (ListResult){ 0 };
}

static void bind_values(Query *query, const WhereValues *values) {
        for (size_t i = 0; i < values->count; i++) {
                if (document_is_string(values->items[i]))
                        query_bind_text(query, document_value(values->items[i]));
                else
                        query_bind_int(query, document_int_value(values->items[i]));
        }
}

/* A column, or any other field by its path in the document, which is checked because it is written into the
 * SQL. */
static bool append_sort_key(Collection collection, const char *field, Text *sql, Error **err) {
        bool down = field[0] == '-';

        field += down;
        const WhereColumn *column = where_column(stored_columns(collection), field);
        if (column) {
                text_appendf(sql, "%s%s, ", column->column, down ? " DESC" : "");
                return true;
        }
        if (!*field || strlen(field) > FIELD_MAX_BYTES ||
            strspn(field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
                    strlen(field))
                return error_set(err, ERROR_INVALID, "sort: '%s' is no field", field);

        CLEANUP(string_list_clear) StringList parts = { 0 };
        text_split(field, '.', &parts);
        if (string_list_contains(&parts, ""))
                return error_set(err, ERROR_INVALID, "sort: '%s' is no field", field);
        text_append(sql, "json_extract(doc, '$");
        for (size_t i = 0; i < parts.count; i++)
                text_appendf(sql, ".\"%s\"", parts.items[i]);
        text_appendf(sql, "')%s, ", down ? " DESC" : "");
        return true;
}

static bool append_sort(Collection collection, const char *sort, Text *sql, Error **err) {
        CLEANUP(string_list_clear) StringList keys = { 0 };

        text_append(sql, " ORDER BY ");
        if (sort && *sort)
                text_split(sort, ',', &keys);
        if (keys.count > SORT_KEYS_MAX)
                return error_set(err, ERROR_INVALID, "sort: at most %d fields", SORT_KEYS_MAX);
        for (size_t i = 0; i < keys.count; i++) {
                CLEANUP(free) char *key = text_trim(keys.items[i]);

                if (!append_sort_key(collection, key, sql, err))
                        return false;
        }
        text_append(sql, "rowid");
        return true;
}

static bool read_items(Query *query, Document *items, Error **err) {
        bool row = true;

        for (;;) {
                CLEANUP(stored_clear) Stored stored = { 0 };
                Document *document = NULL;

                if (!query_step(query, &row, err))
                        return false;
                if (!row)
                        return true;
                stored_read(query, &stored);
                if (!stored_document(&stored, &document, err))
                        return false;
                document_append(items, document);
        }
}

static bool select_items(
        Store *store, Collection collection, const ListQuery *list, Document **ret, Error **err) {
        CLEANUP(text_clear) Text sql = { 0 };
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *items = document_array();

        if (list->page < 1 || list->page > PAGE_MAX || list->max_results < 1 || list->max_results > FIND_MAX)
                return error_set(err, ERROR_INVALID, "no such page");
        text_appendf(&sql, "SELECT " STORED_COLUMNS " FROM %s WHERE ", stored_table(collection));
        if (!where_compile(stored_columns(collection), list->where, &sql, &values, err) ||
            !append_sort(collection, list->sort, &sql, err))
                return false;
        text_append(&sql, " LIMIT ? OFFSET ?");
        if (!query_read(store, sql.data, &query, err))
                return false;
        bind_values(&query, &values);
        query_bind_int(&query, list->max_results);
        query_bind_int(&query, (list->page - 1) * list->max_results);
        if (!read_items(&query, items, err))
                return false;
        *ret = TAKE(items);
        return true;
}

static bool count_items(
        Store *store, Collection collection, const Document *where, int64_t *ret, Error **err) {
        CLEANUP(text_clear) Text sql = { 0 };
        CLEANUP(where_values_clear) WhereValues values = { 0 };
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        text_appendf(&sql, "SELECT count(*) FROM %s WHERE ", stored_table(collection));
        if (!where_compile(stored_columns(collection), where, &sql, &values, err) ||
            !query_read(store, sql.data, &query, err))
                return false;
        bind_values(&query, &values);
        if (!query_step(&query, &row, err))
                return false;
        *ret = query_int(&query, 0);
        return true;
}

/* A pattern that does not compile or costs too much is the caller's fault, not the database's. */
static bool blame_pattern(Error **err) {
        const char *complaint =
                error_kind(*err) == ERROR_INTERNAL ? strstr(error_message(*err), regexp_complaint) : NULL;

        if (!complaint)
                return false;
        CLEANUP(error_free) Error *former = TAKE(*err);
        return error_set(err, ERROR_INVALID, "where: %s", complaint);
}

bool collection_list(
        Store *store, Collection collection, const ListQuery *query, ListResult *ret, Error **err) {
        CLEANUP(list_result_clear) ListResult result = { 0 };

        if (!count_items(store, collection, query->where, &result.total, err) ||
            !select_items(store, collection, query, &result.items, err))
                return blame_pattern(err);
        *ret = result;
        result = (ListResult){ 0 };
        return true;
}

bool collection_find(
        Store *store, Collection collection, const Document *where, Document **ret, Error **err) {
        const ListQuery all = { .where = where, .page = 1, .max_results = FIND_MAX };

        return select_items(store, collection, &all, ret, err);
}

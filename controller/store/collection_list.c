#include "store/collection.h"

#include <string.h>

#include "base/memory.h"
#include "store/query.h"
#include "store/regexp.h"
#include "store/stored.h"
#include "store/where.h"

enum {
        PAGE_MAX = 1000000000,
        SORT_KEYS_MAX = 8,
        FIELD_MAX_BYTES = 200,
        RARE_ROWS_MAX = 20000, /* sorted in milliseconds */
        PAGE_MAX_MS = 5000
};

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
        text_appendf(sql, "%s.rowid%s", stored_table(collection), sort && *sort == '-' ? " DESC" : "");
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

/* A list being answered: the condition is compiled once and used wherever it is needed. */
typedef struct Listing {
        Store *store;
        Collection collection;
        const ListQuery *list;
        const StoredOrder *order;
        Text condition, sort;
        WhereValues values;
} Listing;

static void listing_clearp(Listing *listing) {
        text_clear(&listing->condition);
        text_clear(&listing->sort);
        where_values_clear(&listing->values);
}

/* A page is somebody's question; what the controller itself collects may take its time. */
static void limit(const Listing *listing, Query *query) {
        if (listing->list->max_results < COLLECTION_FIND_MAX)
                query_limit_ms(query, PAGE_MAX_MS);
}

static bool prepare(Listing *listing, Error **err) {
        const ListQuery *list = listing->list;

        if (list->page < 1 || list->page > PAGE_MAX || list->max_results < 1 ||
            list->max_results > COLLECTION_FIND_MAX)
                return error_set(err, ERROR_INVALID, "no such page");
        listing->order = stored_order(listing->collection);
        return where_compile(
                       stored_columns(listing->collection), list->where, &listing->condition,
                       &listing->values, err) &&
               append_sort(listing->collection, list->sort, &listing->sort, err);
}

/* Whether the condition can be asked of the table of kinds as well. */
static bool by_kinds(const Listing *listing) {
        return listing->order->kinds && !listing->values.beyond_kinds;
}

static bool sorted_by_newest(const Listing *listing) {
        const char *sort = listing->list->sort;

        return sort && listing->order->newest && strcmp(sort + (sort[0] == '-'), listing->order->newest) == 0;
}

/* The rows of the kinds that match, found by their index: for few among many. */
static void append_kinds(const Listing *listing, Text *sql) {
        const StoredOrder *order = listing->order;
        const char *table = stored_table(listing->collection);

        text_append(sql, "(SELECT ");
        for (int i = 0; i < STORED_KINDS_MAX && order->kind_columns[i]; i++)
                text_appendf(sql, "%s%s AS kind%d", i ? ", " : "", order->kind_columns[i], i);
        text_appendf(
                sql, " FROM %s WHERE %s) CROSS JOIN %s INDEXED BY %s ON 1", order->kinds,
                listing->condition.data, table, order->kinds_index);
        for (int i = 0; i < STORED_KINDS_MAX && order->kind_columns[i]; i++)
                text_appendf(sql, " AND %s.%s IS kind%d", table, order->kind_columns[i], i);
}

/* Row by row, reading the index alone, unless a key leads to few rows or the documents must be read. */
static void append_newest(const Listing *listing, Text *sql) {
        if (listing->order->newest && !listing->values.keyed && !listing->values.beyond_columns)
                text_appendf(sql, " INDEXED BY %s", listing->order->newest_index);
}

/* Where the numbers of the page's rows come from: total -1 when it is not known. */
static void append_source(const Listing *listing, int64_t total, Text *sql) {
        const char *table = stored_table(listing->collection);

        if (by_kinds(listing) && total >= 0 && total <= RARE_ROWS_MAX &&
            document_count(listing->list->where) > 0) {
                append_kinds(listing, sql);
                return;
        }
        text_append(sql, table);
        if (sorted_by_newest(listing))
                append_newest(listing, sql);
        text_appendf(sql, " WHERE %s", listing->condition.data);
}

/* The page's rows are chosen by indexes alone where they can be; only then are the documents read. */
static bool select_items(const Listing *listing, int64_t total, Document **ret, Error **err) {
        CLEANUP(text_clear) Text sql = { 0 };
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *items = document_array();
        const ListQuery *list = listing->list;
        const char *table = stored_table(listing->collection);

        text_appendf(&sql, "SELECT " STORED_COLUMNS " FROM (SELECT %s.rowid AS chosen FROM ", table);
        append_source(listing, total, &sql);
        text_appendf(
                &sql, "%s LIMIT ? OFFSET ?) CROSS JOIN %s ON %s.rowid = chosen%s", listing->sort.data, table,
                table, listing->sort.data);
        if (!query_read(listing->store, sql.data, &query, err))
                return false;
        limit(listing, &query);
        bind_values(&query, &listing->values);
        query_bind_int(&query, list->max_results);
        query_bind_int(&query, (list->page - 1) * list->max_results);
        if (!read_items(&query, items, err))
                return false;
        *ret = TAKE(items);
        return true;
}

static bool count_rows(const Listing *listing, bool of_kinds, int64_t *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(text_clear) Text sql = { 0 };
        bool row = false;

        if (of_kinds) {
                text_appendf(&sql, "SELECT coalesce(sum(n), 0) FROM %s", listing->order->kinds);
        } else {
                text_appendf(&sql, "SELECT count(*) FROM %s", stored_table(listing->collection));
                if (listing->list->where)
                        append_newest(listing, &sql);
        }
        text_appendf(&sql, " WHERE %s", listing->condition.data);
        if (!query_read(listing->store, sql.data, &query, err))
                return false;
        limit(listing, &query);
        bind_values(&query, &listing->values);
        if (!query_step(&query, &row, err))
                return false;
        *ret = query_int(&query, 0);
        return true;
}

/* A page that is not full is the last: then nothing needs to be counted. */
static bool count_items(const Listing *listing, const Document *items, int64_t *ret, Error **err) {
        const ListQuery *list = listing->list;
        int64_t before = (list->page - 1) * list->max_results, count = (int64_t) document_count(items);

        if (count < list->max_results && (count > 0 || list->page == 1)) {
                *ret = before + count;
                return true;
        }
        return count_rows(listing, false, ret, err);
}

static bool list_inside(const Listing *listing, ListResult *result, Error **err) {
        if (!by_kinds(listing))
                return select_items(listing, -1, &result->items, err) &&
                       count_items(listing, result->items, &result->total, err);
        if (!count_rows(listing, true, &result->total, err))
                return false;
        if (result->total > 0)
                return select_items(listing, result->total, &result->items, err);
        result->items = document_array();
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
        CLEANUP(listing_clear) Listing listing = { .store = store, .collection = collection, .list = query };

        if (!prepare(&listing, err))
                return false;
        if (!list_inside(&listing, &result, err))
                return blame_pattern(err);
        *ret = result;
        result = (ListResult){ 0 };
        return true;
}

bool collection_find(
        Store *store, Collection collection, const Document *where, Document **ret, Error **err) {
        const ListQuery all = { .where = where, .page = 1, .max_results = COLLECTION_FIND_MAX };
        CLEANUP(listing_clear) Listing listing = { .store = store, .collection = collection, .list = &all };

        return prepare(&listing, err) && select_items(&listing, -1, ret, err);
}

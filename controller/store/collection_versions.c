#include "base/memory.h"
#include "store/collection.h"
#include "store/query.h"
#include "store/stored.h"

/* The current version is the row itself: jobs write to it without making another one. */
#define VERSIONS                                                                                             \
        "WITH past AS (SELECT id, doc, etag, version, 0, updated_us FROM document_versions "                 \
        "WHERE collection = ?1 AND id = ?2 AND version < ?3) "

static bool past_query(
        Store *store, Collection collection, const Document *current, const char *sql, Query *ret,
        Error **err) {
        if (!query_read(store, sql, ret, err))
                return false;
        query_bind_text(ret, stored_table(collection));
        query_bind_text(ret, document_get_string(current, "_id"));
        query_bind_int(ret, document_get_int(current, "_version"));
        return true;
}

/* As it was then, but born when the document was, and knowing its newest version. */
static bool read_version(const Query *query, const Document *current, Document **ret, Error **err) {
        CLEANUP(stored_clear) Stored stored = { 0 };

        stored_read(query, &stored);
        if (!stored_document(&stored, ret, err))
                return false;
        document_set_string(*ret, "_created", document_get_string(current, "_created"));
        document_set_int(*ret, "_latest_version", document_get_int(current, "_version"));
        return true;
}

bool collection_get_version(
        Store *store, Collection collection, const char *id, int64_t version, Document **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *current = NULL;
        bool row = false;

        if (!collection_get(store, collection, id, &current, err))
                return false;
        if (version == document_get_int(current, "_version")) {
                *ret = TAKE(current);
                return true;
        }
        if (!past_query(
                    store, collection, current, VERSIONS "SELECT * FROM past WHERE version = ?4", &query,
                    err))
                return false;
        query_bind_int(&query, version);
        if (!query_step(&query, &row, err))
                return false;
        return row ? read_version(&query, current, ret, err)
                   : error_set(err, ERROR_NOT_FOUND, "there is no version %lld", (long long) version);
}

static bool read_versions(Query *query, const Document *current, ListResult *result, Error **err) {
        bool row = true;

        while (query_step(query, &row, err)) {
                Document *document = NULL;

                if (!row)
                        return true;
                if (!read_version(query, current, &document, err))
                        return false;
                document_append(result->items, document);
        }
        return false;
}

static bool count_past(
        Store *store, Collection collection, const Document *current, int64_t *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!past_query(store, collection, current, VERSIONS "SELECT count(*) FROM past", &query, err) ||
            !query_step(&query, &row, err))
                return false;
        *ret = query_int(&query, 0);
        return true;
}

/* NOLINTNEXTLINE(readability-function-size): as declared in the header */
bool collection_list_versions(
        Store *store, Collection collection, const char *id, const ListQuery *list, ListResult *ret,
        Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(document_free) Document *current = NULL;
        CLEANUP(list_result_clear) ListResult result = { .items = document_array() };
        int64_t past = 0;

        if (!collection_get(store, collection, id, &current, err) ||
            !count_past(store, collection, current, &past, err) ||
            !past_query(
                    store, collection, current,
                    VERSIONS "SELECT * FROM past ORDER BY version LIMIT ?4 OFFSET ?5", &query, err))
                return false;
        query_bind_int(&query, list->max_results);
        query_bind_int(&query, (list->page - 1) * list->max_results);
        if (!read_versions(&query, current, &result, err))
                return false;
        int64_t end = list->page * list->max_results;
        if (past < end && past >= end - list->max_results)
                document_append(result.items, TAKE(current));
        result.total = past + 1;
        *ret = result;
        result = (ListResult){ 0 };
        return true;
}

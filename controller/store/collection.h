/* A collection of REST documents: the document as JSON is the truth, columns for keys and indexes are
 * generated from it.
 *
 * A stored document holds the resource's own fields; _id, _etag, _created, _updated, _version,
 * _latest_version are put into what is returned. Worker-side writes (collection_patch) change neither etag
 * nor version, as the contract has it. */
#pragma once

#include "store/store.h"
#include "json/document.h"

typedef enum Collection {
        COLLECTION_APPS,
        COLLECTION_JOBS,
        COLLECTION_DEPLOYMENTS,
        COLLECTION_INSTANCES,
        COLLECTION_WEBHOOKS,
        COLLECTION_INVOCATIONS,
        COLLECTION_USERS,
        COLLECTION_TOKENS,
        COLLECTION_AUDIT,
        COLLECTION_COUNT,
} Collection;

/* Counts the committed changes of a collection made through this store: while it stays the same, what was
 * read after asking for it still holds. */
uint64_t collection_changes(const Store *store, Collection collection);

/* Inserts under document's "_id", or a new id when it has none. ret_document may be NULL. A key that is
 * taken: CONFLICT. */
bool collection_insert(
        Store *store, Collection collection, const Document *document, Document **ret_document, Error **err);

/* NOT_FOUND when it is not there. */
bool collection_get(Store *store, Collection collection, const char *id, Document **ret, Error **err);

/* Replaces the document. etag (may be NULL: whatever it is): when the stored one differs, true is returned
 * with *ret_stale set and nothing is changed. */
bool collection_replace(
        Store *store, Collection collection, const char *id, const Document *document, const char *etag,
        bool *ret_stale, Document **ret_document, Error **err);

/* Sets the members given (top level) in the stored document. touch: _updated becomes now. NOT_FOUND when it
 * is not there. */
bool collection_patch(
        Store *store, Collection collection, const char *id, const Document *members, bool touch,
        Error **err);

bool collection_delete(
        Store *store, Collection collection, const char *id, const char *etag, bool *ret_stale, Error **err);

/* The document as it was in that version; NOT_FOUND when there is no such. Of collections that keep no
 * versions there is one, the current. */
bool collection_get_version(
        Store *store, Collection collection, const char *id, int64_t version, Document **ret, Error **err);

enum { COLLECTION_FIND_MAX = 100000 }; /* rows */

typedef struct ListQuery {
        const Document *where; /* Mongo-style; NULL: all. See where.h */
        const char *sort;      /* "-_updated,name"; NULL: in the order of insertion */
        int64_t page;          /* from 1 */
        int64_t max_results;   /* 1 .. 200 */
} ListQuery;

typedef struct ListResult {
        Document *items; /* array */
        int64_t total;
} ListResult;
void list_result_clear(ListResult *result);
static inline void list_result_clearp(ListResult *result) {
        list_result_clear(result);
}

bool collection_list(
        Store *store, Collection collection, const ListQuery *query, ListResult *ret, Error **err);

/* All versions of one document, the oldest first; of query only page and max_results count. */
bool collection_list_versions(
        Store *store, Collection collection, const char *id, const ListQuery *query, ListResult *ret,
        Error **err);

/* Every document that matches, at most 100,000, in insertion order; for the controller's own use. Caller
 * frees the array. */
bool collection_find(Store *store, Collection collection, const Document *where, Document **ret, Error **err);

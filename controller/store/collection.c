#include "store/collection.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "store/query.h"
#include "store/stored.h"

/* What a unique index refused, in the contract's words. */
static const char *const taken[COLLECTION_COUNT] = {
        [COLLECTION_APPS] =
                "An app already exist with same name, role and env. Please change one these fields.",
        [COLLECTION_JOBS] = "a job with this id exists",
        [COLLECTION_DEPLOYMENTS] = "a deployment with this id exists",
        [COLLECTION_INSTANCES] = "the instance is known already",
        [COLLECTION_WEBHOOKS] = "a webhook with this id exists",
        [COLLECTION_INVOCATIONS] = "an invocation with this id exists",
        [COLLECTION_USERS] = "A user with this name exists already",
        [COLLECTION_TOKENS] = "a token with this id exists",
        [COLLECTION_AUDIT] = "a note with this id exists",
};

/* People edit these; of the others there is one version, or only jobs change them. */
static bool keeps_versions(Collection collection) {
        return collection == COLLECTION_APPS || collection == COLLECTION_WEBHOOKS;
}

static const char *const bookkeeping[] = {
        "_id", "_etag", "_created", "_updated", "_version", "_latest_version", "_links",
};

/* The resource's own fields as stored, and the etag they give. */
static void to_stored(const Document *document, Stored *stored) {
        CLEANUP(document_free) Document *own = document_copy(document);

        for (size_t i = 0; i < sizeof(bookkeeping) / sizeof(bookkeeping[0]); i++)
                document_remove(own, bookkeeping[i]);
        stored->doc = document_canonical(own);

        CLEANUP(free)
        char *seed = xasprintf("%s %lld %s", stored->id, (long long) stored->version, stored->doc);
        stored->etag = crypto_sha1_hex(seed, strlen(seed));
}

static bool keep_version(Store *store, Collection collection, const Stored *stored, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR REPLACE INTO document_versions VALUES (?,?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, stored_table(collection));
        query_bind_text(&query, stored->id);
        query_bind_int(&query, stored->version);
        query_bind_text(&query, stored->doc);
        query_bind_text(&query, stored->etag);
        query_bind_int(&query, stored->updated_us);
        return query_run(&query, err);
}

static bool conflict(Collection collection, Error *why, Error **err) {
        CLEANUP(error_free) Error *owned = why;

        if (error_kind(owned) == ERROR_CONFLICT)
                return error_set(err, ERROR_CONFLICT, "%s", taken[collection]);
        return error_set(err, error_kind(owned), "%s", error_message(owned));
}

static bool insert_row(Store *store, Collection collection, const Stored *stored, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free)
        char *sql = xasprintf(
                "INSERT INTO %s (" STORED_COLUMNS ") VALUES (?,?,?,?,?,?)", stored_table(collection));
        Error *why = NULL;

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, stored->id);
        query_bind_text(&query, stored->doc);
        query_bind_text(&query, stored->etag);
        query_bind_int(&query, stored->version);
        query_bind_int(&query, stored->created_us);
        query_bind_int(&query, stored->updated_us);
        return query_run(&query, &why) || conflict(collection, why, err);
}

/* Both or neither: a refusal must not leave a row behind. */
static bool insert_with_version(Store *store, Collection collection, const Stored *stored, Error **err) {
        if (!keeps_versions(collection))
                return insert_row(store, collection, stored, err);
        if (!store_begin(store, err))
                return false;
        if (!insert_row(store, collection, stored, err) || !keep_version(store, collection, stored, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool collection_insert(
        Store *store, Collection collection, const Document *document, Document **ret_document, Error **err) {
        CLEANUP(stored_clear) Stored stored = { .version = 1 };
        const char *id = document_get_string(document, "_id");

        stored.id = *id ? xstrdup(id) : crypto_new_id();
        stored.created_us = stored.updated_us = clock_now_us();
        to_stored(document, &stored);
        if (!insert_with_version(store, collection, &stored, err))
                return false;
        return !ret_document || stored_document(&stored, ret_document, err);
}

static bool read_row(Store *store, Collection collection, const char *id, Stored *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free)
        char *sql = xasprintf("SELECT " STORED_COLUMNS " FROM %s WHERE id = ?", stored_table(collection));
        bool row = false;

        if (!query_read(store, sql, &query, err))
                return false;
        query_bind_text(&query, id);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no '%s' in %s", id, stored_table(collection));
        stored_read(&query, ret);
        return true;
}

bool collection_get(Store *store, Collection collection, const char *id, Document **ret, Error **err) {
        CLEANUP(stored_clear) Stored stored = { 0 };

        return read_row(store, collection, id, &stored, err) && stored_document(&stored, ret, err);
}

static bool update_row(Store *store, Collection collection, const Stored *stored, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free)
        char *sql = xasprintf(
                "UPDATE %s SET doc = ?, etag = ?, version = ?, updated_us = ? WHERE id = ?",
                stored_table(collection));
        Error *why = NULL;

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, stored->doc);
        query_bind_text(&query, stored->etag);
        query_bind_int(&query, stored->version);
        query_bind_int(&query, stored->updated_us);
        query_bind_text(&query, stored->id);
        return query_run(&query, &why) || conflict(collection, why, err);
}

typedef bool (*Change)(
        Store *store, Collection collection, Stored *stored, const void *argument, Error **err);

static bool apply_replace(
        Store *store, Collection collection, Stored *stored, const void *argument, Error **err) {
        free(stored->doc);
        free(stored->etag);
        stored->version++;
        stored->updated_us = clock_now_us();
        to_stored(argument, stored);
        return update_row(store, collection, stored, err) &&
               (!keeps_versions(collection) || keep_version(store, collection, stored, err));
}

static bool apply_delete(
        Store *store, Collection collection, Stored *stored, const void *argument, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *sql = xasprintf("DELETE FROM %s WHERE id = ?", stored_table(collection));

        (void) argument;
        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, stored->id);
        return query_run(&query, err);
}

typedef struct Patch {
        const Document *members;
        bool touch;
} Patch;

static bool apply_patch(
        Store *store, Collection collection, Stored *stored, const void *argument, Error **err) {
        const Patch *patch = argument;
        CLEANUP(document_free) Document *document = document_parse(stored->doc, strlen(stored->doc), err);

        if (!document)
                return false;
        for (void *i = document_first(patch->members); i; i = document_next(patch->members, i))
                document_set(document, document_name(i), document_copy(document_child(i)));
        free(stored->doc);
        stored->doc = document_canonical(document);
        if (patch->touch)
                stored->updated_us = clock_now_us();
        return update_row(store, collection, stored, err);
}

/* NOLINTNEXTLINE(readability-function-size): only splits change() */
static bool change_inside(
        Store *store, Collection collection, const char *id, const char *etag, bool *ret_stale, Stored *ret,
        Change apply, const void *argument, Error **err) {
        if (!read_row(store, collection, id, ret, err))
                return false;
        assert(!etag || ret_stale);
        if (etag && strcmp(etag, ret->etag) != 0) {
                *ret_stale = true;
                return true;
        }
        return apply(store, collection, ret, argument, err);
}

/* Reads, checks the etag and changes in one transaction. */
/* NOLINTNEXTLINE(readability-function-size): what its three callers have in common */
static bool change(
        Store *store, Collection collection, const char *id, const char *etag, bool *ret_stale, Stored *ret,
        Change apply, const void *argument, Error **err) {
        if (ret_stale)
                *ret_stale = false;
        if (!store_begin(store, err))
                return false;
        if (!change_inside(store, collection, id, etag, ret_stale, ret, apply, argument, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

/* NOLINTNEXTLINE(readability-function-size): as declared in the header */
bool collection_replace(
        Store *store, Collection collection, const char *id, const Document *document, const char *etag,
        bool *ret_stale, Document **ret_document, Error **err) {
        CLEANUP(stored_clear) Stored stored = { 0 };

        if (!change(store, collection, id, etag, ret_stale, &stored, apply_replace, document, err))
                return false;
        return !ret_document || (ret_stale && *ret_stale) || stored_document(&stored, ret_document, err);
}

bool collection_patch(
        Store *store, Collection collection, const char *id, const Document *members, bool touch,
        Error **err) {
        CLEANUP(stored_clear) Stored stored = { 0 };
        const Patch patch = { .members = members, .touch = touch };

        return change(store, collection, id, NULL, NULL, &stored, apply_patch, &patch, err);
}

bool collection_delete(
        Store *store, Collection collection, const char *id, const char *etag, bool *ret_stale, Error **err) {
        CLEANUP(stored_clear) Stored stored = { 0 };

        return change(store, collection, id, etag, ret_stale, &stored, apply_delete, NULL, err);
}

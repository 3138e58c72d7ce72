/* The manifest is put last, as in a folder: a package whose manifest is there is whole. S3 itself refuses
 * bytes that are not what their SHA-256 says. */
#include "packages/s3_store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/manifest.h"

enum {
        SIGNATURE_MAX_BYTES = 4096,
        CALL_TIMEOUT_MS = 20000, /* agents wait for it, and hub workers with them */
        PUT_TIMEOUT_MS = 2 * 3600000,
        REMEMBERED = 8,
        REMEMBERED_MAX_BYTES = 32 << 20,
};

static const char *const parts[] = { "manifest", "signature", "pack" };

typedef struct Remembered {
        char *sha256;
        StoredManifest stored;
} Remembered;

typedef struct S3Store {
        PackageStore store;
        Aws *aws;
        char *bucket, *prefix, *region;

        pthread_mutex_t lock; /* guards all below */
        /* Agents ask for a pack piece by piece, and each time whether it is theirs: the newest manifest
         * first.
         */
        Remembered remembered[REMEMBERED];
} S3Store;

static AwsSession session_of(const S3Store *store, int64_t timeout_ms) {
        return (AwsSession){ .aws = store->aws,
                             .region = store->region,
                             .deadline = deadline_after_ms(timeout_ms) };
}

/* As in the folder: a copy of one is the other. */
static char *part_key(const S3Store *store, const char *sha256, const char *part) {
        return xasprintf("%s%.2s/%s.%s", store->prefix, sha256, sha256, part);
}

/* ---- what was read lately ---- */

static void remembered_clear(Remembered *remembered) {
        free(remembered->sha256);
        stored_manifest_clear(&remembered->stored);
        *remembered = (Remembered){ 0 };
}

static void copy_stored(const StoredManifest *from, StoredManifest *ret) {
        *ret = (StoredManifest){ .manifest = xmemdup(from->manifest, from->manifest_length),
                                 .manifest_length = from->manifest_length,
                                 .signature = xmemdup(from->signature, from->signature_length),
                                 .signature_length = from->signature_length };
}

static bool recall(S3Store *store, const char *sha256, StoredManifest *ret) {
        bool found = false;

        pthread_mutex_lock(&store->lock);
        for (size_t i = 0; i < REMEMBERED && !found; i++) {
                found = text_equal(store->remembered[i].sha256, sha256);
                if (found)
                        copy_stored(&store->remembered[i].stored, ret);
        }
        pthread_mutex_unlock(&store->lock);
        return found;
}

static void remember(S3Store *store, const char *sha256, const StoredManifest *stored) {
        Remembered newest = { .sha256 = xstrdup(sha256) };
        size_t bytes = 0;

        copy_stored(stored, &newest.stored);
        pthread_mutex_lock(&store->lock);
        remembered_clear(&store->remembered[REMEMBERED - 1]);
        memmove(store->remembered + 1, store->remembered, (REMEMBERED - 1) * sizeof(*store->remembered));
        store->remembered[0] = newest;
        for (size_t i = 0; i < REMEMBERED; i++) {
                bytes += store->remembered[i].stored.manifest_length;
                if (i > 0 && bytes > REMEMBERED_MAX_BYTES)
                        remembered_clear(&store->remembered[i]);
        }
        pthread_mutex_unlock(&store->lock);
}

static void s3_store_forget(PackageStore *base, const char *sha256) {
        S3Store *store = (S3Store *) base;

        pthread_mutex_lock(&store->lock);
        for (size_t i = 0; i < REMEMBERED; i++)
                if (text_equal(store->remembered[i].sha256, sha256))
                        remembered_clear(&store->remembered[i]);
        pthread_mutex_unlock(&store->lock);
}

/* ---- put ---- */

/* Whether what is there under that key is what was to be put. */
static bool is_same(AwsSession *session, const S3Put *put, bool *ret, Error **err) {
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
        CLEANUP(free) char *sha256 = NULL;

        if (!s3_head(session, &put->object, &facts, err) || !s3_put_sha256(put, &sha256, err))
                return false;
        *ret = text_equal(facts.sha256, sha256);
        return true;
}

/* What is there and is the same stays as it is; what is damaged is put anew. */
static bool put_part(
        const S3Store *store, const char *sha256, const char *part, const S3Put *what, Error **err) {
        CLEANUP(free) char *key = part_key(store, sha256, part);
        CLEANUP(error_free) Error *failed = NULL;
        AwsSession session = session_of(store, PUT_TIMEOUT_MS);
        bool same = false;
        S3Put put = *what;

        put.object = (S3Object){ .bucket = store->bucket, .key = key };
        put.content_type = "application/octet-stream";
        put.create_only = true;
        if (s3_put(&session, &put, &failed))
                return true;
        if (session.failure.class != AWS_ERROR_DUPLICATE) {
                *err = TAKE(failed);
                return false;
        }
        if (!is_same(&session, &put, &same, err))
                return false;
        put.create_only = false;
        return same || s3_put(&session, &put, err);
}

static bool s3_store_put(
        PackageStore *base, const char *sha256, const StoredManifest *manifest, const char *pack_file,
        Error **err) {
        const S3Store *store = (S3Store *) base;
        const S3Put pack = { .file = pack_file };
        const S3Put signature = { .body = manifest->signature, .length = manifest->signature_length };
        const S3Put whole = { .body = manifest->manifest, .length = manifest->manifest_length };

        return (put_part(store, sha256, "pack", &pack, err) &&
                put_part(store, sha256, "signature", &signature, err) &&
                put_part(store, sha256, "manifest", &whole, err)) ||
               error_prefix(err, "package store");
}

/* ---- get ---- */

static bool say_missing(const char *sha256, const char *what, Error *failed, Error **err) {
        if (error_kind(failed) == ERROR_NOT_FOUND)
                error_set(err, ERROR_NOT_FOUND, "package %.12s %s", sha256, what);
        else
                error_set(
                        err, error_kind(failed), "package %.12s in the package store: %s", sha256,
                        error_message(failed));
        error_free(failed);
        return false;
}

static bool get_part(
        const S3Store *store, const char *sha256, const char *part, size_t max_bytes, void **ret,
        size_t *ret_length, Error **err) {
        CLEANUP(free) char *key = part_key(store, sha256, part);
        AwsSession session = session_of(store, CALL_TIMEOUT_MS);
        const S3Object object = { .bucket = store->bucket, .key = key };
        Error *failed = NULL;

        return s3_get(&session, &object, max_bytes, (char **) ret, ret_length, &failed) ||
               say_missing(sha256, "is not in the package store", failed, err);
}

static bool s3_store_get_manifest(PackageStore *base, const char *sha256, StoredManifest *ret, Error **err) {
        S3Store *store = (S3Store *) base;

        if (recall(store, sha256, ret))
                return true;
        if (get_part(
                    store, sha256, "manifest", MANIFEST_MAX_BYTES, &ret->manifest, &ret->manifest_length,
                    err) &&
            get_part(
                    store, sha256, "signature", SIGNATURE_MAX_BYTES, &ret->signature, &ret->signature_length,
                    err)) {
                remember(store, sha256, ret);
                return true;
        }
        stored_manifest_clear(ret);
        return false;
}

static bool s3_store_read(
        PackageStore *base, const char *sha256, uint64_t offset, void *ret, size_t length, size_t *ret_length,
        Error **err) {
        const S3Store *store = (S3Store *) base;
        CLEANUP(free) char *key = part_key(store, sha256, "pack");
        AwsSession session = session_of(store, CALL_TIMEOUT_MS);
        const S3Object object = { .bucket = store->bucket, .key = key };
        Error *failed = NULL;

        if (offset > INT64_MAX)
                return error_set(err, ERROR_INVALID, "there is no such offset in a pack");
        return s3_get_range(&session, &object, offset, ret, length, ret_length, &failed) ||
               say_missing(sha256, "has no pack in the package store", failed, err);
}

static bool s3_store_remove(PackageStore *base, const char *sha256, Error **err) {
        const S3Store *store = (S3Store *) base;

        s3_store_forget(base, sha256);
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                CLEANUP(free) char *key = part_key(store, sha256, parts[i]);
                AwsSession session = session_of(store, CALL_TIMEOUT_MS);
                const S3Object object = { .bucket = store->bucket, .key = key };

                if (!s3_delete(&session, &object, err))
                        return error_prefix(err, "package store");
        }
        return true;
}

static bool s3_store_presign(
        PackageStore *base, const char *sha256, int64_t expires_s, char **ret_url, int64_t *ret_expires_us,
        Error **err) {
        const S3Store *store = (S3Store *) base;
        CLEANUP(free) char *key = part_key(store, sha256, "pack");
        AwsSession session = session_of(store, CALL_TIMEOUT_MS);
        const S3Object object = { .bucket = store->bucket, .key = key };

        return s3_presign(&session, &object, expires_s, ret_url, ret_expires_us, err) ||
               error_prefix(err, "package store");
}

/* ---- life ---- */

static void s3_store_free(PackageStore *base) {
        S3Store *store = (S3Store *) base;

        for (size_t i = 0; i < REMEMBERED; i++)
                remembered_clear(&store->remembered[i]);
        pthread_mutex_destroy(&store->lock);
        free(store->bucket);
        free(store->prefix);
        free(store->region);
        free(store);
}

static const PackageStoreFunctions s3_functions = {
        .put = s3_store_put,
        .get_manifest = s3_store_get_manifest,
        .read = s3_store_read,
        .remove = s3_store_remove,
        .presign = s3_store_presign,
        .forget = s3_store_forget,
        .free = s3_store_free,
};

PackageStore *s3_package_store_new(const S3PackageStoreSpec *spec, Error **err) {
        const char *prefix = spec->prefix ? spec->prefix : "";
        bool open_ended = *prefix && !text_ends_with(prefix, "/");

        if (!s3_bucket_name_check(spec->bucket, err))
                return NULL;
        S3Store *store = xcalloc(1, sizeof(*store));
        store->store.functions = &s3_functions;
        store->aws = spec->aws;
        store->bucket = xstrdup(spec->bucket);
        store->prefix = xasprintf("%s%s", prefix, open_ended ? "/" : "");
        store->region = text_empty(spec->region) ? NULL : xstrdup(spec->region);
        pthread_mutex_init(&store->lock, NULL);
        return &store->store;
}

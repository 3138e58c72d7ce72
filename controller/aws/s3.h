/* S3: objects in buckets. A bucket may be in another region than the session's: S3 names it, and it is
 * remembered. Objects of any size go to and from files without being held in memory. Calls block. */
#pragma once

#include <stddef.h>

#include "aws/aws.h"
#include "base/crypto.h"

/* What one PUT takes. */
#define S3_PUT_MAX_BYTES (INT64_C(5) << 30)

typedef struct S3Object {
        const char *bucket;
        const char *key;
        const char *version_id; /* NULL or "": the newest */
} S3Object;

typedef struct S3Put {
        S3Object object;
        const void *body; /* length bytes of it … */
        size_t length;
        const char *file;            /* … or the whole of this file */
        const char *content_type;    /* NULL: S3's own default */
        const char *const *metadata; /* "name: value", NULL-terminated; NULL: none */
        bool create_only;            /* an object that is there is left alone: CONFLICT, DUPLICATE */
} S3Put;

/* S3 checks the SHA-256 of what it gets before the object is there; it stays as the object's metadata. */
bool s3_put(AwsSession *session, const S3Put *put, Error **err);
/* The SHA-256 (hex) of what would be put. Caller frees. */
bool s3_put_sha256(const S3Put *put, char **ret, Error **err);

/* INVALID unless a bucket can have that name. */
bool s3_bucket_name_check(const char *bucket, Error **err);

typedef struct S3Facts {
        uint64_t bytes; /* of the object */
        char *etag;
        char *version_id; /* "": the bucket keeps no versions */
        char *sha256;     /* as s3_put() noted it; "": it was put by somebody else */
} S3Facts;
void s3_facts_clear(S3Facts *facts);
static inline void s3_facts_clearp(S3Facts *facts) {
        s3_facts_clear(facts);
}

/* All of these: not there (and visible): NOT_FOUND; ret_facts may be NULL. */
bool s3_head(AwsSession *session, const S3Object *object, S3Facts *ret_facts, Error **err);
/* NUL-terminated; longer than max_bytes is an error. Caller frees. */
bool s3_get(
        AwsSession *session, const S3Object *object, size_t max_bytes, char **ret, size_t *ret_length,
        Error **err);
/* Up to length bytes from offset on; fewer at the end, none behind it. */
bool s3_get_range(
        AwsSession *session, const S3Object *object, uint64_t offset, void *ret, size_t length,
        size_t *ret_length, Error **err);
/* Makes the file, or nothing. */
bool s3_get_file(
        AwsSession *session, const S3Object *object, const char *file, S3Facts *ret_facts, Error **err);
/* Absent is success. */
bool s3_delete(AwsSession *session, const S3Object *object, Error **err);

typedef struct S3Entry {
        const char *key;
        const char *version_id;    /* "" in a list without versions */
        const char *last_modified; /* "2026-01-31T12:00:00.000Z" */
        uint64_t bytes;
        bool is_latest;
        bool is_delete_marker;
} S3Entry;

typedef struct S3List {
        const char *bucket;
        const char *prefix;                                             /* NULL: all */
        bool (*each)(void *context, const S3Entry *entry, Error **err); /* false ends the list and fails it */
        void *context;
} S3List;

/* Every object whose key begins with the prefix, in order of their keys. */
bool s3_list(AwsSession *session, const S3List *list, Error **err);
/* … with all its versions, the newest first. */
bool s3_list_versions(AwsSession *session, const S3List *list, Error **err);

/* A URL that gets the object for as long as *ret_expires_us says (clock of S3): at most expires_s seconds,
 * less when the keys end before. Whoever has it may read: a secret, never to be logged. Caller frees. */
bool s3_presign(
        AwsSession *session, const S3Object *object, int64_t expires_s, char **ret_url,
        int64_t *ret_expires_us, Error **err);

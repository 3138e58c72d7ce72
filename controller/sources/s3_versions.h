/* What an object of a bucket, as a module's source names it, has been: its versions. */
#pragma once

#include "sources/s3_source.h"

typedef struct S3Version {
        char *id;
        char *last_modified; /* "2026-01-31T12:00:00.000Z" */
        uint64_t bytes;
        bool is_latest;
} S3Version;

typedef struct S3Versions {
        S3Version *items; /* the newest first */
        size_t count;
} S3Versions;
void s3_versions_clear(S3Versions *versions);
static inline void s3_versions_clearp(S3Versions *versions) {
        s3_versions_clear(versions);
}

/* Of the request url, region, deadline, cancelled and context count. A key that is a folder's has none, and
 * neither has an object of a bucket that keeps none. At most so many. Blocks. */
bool s3_versions_list(Aws *aws, const S3SourceRequest *request, size_t most, S3Versions *ret, Error **err);

/* The package store that is a bucket, always used with the controller's own identity. Same layout as the
 * folder below its prefix, so that one can be copied to the other. */
#pragma once

#include "aws/aws.h"
#include "packages/package_store.h"

typedef struct S3PackageStoreSpec {
        Aws *aws; /* outlives the store */
        const char *bucket;
        const char *prefix; /* NULL or "": none; a '/' is added when it does not end in one */
        const char *region; /* NULL: the Aws's own; S3 says when it is another */
} S3PackageStoreSpec;

/* Strings are copied. Nothing is sent: a bucket that cannot be reached fails the calls, not the start. */
PackageStore *s3_package_store_new(const S3PackageStoreSpec *spec, Error **err);

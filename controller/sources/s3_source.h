/* Modules whose source is in a bucket: s3://bucket/key. Read with the controller's own identity. Blocks. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

typedef struct S3SourceRequest {
        const char *url;      /* s3://bucket/key */
        const char *revision; /* NULL, "", HEAD or latest (any case): all that is below the key, else the
                               * object of that key; anything else: that version of the object */
        const char *folder;   /* the work tree is made here; must not exist */
        const char *region;   /* where the bucket is looked for first; NULL: the Aws's own */
        Deadline deadline;
        bool (*cancelled)(void *context);
        void (*log)(void *context, const char *line); /* what was copied */
        void *context;
} S3SourceRequest;

/* INVALID: the URL, or a key that would leave the folder; then and whenever else it fails nothing of use is
 * in the folder. *ret_revision: HEAD or the version, as it was asked for. Caller frees. */
bool s3_source_fetch(Aws *aws, const S3SourceRequest *request, char **ret_revision, Error **err);

/* Buckets of a sandbox, made and filled as somebody else would. */
#pragma once

#include <string.h>

#include "aws/s3_request.h"
#include "base/memory.h"
#include "harness/sandbox_session.h"

static inline void sandbox_bucket_set(
        AwsSession *session, const char *bucket, const char *query, const char *body) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        SignedRequest request = { .action = "PutBucket",
                                  .method = "PUT",
                                  .query = query,
                                  .body = body,
                                  .body_length = strlen(body) };

        assert_ok(s3_send(session, &(S3Object){ .bucket = bucket, .key = "" }, &request, &response, err));
}

/* Keeps all versions. */
static inline void sandbox_bucket_make(SandboxCase *test, const char *bucket) {
        CLEANUP(free)
        char *where = xasprintf(
                "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint>"
                "</CreateBucketConfiguration>",
                sandbox_value(test->sandbox, "region"));

        sandbox_bucket_set(&test->session, bucket, NULL, where);
        sandbox_bucket_set(
                &test->session, bucket,
                "versioning=", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
}

/* Returns the version's id; caller frees. */
static inline char *sandbox_bucket_add(
        SandboxCase *test, const char *bucket, const char *key, const char *bytes) {
        CLEANUP(s3_facts_clear) S3Facts facts = { 0 };
        const S3Object object = { .bucket = bucket, .key = key };

        assert_ok(s3_put(
                &test->session, &(S3Put){ .object = object, .body = bytes, .length = strlen(bytes) }, err));
        assert_ok(s3_head(&test->session, &object, &facts, err));
        return TAKE(facts.version_id);
}

/* How S3 is asked: where a bucket is and how its paths are written. For s3_*.c alone. */
#pragma once

#include "aws/s3.h"
#include "aws/signed_request.h"

/* The endpoint of the object, or with the key "" of its bucket, in that region. */
bool s3_endpoint(AwsSession *session, const S3Object *object, const char *region, Endpoint *ret, Error **err);
/* Whether the bucket's name becomes part of the host; else it begins the path. */
bool s3_bucket_in_host(const char *bucket, const char *scheme, const char *host);

/* Fills in the service, where it is and the payload's hash, sends, and once more when S3 names another
 * region. request: action, method, query, body, headers and what takes the answer; payload_hash with
 * body_file. As signed_request_send() else. */
bool s3_send(
        AwsSession *session, const S3Object *object, SignedRequest *request, HttpResponse *ret, Error **err);

/* Where the bucket is, as far as is known; else the session's region. Caller frees. */
bool s3_bucket_region(AwsSession *session, const char *bucket, char **ret, Error **err);

/* "versionId=…", or "". */
void s3_version_query(const S3Object *object, Text *query);

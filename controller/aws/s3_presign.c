/* URLs that carry the right to read one object. */
#include <string.h>

#include "aws/s3_request.h"
#include "base/memory.h"

bool s3_presign(
        AwsSession *session, const S3Object *object, int64_t expires_s, char **ret_url,
        int64_t *ret_expires_us, Error **err) {
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        CLEANUP(credentials_free) Credentials *credentials = NULL;
        CLEANUP(free) char *region = NULL, *host = NULL, *signed_query = NULL;
        CLEANUP(text_clear) Text query = { 0 };

        if (!s3_bucket_region(session, object->bucket, &region, err) ||
            !s3_endpoint(session, object, region, &endpoint, err) ||
            !session_credentials(session, "S3", region, &credentials, err))
                return false;
        int64_t now_us = session_clock_us(session, &aws_s3, region);
        *ret_expires_us = now_us + expires_s * 1000000;
        if (!credentials) { /* nothing is signed: the bucket is open to all */
                *ret_url = xstrdup(endpoint.url);
                return true;
        }
        if (credentials->expires_us && credentials->expires_us < *ret_expires_us)
                *ret_expires_us = credentials->expires_us;
        host = xasprintf("Host: %s", endpoint.authority);
        s3_version_query(object, &query);
        const SigV4Request request = { .method = "GET",
                                       .path = endpoint.path,
                                       .query = query.data,
                                       .headers = (const char *const[]){ host, NULL },
                                       .path_style = SIGV4_PATH_AS_SENT,
                                       .region = endpoint.signing_region,
                                       .service = aws_s3.signing_name,
                                       .credentials = credentials,
                                       .time_us = now_us };
        signed_query = sigv4_presign(&request, expires_s);
        *ret_url = xasprintf("%s?%s", endpoint.url, signed_query);
        crypto_wipe(signed_query, strlen(signed_query));
        return true;
}

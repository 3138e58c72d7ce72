#include "aws/s3_request.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws_state.h"
#include "base/memory.h"
#include "net/url.h"

enum { BUCKET_MIN = 3, BUCKET_LABEL_MAX = 63, BUCKET_MAX = 255, KEY_MAX = 1024 };

/* ---- addresses ---- */

static bool is_address(const char *host) {
        struct in6_addr address;

        return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

bool s3_bucket_in_host(const char *bucket, const char *scheme, const char *host) {
        size_t length = strlen(bucket);
        bool https = text_equal(scheme, "https");

        if (is_address(host) || length < BUCKET_MIN || length > BUCKET_LABEL_MAX ||
            bucket[strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-.")])
                return false;
        /* The certificate of *.s3.… covers one label. */
        if (https && strchr(bucket, '.'))
                return false;
        return isalnum((unsigned char) bucket[0]) && isalnum((unsigned char) bucket[length - 1]) &&
               !strstr(bucket, "..");
}

bool s3_bucket_name_check(const char *bucket, Error **err) {
        if (text_empty(bucket) || strlen(bucket) > BUCKET_MAX ||
            bucket[strspn(bucket, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")])
                return error_set(
                        err, ERROR_INVALID, "'%.80s' is not the name of a bucket", bucket ? bucket : "");
        return true;
}

static bool check_object(const S3Object *object, Error **err) {
        return s3_bucket_name_check(object->bucket, err) &&
               (strlen(object->key) <= KEY_MAX ||
                error_set(err, ERROR_INVALID, "a key of S3 has at most %d bytes", KEY_MAX));
}

bool s3_endpoint(
        AwsSession *session, const S3Object *object, const char *region, Endpoint *ret, Error **err) {
        const EndpointSources sources = session_endpoints(session);
        CLEANUP(endpoint_clear) Endpoint service = { 0 };
        CLEANUP(url_clear) Url url = { 0 };
        CLEANUP(free) char *key = url_encode(object->key, "/");

        if (!check_object(object, err) || !endpoint_resolve(&aws_s3, region, &sources, &service, err) ||
            !url_parse(service.url, &url, err))
                return false;
        if (s3_bucket_in_host(object->bucket, url.scheme, url.host)) {
                ret->authority = xasprintf("%s.%s", object->bucket, service.authority);
                ret->path = xasprintf("%s%s", service.path, key);
        } else {
                ret->authority = xstrdup(service.authority);
                ret->path = xasprintf("%s%s%s%s", service.path, object->bucket, *key ? "/" : "", key);
        }
        ret->url = xasprintf("%s://%s%s", url.scheme, ret->authority, ret->path);
        ret->signing_region = TAKE(service.signing_region);
        return true;
}

void s3_version_query(const S3Object *object, Text *query) {
        if (!text_empty(object->version_id))
                url_append_parameter(query, "versionId", object->version_id);
}

/* ---- regions of buckets ---- */

/* Call with the lock held; NULL: not known. */
static AwsBucket *find_bucket(Aws *aws, const char *name) {
        for (size_t i = 0; i < aws->bucket_count; i++)
                if (text_equal(aws->buckets[i].name, name))
                        return &aws->buckets[i];
        return NULL;
}

bool s3_bucket_region(AwsSession *session, const char *bucket, char **ret, Error **err) {
        Aws *aws = session->aws;

        pthread_mutex_lock(&aws->lock);
        const AwsBucket *known = find_bucket(aws, bucket);
        *ret = known ? xstrdup(known->region) : NULL;
        pthread_mutex_unlock(&aws->lock);
        if (*ret)
                return true;
        const char *region = NULL;
        if (!session_region(session, "S3", &region, err))
                return false;
        *ret = xstrdup(region);
        return true;
}

/* One too many takes the place of the last: it is asked again when needed. */
static void remember_region(Aws *aws, const char *name, const char *region) {
        pthread_mutex_lock(&aws->lock);
        AwsBucket *bucket = find_bucket(aws, name);
        if (!bucket && aws->bucket_count < AWS_MAX_BUCKETS)
                bucket = &aws->buckets[aws->bucket_count++];
        if (!bucket)
                bucket = &aws->buckets[AWS_MAX_BUCKETS - 1];
        free(bucket->name);
        free(bucket->region);
        *bucket = (AwsBucket){ .name = xstrdup(name), .region = xstrdup(region) };
        pthread_mutex_unlock(&aws->lock);
}

/* ---- sending ---- */

static bool send_to(
        AwsSession *session, const S3Object *object, const SignedRequest *request, HttpResponse *ret,
        Error **err) {
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        SignedRequest complete = *request;

        if (!s3_endpoint(session, object, request->region, &endpoint, err))
                return error_prefix(err, "%s", request->action);
        complete.endpoint = &endpoint;
        return signed_request_send(session, &complete, ret, err);
}

/* Whether S3 refused because the bucket is elsewhere, and where. */
static bool named_region(const AwsSession *session, const HttpResponse *response, char **ret) {
        CLEANUP(answer_error_clear) AnswerError answer = { 0 };
        int status = session->failure.status;
        bool elsewhere = status == 301 || status == 307 || status == 400;

        if (!elsewhere || response->status != status)
                return false;
        answer_error_read(response, &answer);
        if (!region_is_valid(answer.region))
                return false;
        *ret = TAKE(answer.region);
        return true;
}

static void complete_headers(const SignedRequest *request, StringList *headers, char **hash) {
        *hash = request->payload_hash ? xstrdup(request->payload_hash)
                                      : crypto_sha256_hex(
                                                request->body ? request->body : "",
                                                request->body ? (size_t) request->body_length : 0);
        for (const char *const *header = request->headers; header && *header; header++)
                string_list_add(headers, *header);
        string_list_addf(headers, "X-Amz-Content-Sha256: %s", *hash);
}

bool s3_send(
        AwsSession *session, const S3Object *object, SignedRequest *request, HttpResponse *ret, Error **err) {
        CLEANUP(string_list_clear) StringList headers = { 0 };
        CLEANUP(free) char *region = NULL, *other = NULL, *hash = NULL;

        if (!s3_bucket_region(session, object->bucket, &region, err))
                return error_prefix(err, "%s", request->action);
        complete_headers(request, &headers, &hash);
        request->headers = (const char *const *) headers.items;
        request->payload_hash = hash;
        request->service = &aws_s3;
        request->path_style = SIGV4_PATH_AS_SENT;
        request->region = region;
        bool sent = send_to(session, object, request, ret, err);
        if (!sent && named_region(session, ret, &other) && !text_equal(other, region)) {
                error_free(TAKE(*err));
                remember_region(session->aws, object->bucket, other);
                request->region = other;
                sent = send_to(session, object, request, ret, err);
        }
        /* What they point to ends here. */
        request->headers = NULL;
        request->payload_hash = NULL;
        request->region = NULL;
        return sent || error_prefix(err, "s3://%s/%s", object->bucket, object->key);
}

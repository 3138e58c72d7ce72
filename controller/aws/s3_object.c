/* Single objects. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/s3_request.h"
#include "base/file.h"
#include "base/memory.h"
#include "net/url.h"

enum { BLOCK_BYTES = 256 << 10 };

void s3_facts_clear(S3Facts *facts) {
        free(facts->etag);
        free(facts->version_id);
        free(facts->sha256);
        *facts = (S3Facts){ 0 };
}

static void read_facts(const HttpResponse *response, S3Facts *ret) {
        const char *length = http_response_header(response, "content-length");
        const char *etag = http_response_header(response, "etag");
        const char *version = http_response_header(response, "x-amz-version-id");
        const char *sha256 = http_response_header(response, "x-amz-meta-sha256");

        if (!ret)
                return;
        *ret = (S3Facts){ .bytes = length ? strtoull(length, NULL, 10) : 0,
                          .etag = xstrdup(etag ? etag : ""),
                          .version_id = xstrdup(version && !text_equal(version, "null") ? version : ""),
                          .sha256 = xstrdup(sha256 ? sha256 : "") };
}

/* ---- put ---- */

static bool hash_file(const char *file, uint8_t ret[SHA256_BYTES], uint64_t *ret_bytes, Error **err) {
        CLEANUP(file_close) int fd = open(file, O_RDONLY | O_CLOEXEC);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        CLEANUP(free) char *block = xcalloc(1, BLOCK_BYTES);

        *ret_bytes = 0;
        for (ssize_t got = 1; got > 0;) {
                got = fd < 0 ? -1 : read(fd, block, BLOCK_BYTES);
                if (got < 0 && errno == EINTR) {
                        got = 1;
                        continue;
                }
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", file);
                sha256_update(hash, block, (size_t) got);
                *ret_bytes += (uint64_t) got;
        }
        sha256_finish(hash, ret);
        return true;
}

static bool hash_put(const S3Put *put, uint8_t ret[SHA256_BYTES], uint64_t *ret_bytes, Error **err) {
        if (put->file)
                return hash_file(put->file, ret, ret_bytes, err);
        crypto_sha256(put->body ? put->body : "", put->length, ret);
        *ret_bytes = put->length;
        return true;
}

bool s3_put_sha256(const S3Put *put, char **ret, Error **err) {
        uint8_t hash[SHA256_BYTES];
        uint64_t bytes = 0;

        if (!hash_put(put, hash, &bytes, err))
                return false;
        *ret = hex_encode(hash, sizeof(hash));
        return true;
}

static void put_headers(const S3Put *put, const uint8_t hash[SHA256_BYTES], StringList *headers) {
        CLEANUP(free) char *checksum = base64_encode(hash, SHA256_BYTES);
        CLEANUP(free) char *hex = hex_encode(hash, SHA256_BYTES);

        string_list_addf(headers, "X-Amz-Checksum-Sha256: %s", checksum);
        string_list_addf(headers, "X-Amz-Meta-Sha256: %s", hex);
        if (put->content_type)
                string_list_addf(headers, "Content-Type: %s", put->content_type);
        if (put->create_only)
                string_list_add(headers, "If-None-Match: *");
        for (const char *const *item = put->metadata; item && *item; item++)
                string_list_addf(headers, "X-Amz-Meta-%s", *item);
}

bool s3_put(AwsSession *session, const S3Put *put, Error **err) {
        CLEANUP(string_list_clear) StringList headers = { 0 };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        uint8_t hash[SHA256_BYTES];
        SignedRequest request = { .action = "PutObject",
                                  .method = "PUT",
                                  .body = put->file   ? NULL
                                          : put->body ? put->body
                                                      : "",
                                  .body_file = put->file,
                                  .is_long = true };

        session->failure = (AwsFailure){ .class = AWS_ERROR_CALLER };
        if (!hash_put(put, hash, &request.body_length, err))
                return error_prefix(err, "PutObject");
        if (request.body_length > S3_PUT_MAX_BYTES)
                return error_set(
                        err, ERROR_INVALID,
                        "PutObject: s3://%s/%s: more than the 5 GiB that S3 takes at once",
                        put->object.bucket, put->object.key);
        put_headers(put, hash, &headers);
        CLEANUP(free) char *payload_hash = hex_encode(hash, sizeof(hash));
        request.headers = (const char *const *) headers.items;
        request.payload_hash = payload_hash;
        return s3_send(session, &put->object, &request, &response, err);
}

/* ---- head, delete ---- */

bool s3_head(AwsSession *session, const S3Object *object, S3Facts *ret_facts, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(text_clear) Text query = { 0 };
        SignedRequest request = { .action = "HeadObject", .method = "HEAD" };

        s3_version_query(object, &query);
        request.query = query.data;
        if (!s3_send(session, object, &request, &response, err))
                return false;
        read_facts(&response, ret_facts);
        return true;
}

bool s3_delete(AwsSession *session, const S3Object *object, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(text_clear) Text query = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        SignedRequest request = { .action = "DeleteObject", .method = "DELETE" };

        s3_version_query(object, &query);
        request.query = query.data;
        if (s3_send(session, object, &request, &response, &failed))
                return true;
        if (text_equal(session->failure.code, "NoSuchKey") ||
            text_equal(session->failure.code, "NoSuchVersion"))
                return true;
        *err = TAKE(failed);
        return false;
}

/* ---- get ---- */

bool s3_get(
        AwsSession *session, const S3Object *object, size_t max_bytes, char **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(text_clear) Text query = { 0 };
        SignedRequest request = { .action = "GetObject", .method = "GET", .max_body_bytes = max_bytes };

        s3_version_query(object, &query);
        request.query = query.data;
        if (!s3_send(session, object, &request, &response, err))
                return false;
        *ret = TAKE(response.body);
        *ret_length = response.body_length;
        return true;
}

/* Where a piece goes. A server that knows no ranges sends the whole: that is refused, not cut. */
typedef struct Piece {
        char *bytes;
        size_t length, used;
        bool too_long;
} Piece;

static void begin_piece(void *context) {
        Piece *piece = context;

        piece->used = 0;
        piece->too_long = false;
}

static bool take_piece(void *context, const char *bytes, size_t length) {
        Piece *piece = context;

        piece->too_long = length > piece->length - piece->used;
        if (piece->too_long)
                return false;
        memcpy(piece->bytes + piece->used, bytes, length);
        piece->used += length;
        return true;
}

static AwsErrorClass accept_piece(void *context, const HttpResponse *response, Error **err) {
        const Piece *piece = context;

        if (response->status == 206 && !piece->too_long)
                return AWS_ERROR_NONE;
        error_set(err, ERROR_INTERNAL, "S3 sent another part of the object than was asked for");
        return AWS_ERROR_CALLER;
}

bool s3_get_range(
        AwsSession *session, const S3Object *object, uint64_t offset, void *ret, size_t length,
        size_t *ret_length, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(text_clear) Text query = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(free)
        char *range = xasprintf(
                "Range: bytes=%llu-%llu", (unsigned long long) offset,
                (unsigned long long) (offset + length - 1));
        const char *const headers[] = { range, NULL };
        Piece piece = { .bytes = ret, .length = length };
        SignedRequest request = { .action = "GetObject",
                                  .method = "GET",
                                  .headers = headers,
                                  .begin = begin_piece,
                                  .on_body = take_piece,
                                  .accept = accept_piece,
                                  .context = &piece };

        *ret_length = 0;
        if (length == 0)
                return true;
        s3_version_query(object, &query);
        request.query = query.data;
        if (!s3_send(session, object, &request, &response, &failed)) {
                if (session->failure.status == 416) /* begins behind the end */
                        return true;
                *err = TAKE(failed);
                return false;
        }
        *ret_length = piece.used;
        return true;
}

typedef struct Download {
        int fd;
        Error *problem;
} Download;

static void begin_download(void *context) {
        Download *download = context;

        error_free(TAKE(download->problem));
        if (ftruncate(download->fd, 0) < 0 || lseek(download->fd, 0, SEEK_SET) < 0)
                error_set(&download->problem, ERROR_INTERNAL, "cannot write: %m");
}

static bool take_download(void *context, const char *bytes, size_t length) {
        Download *download = context;

        return !download->problem && file_write_all(download->fd, bytes, length, &download->problem);
}

/* A full disk is not cured by sending the request again. */
static AwsErrorClass accept_download(void *context, const HttpResponse *response, Error **err) {
        Download *download = context;

        (void) response;
        if (!download->problem)
                return AWS_ERROR_NONE;
        *err = TAKE(download->problem);
        return AWS_ERROR_CALLER;
}

bool s3_get_file(
        AwsSession *session, const S3Object *object, const char *file, S3Facts *ret_facts, Error **err) {
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        CLEANUP(text_clear) Text query = { 0 };
        CLEANUP(file_close)
        int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        Download download = { .fd = fd };
        SignedRequest request = { .action = "GetObject",
                                  .method = "GET",
                                  .is_long = true,
                                  .begin = begin_download,
                                  .on_body = take_download,
                                  .accept = accept_download,
                                  .context = &download };

        if (fd < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot write %s: %m", file);
        s3_version_query(object, &query);
        request.query = query.data;
        bool ok = s3_send(session, object, &request, &response, err);
        error_free(download.problem);
        if (ok)
                read_facts(&response, ret_facts);
        else
                unlink(file);
        return ok;
}

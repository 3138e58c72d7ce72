#include "harness/fake_s3.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "net/url.h"

enum { MAX_OBJECTS = 64, MAX_ANSWERS = 4096 };

typedef struct Stored {
        char *path; /* "bucket/key", not encoded */
        char *bytes;
        size_t length;
        char *sha256; /* x-amz-meta-sha256; NULL: none */
        int version;
} Stored;

struct FakeS3 {
        ScriptedHttp *server;
        pthread_mutex_t lock; /* guards all below */
        Stored objects[MAX_OBJECTS];
        size_t count;
        int versions;
        int refuse_status, refuse_count;
        struct {
                char method[8];
                int status;
        } answers[MAX_ANSWERS];
        size_t answer_count;
        Text headers, body; /* of the answer being sent */
};

static void stored_clear(Stored *stored) {
        free(stored->path);
        free(stored->bytes);
        free(stored->sha256);
        *stored = (Stored){ 0 };
}

/* The newest of that path, or that version of it; NULL: none. */
static Stored *find(FakeS3 *s3, const char *path, const char *version) {
        for (size_t i = s3->count; i-- > 0;) {
                char name[16];

                (void) snprintf(name, sizeof(name), "v%d", s3->objects[i].version);
                if (text_equal(s3->objects[i].path, path) && (!version || text_equal(version, name)))
                        return &s3->objects[i];
        }
        return NULL;
}

static void add(FakeS3 *s3, const char *path, const void *bytes, size_t length, const char *sha256) {
        if (s3->count == MAX_OBJECTS)
                abort();
        s3->objects[s3->count++] = (Stored){ .path = xstrdup(path),
                                             .bytes = xmemdup(bytes, length),
                                             .length = length,
                                             .sha256 = sha256 ? xstrdup(sha256) : NULL,
                                             .version = ++s3->versions };
}

static void remove_all(FakeS3 *s3, const char *path) {
        size_t kept = 0;

        for (size_t i = 0; i < s3->count; i++)
                if (text_equal(s3->objects[i].path, path))
                        stored_clear(&s3->objects[i]);
                else
                        s3->objects[kept++] = s3->objects[i];
        s3->count = kept;
}

/* ---- requests ---- */

typedef struct Asked {
        char method[8];
        char *path, *query;
        const char *request, *body;
        size_t body_length;
} Asked;

static void asked_clear(Asked *asked) {
        free(asked->path);
        free(asked->query);
}

/* A header's value, or NULL; caller frees. */
static char *header(const Asked *asked, const char *name) {
        CLEANUP(free) char *line = xasprintf("\r\n%s: ", name);
        CLEANUP(free) char *head = xstrndup(asked->request, (size_t) (asked->body - asked->request));
        const char *at = strcasestr(head, line);

        return at ? xstrndup(at + strlen(line), strcspn(at + strlen(line), "\r")) : NULL;
}

/* A parameter of the query, decoded, or NULL; caller frees. */
static char *parameter(const Asked *asked, const char *name) {
        CLEANUP(string_list_clear) StringList list = { 0 };

        text_split(asked->query, '&', &list);
        for (size_t i = 0; i < list.count; i++) {
                const char *item = list.items[i];
                size_t length = strcspn(item, "=");

                if (strlen(name) == length && memcmp(item, name, length) == 0)
                        return item[length] ? url_decode(item + length + 1, strlen(item + length + 1), NULL)
                                            : xstrdup("");
        }
        return NULL;
}

static void take_apart(const char *request, Asked *ret) {
        size_t method = strcspn(request, " ");
        const char *target = request + method + 1;
        size_t path = strcspn(target, "? ");
        const char *query = target[path] == '?' ? target + path + 1 : "";

        *ret = (Asked){ .request = request, .body = strstr(request, "\r\n\r\n") + 4 };
        memcpy(ret->method, request, method < sizeof(ret->method) ? method : sizeof(ret->method) - 1);
        ret->path = url_decode(target + 1, path - 1, NULL);
        ret->query = xstrndup(query, strcspn(query, " "));
        CLEANUP(free) char *length = header(ret, "Content-Length");
        ret->body_length = length ? strtoul(length, NULL, 10) : 0;
}

/* ---- answers ---- */

static int fail(FakeS3 *s3, int status, const char *code) {
        text_appendf(&s3->body, "<Error><Code>%s</Code><Message>so it is</Message></Error>", code);
        return status;
}

static int put(FakeS3 *s3, const Asked *asked) {
        CLEANUP(free) char *create = header(asked, "If-None-Match");
        CLEANUP(free) char *sha256 = header(asked, "x-amz-meta-sha256");

        if (create && find(s3, asked->path, NULL))
                return fail(s3, 412, "PreconditionFailed");
        add(s3, asked->path, asked->body, asked->body_length, sha256);
        return 200;
}

static int get(FakeS3 *s3, const Asked *asked) {
        CLEANUP(free) char *version = parameter(asked, "versionId");
        const Stored *stored = find(s3, asked->path, version);
        unsigned long long first = 0, last = 0;
        size_t length;

        if (!stored)
                return fail(s3, 404, version ? "NoSuchVersion" : "NoSuchKey");
        text_appendf(
                &s3->headers, "ETag: \"%d\"\r\nx-amz-version-id: v%d\r\n", stored->version, stored->version);
        if (stored->sha256)
                text_appendf(&s3->headers, "x-amz-meta-sha256: %s\r\n", stored->sha256);
        if (!scripted_http_range(asked->request, &first, &last)) {
                text_append_bytes(&s3->body, stored->bytes, stored->length);
                return 200;
        }
        if (first >= stored->length)
                return fail(s3, 416, "InvalidRange");
        length = last < stored->length ? (size_t) (last - first + 1) : stored->length - (size_t) first;
        text_append_bytes(&s3->body, stored->bytes + first, length);
        return 206;
}

/* Newest versions only; a page holds two, so that every longer list is read in pages. */
static int list(FakeS3 *s3, const Asked *asked) {
        CLEANUP(free)
        char *prefix = parameter(asked, "prefix"), *token = parameter(asked, "continuation-token");
        CLEANUP(free) char *start = xasprintf("%s/%s", asked->path, prefix ? prefix : "");
        size_t skip = token ? strtoul(token, NULL, 10) : 0, seen = 0;

        text_append(&s3->body, "<ListBucketResult>");
        for (size_t i = 0; i < s3->count; i++) {
                const Stored *stored = &s3->objects[i];

                if (!text_starts_with(stored->path, start) || find(s3, stored->path, NULL) != stored)
                        continue;
                if (seen >= skip && seen < skip + 2) {
                        CLEANUP(free) char *key = url_encode(stored->path + strlen(asked->path) + 1, "/");
                        text_appendf(
                                &s3->body, "<Contents><Key>%s</Key><Size>%zu</Size></Contents>", key,
                                stored->length);
                }
                seen++;
        }
        text_appendf(&s3->body, "<IsTruncated>%s</IsTruncated>", seen > skip + 2 ? "true" : "false");
        if (seen > skip + 2)
                text_appendf(&s3->body, "<NextContinuationToken>%zu</NextContinuationToken>", skip + 2);
        text_append(&s3->body, "</ListBucketResult>");
        return 200;
}

static int respond(FakeS3 *s3, const Asked *asked) {
        CLEANUP(free) char *authorization = header(asked, "Authorization");
        CLEANUP(free) char *presigned = parameter(asked, "X-Amz-Signature");
        bool is_get = text_equal(asked->method, "GET");

        if (!authorization && !presigned)
                return fail(s3, 403, "AccessDenied");
        if (is_get && s3->refuse_count > 0) {
                s3->refuse_count--;
                return fail(s3, s3->refuse_status, "AccessDenied");
        }
        if (is_get && text_starts_with(asked->query, "list-type=2"))
                return list(s3, asked);
        if (is_get || text_equal(asked->method, "HEAD"))
                return get(s3, asked);
        if (text_equal(asked->method, "PUT"))
                return put(s3, asked);
        remove_all(s3, asked->path);
        return 204;
}

static ScriptedReply handle(void *context, const char *request) {
        FakeS3 *s3 = context;
        Asked asked;

        take_apart(request, &asked);
        pthread_mutex_lock(&s3->lock);
        text_clear(&s3->headers);
        text_clear(&s3->body);
        int status = respond(s3, &asked);
        if (s3->answer_count < MAX_ANSWERS) {
                memcpy(s3->answers[s3->answer_count].method, asked.method, sizeof(asked.method));
                s3->answers[s3->answer_count++].status = status;
        }
        pthread_mutex_unlock(&s3->lock);
        bool head = text_equal(asked.method, "HEAD");
        asked_clear(&asked);
        return (ScriptedReply){ .status = status,
                                .headers = s3->headers.data,
                                .body = s3->body.data,
                                .body_length = s3->body.length,
                                .no_body = head };
}

/* ---- for tests ---- */

FakeS3 *fake_s3_start(void) {
        FakeS3 *s3 = xcalloc(1, sizeof(*s3));

        pthread_mutex_init(&s3->lock, NULL);
        s3->server = scripted_http_start_handler(handle, s3);
        return s3;
}

void fake_s3_stop(FakeS3 *s3) {
        scripted_http_stop(s3->server);
        for (size_t i = 0; i < s3->count; i++)
                stored_clear(&s3->objects[i]);
        text_clear(&s3->headers);
        text_clear(&s3->body);
        pthread_mutex_destroy(&s3->lock);
        free(s3);
}

ScriptedHttp *fake_s3_server(const FakeS3 *s3) {
        return s3->server;
}

const char *fake_s3_url(const FakeS3 *s3) {
        return scripted_http_url(s3->server);
}

size_t fake_s3_count(FakeS3 *s3, const char *method, int status) {
        size_t count = 0;

        pthread_mutex_lock(&s3->lock);
        for (size_t i = 0; i < s3->answer_count; i++)
                count += text_equal(s3->answers[i].method, method) &&
                         (status == 0 || s3->answers[i].status == status);
        pthread_mutex_unlock(&s3->lock);
        return count;
}

void fake_s3_add(FakeS3 *s3, const char *path, const void *bytes, size_t length) {
        pthread_mutex_lock(&s3->lock);
        add(s3, path, bytes, length, NULL);
        pthread_mutex_unlock(&s3->lock);
}

void fake_s3_refuse(FakeS3 *s3, int status, int count) {
        pthread_mutex_lock(&s3->lock);
        s3->refuse_status = status;
        s3->refuse_count = count;
        pthread_mutex_unlock(&s3->lock);
}

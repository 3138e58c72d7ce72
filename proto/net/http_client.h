/* HTTP client: one request, one answer, everything bounded. With
 * smtp_client.h the only user of libcurl.
 *
 * A client keeps its connections open between calls and serves one thread at a time: one per thread. Calls
 * block. Redirects are not followed, signals not used, only http and https spoken, paths sent as they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { HTTP_NO_TIMEOUT = -1 };

typedef struct HttpClient HttpClient;

typedef struct HttpClientOptions {
        const char *user_agent; /* NULL: "ghost/VERSION" */
        const char *ca_file;    /* PEM with the authorities to trust; NULL: the system's */
        bool insecure;          /* the server's certificate is not checked (asked for by a person) */
        bool no_proxy;          /* ignore proxies named by the environment */
} HttpClientOptions;

typedef struct HttpRequest {
        const char *method; /* "GET" */
        const char *url;
        const char *const *headers; /* "Name: value", NULL-terminated; NULL: none */
        const void *body;           /* NULL: none */
        const char *body_file;      /* the body is the first body_length bytes of this file; NULL: `body` */
        uint64_t body_length;

        int64_t connect_timeout_ms; /* 0: 3,100 */
        int64_t timeout_ms;         /* the whole exchange; 0: 60,000; HTTP_NO_TIMEOUT: as long as it lasts */
        int64_t idle_timeout_ms;    /* fewer than one byte a second for that long ends it; 0: off */
        size_t max_body_bytes;      /* of the answer; more is an error; 0: 16 MiB. Not applied with on_body */

        /* Called with the body of a 2xx answer as it comes, for long or endless bodies; false stops the call,
         * which then succeeds with `stopped`. Bodies of other answers are collected as usual. NULL: collect.
         */
        bool (*on_body)(void *context, const char *bytes, size_t length);
        int on_body_status; /* the only status whose body goes to on_body; 0: any 2xx */
        /* Asked about once a second, true ends the call with ERROR_CANCELLED. NULL: never. */
        bool (*cancelled)(void *context);
        void *context;
} HttpRequest;

typedef struct HttpResponse {
        int status;
        StringList headers; /* "Name: value" */
        char *body;         /* NUL-terminated, never NULL */
        size_t body_length;
        bool stopped; /* by on_body */
} HttpResponse;

HttpClient *http_client_new(const HttpClientOptions *options); /* NULL: all defaults */
void http_client_free(HttpClient *client);
CLEANUP_DEFINE(HttpClient, http_client_free);

/* True whenever an answer came, whatever its status. Kinds: UNAVAILABLE (no connection, cut in the middle),
 * TIMEOUT, CANCELLED, INVALID (URL, answer too long), FORBIDDEN (the server's certificate is not believed),
 * INTERNAL (body_file cannot be read). */
bool http_client_send(HttpClient *client, const HttpRequest *request, HttpResponse *ret, Error **err);

/* Value of the first header of that name (any case), or NULL. */
const char *http_response_header(const HttpResponse *response, const char *name);
void http_response_clear(HttpResponse *response);
static inline void http_response_clearp(HttpResponse *response) {
        http_response_clear(response);
}

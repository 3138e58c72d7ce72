/* An HTTP server on a free loopback port that answers from a script and keeps what it was sent. For tests of
 * clients: faults on demand (no answer, cut in the middle, one byte at a time). One thread serves all
 * connections in turn. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct ScriptedReply {
        int status;          /* 0: the request is taken, then the connection is reset */
        const char *headers; /* more header lines, each ending in "\r\n"; NULL: none */
        const char *body;    /* NULL: empty */
        size_t body_length;  /* 0: body is text */
        bool no_body;        /* only its length is said: an answer to HEAD */
        size_t repeat;       /* body is sent that many times; 0: once */
        size_t cut_after; /* of the body only that many bytes are sent, then the connection is closed; 0: all
                           */
        int drip_ms;      /* one byte of the body at a time, that far apart; 0: at once */
} ScriptedReply;

typedef struct ScriptedHttp ScriptedHttp;

/* Answers one reply after the other; the last one for ever. The replies are borrowed. */
ScriptedHttp *scripted_http_start(const ScriptedReply *replies, size_t count);
#define scripted_http_start_table(table) scripted_http_start((table), sizeof(table) / sizeof((table)[0]))

/* Asks `handle` for each reply (in the server's thread). What it returns must live until its next call. */
ScriptedHttp *scripted_http_start_handler(
        ScriptedReply (*handle)(void *context, const char *request), void *context);

void scripted_http_stop(ScriptedHttp *server);
static inline void scripted_http_stopp(ScriptedHttp **server) {
        if (*server)
                scripted_http_stop(*server);
}

/* The bytes that a request's Range header asks for; false: all. */
bool scripted_http_range(const char *request, unsigned long long *ret_first, unsigned long long *ret_last);

const char *scripted_http_url(const ScriptedHttp *server); /* "http://127.0.0.1:PORT" */

/* What came, head and body as they were sent, NUL after it. Valid until stop. */
size_t scripted_http_request_count(ScriptedHttp *server);
const char *scripted_http_request(ScriptedHttp *server, size_t index);

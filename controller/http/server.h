/* Server: takes connections, reads requests within bounds, routes them, sends answers. The only user of
 * libmicrohttpd; knows no resource.
 *
 * Handlers run on the server's own few threads: they may touch memory, files and the store, never wait. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/auth.h"
#include "http/route.h"

typedef struct Server Server;

/* One answer, whole or cut. */
typedef struct ServerAnswer {
        const char *method, *route; /* as the table has them; "other": there is no such route */
        int status;
        int64_t duration_ms; /* < 0: a stream */
} ServerAnswer;

typedef struct ServerOptions {
        const char *listen;           /* "127.0.0.1:5000", "[::]:5000"; port 0: any free one */
        const char *certificate_file; /* PEM; NULL: plain HTTP */
        const char *key_file;
        unsigned threads;                 /* 0: 4 */
        unsigned connection_limit;        /* 0: 2,048 */
        unsigned connections_per_address; /* 0: as many as there are */
        unsigned stream_limit;            /* connections that may be streams; 0: 1,000 */
        int64_t idle_timeout_ms;          /* a connection on which nothing moves; 0: 30 s */
        int64_t request_timeout_ms; /* from connection or last answer to the last byte of a request; 0: 60 s
                                     */
        int64_t stop_timeout_ms;    /* how long a stop waits for what is being answered; 0: 5 s */
        int64_t keep_alive_ms;      /* how often a waiting stream is asked again; 0: 15 s */
        size_t max_body_bytes;      /* 0: 4 MiB; more is 413 */
        const char *cors_origins;   /* cors.h; must live as long as the server; NULL: none */
        size_t max_header_bytes;    /* 0: 32 KiB; more is 431 or 414 */
        void (*answered)(
                void *context, const ServerAnswer *answer); /* from the server's threads; may be NULL */
        void *context;
} ServerOptions;

/* resources ends with NULL and must live as long as the server. */
Server *server_start(
        const ServerOptions *options, const Resource *const *resources, Services *services, Auth *auth,
        Error **err);
/* Takes no more connections, ends streams, waits for what is being answered, closes everything. */
void server_stop(Server *server);
CLEANUP_DEFINE(Server, server_stop);

/* Connections from now on are shown what is in the certificate files now. Without TLS there is nothing to do.
 */
bool server_reload_certificate(Server *server, Error **err);

uint16_t server_port(const Server *server);

/* clock_monotonic_ms() of when it last looked after all its connections. */
int64_t server_moved_ms(const Server *server);

/* The streams of that topic have something to read. Cheap; from any thread. */
void server_wake_streams(Server *server, const char *topic);

/* Exchange: one request and its answer on a connection; the callbacks the server library makes, in this
 * order: target, request (headers; body pieces; end), completed. */
#pragma once

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/auth.h"
#include "http/connections.h"
#include "http/followers.h"
#include "http/route.h"
#include "http/websockets.h"

struct ServerAnswer; /* server.h */

typedef struct ExchangeContext {
        const Resource *const *resources;
        Services *services;
        Auth *auth;
        size_t max_body_bytes;
        bool secure;
        uint32_t id_prefix; /* of the ids of this server's requests */
        _Atomic(uint32_t) requests;
        _Atomic(unsigned) open;   /* requests whose answers are not all out */
        atomic_bool stopping;     /* connections end with the answer */
        const char *cors_origins; /* see cors.h */
        void (*answered)(void *context, const struct ServerAnswer *answer); /* server.h; may be NULL */
        void *answered_context;
        Followers followers;
        Websockets websockets;
        Connections connections;
} ExchangeContext;

void *exchange_on_target(void *context, const char *raw, struct MHD_Connection *connection);

enum MHD_Result exchange_on_request(
        void *context, struct MHD_Connection *connection, const char *url, const char *method,
        const char *version, const char *bytes, size_t *length, void **state);

/* It belongs to the websockets now. exchange: what exchange_on_target() made. */
void exchange_forget_websocket(void *exchange);

void exchange_on_completed(
        void *context, struct MHD_Connection *connection, void **state,
        enum MHD_RequestTerminationCode reason);

/* Routes: which handler answers which method and path, and who may ask. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct Request Request;   /* parsed, authenticated, body bounded and complete */
typedef struct Response Response; /* status, headers, body */
typedef struct Services Services; /* the program's own; passed on, never looked into */
typedef struct RouteDoc RouteDoc; /* what the API's description says of it; never looked into here */

/* Each right holds those before it. */
typedef enum Right { RIGHT_NONE, RIGHT_READ, RIGHT_OPERATE, RIGHT_ADMIN, RIGHT_COUNT } Right;

typedef enum RouteFlags {
        ROUTE_ANY_BODY = 1 << 0, /* the body need not be application/json */
} RouteFlags;

typedef struct Route {
        const char *method; /* "GET" answers HEAD too */
        /* Segments: a word; {id} or {x_id}: 24 hex digits; {x}: any one segment; a last "*": the rest. */
        const char *path;
        Right right; /* checked before the handler runs */
        /* False with an error: its kind gives the status, its message the envelope. */
        bool (*handle)(const Request *request, Response *response, Services *services, Error **err);
        unsigned flags;
        const RouteDoc *doc;
        size_t max_body_bytes; /* 0: the server's own limit */
} Route;

typedef struct Resource {
        const char *name;
        const Route *routes;
        size_t route_count;
} Resource;

#define RESOURCE(word, table)                                                                                \
        { .name = (word), .routes = (table), .route_count = sizeof(table) / sizeof((table)[0]) }

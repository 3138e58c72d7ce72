/* Request: one HTTP request, complete and bounded. Knows nothing of the server library. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "http/auth.h"
#include "http/pairs.h"
#include "http/route.h"
#include "http/target.h"

/* Of a browser's session; see Account.csrf_token. */
#define SESSION_COOKIE "ghost_session"

struct Request {
        char id[17];  /* in every answer (X-Request-Id) and log line */
        char *method; /* after X-HTTP-Method-Override */
        char *peer;   /* address of the client */
        bool secure;  /* came over TLS */
        Target target;
        Pairs headers;
        Pairs params;
        Account account;     /* name NULL: nobody */
        int64_t received_ms; /* when it began, on the monotonic clock */
        char *body;          /* NUL-terminated */
        size_t body_length;
};

void request_clear(Request *request);

/* The part of the path that matched {name}. */
const char *request_param(const Request *request, const char *name);
/* The first query parameter of that name, or NULL. */
const char *request_query(const Request *request, const char *name);
/* Any case; NULL when absent. */
const char *request_header(const Request *request, const char *name);
/* Login of the account, or "" for nobody. */
const char *request_user(const Request *request);

bool request_has_right(const Request *request, Right right);

/* "http://host:port" as the client named us; the empty string when it gave no sane Host. Caller frees. */
char *request_base_url(const Request *request);

/* Whether the client is a browser that wants a page. */
bool request_wants_html(const Request *request);

/* Content-Type is that media type, parameters aside. */
bool request_content_is(const Request *request, const char *media_type);

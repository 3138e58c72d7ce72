/* The answer to a request that others' machines answer first: given when it is there; until then the
 * connection sleeps, for a while. */
#pragma once

#include "catalog/questions.h"
#include "http/request.h"
#include "http/response.h"

typedef struct CatalogAsked {
        const char *who; /* "AWS": in messages */
        bool as_role;    /* by the rights of a role, which may be refused before anything is asked */
} CatalogAsked;

/* READY: 200. FAILED: 403, 422, 502 or 504 with the words of who was asked. BUSY: 503. The json is taken. */
void catalog_answer_give(
        const Request *request, Response *response, const CatalogAsked *asked, CatalogState state,
        CatalogAnswer *answer);
/* Whether the connection may sleep on, and does; else it has waited its time. */
bool catalog_answer_wait(const Request *request, Response *response, const char *topic);

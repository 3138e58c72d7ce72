/* What the served description of the API (/openapi.json) says of a route, beside method, path and right. A
 * row of a routing table carries it as .doc = &(const RouteDoc){ … }. The answers that every route can give
 * (400, 401 and 403 with a right, 404 with a {parameter}, 413 and 422 with a body, 304 of an item …) follow
 * from the row itself. Routes of kind ANSWER_PAGE are for browsers and not in the description. */
#pragma once

#include "http/route.h"
#include "json/schema.h"

typedef enum RouteAnswer {
        ANSWER_NOTHING,    /* 204 */
        ANSWER_ITEM,       /* one document, .answer its schema, in the item envelope */
        ANSWER_COLLECTION, /* a page of them */
        ANSWER_RECEIPT,    /* of a write: 201 for POST, else 200 */
        ANSWER_DOCUMENT,   /* a plain document; .answer NULL: any JSON */
        ANSWER_LIST,       /* a bare JSON array */
        ANSWER_FILE,       /* text/plain with ranges */
        ANSWER_EVENTS,     /* text/event-stream */
        ANSWER_PAGE,       /* text/html, or a redirect to it */
        ANSWER_REFUSAL,    /* never a success */
        ANSWER_TEXT,       /* text/plain, all of it */
        ANSWER_BYTES,      /* application/octet-stream */
} RouteAnswer;

enum { ROUTE_STATUSES_MAX = 8, ROUTE_PARAMETERS_MAX = 10, ROUTE_EMBEDS_MAX = 4 };

typedef struct RouteParameter {
        const char *name; /* query parameter */
        const char *meaning;
        SchemaType type; /* STRING, INT, BOOL, or OBJECT: JSON in a string */
} RouteParameter;

struct RouteDoc {
        const char *operation; /* "list_apps": unique, snake case */
        const char *summary;   /* "Lists applications" */
        RouteAnswer kind;
        const Schema *body;                              /* of the request; NULL: none */
        const Schema *answer;                            /* of the document in the answer */
        RouteParameter parameters[ROUTE_PARAMETERS_MAX]; /* beyond the collections' and items' own */
        int statuses[ROUTE_STATUSES_MAX];     /* answers that do not follow from the row: { 409, 422 } */
        bool conditional;                     /* needs If-Match: 428, 412 */
        bool bulk;                            /* takes a list of bodies as well */
        const char *embeds[ROUTE_EMBEDS_MAX]; /* members of the answer that `embedded` replaces: "app_id" */
        const char *description;              /* more than the summary; may be NULL */
};

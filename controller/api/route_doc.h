/* What the served description of the API (/openapi.json) says of a route, beside method, path and right. A
 * row of a routing table carries it as .doc = &(const RouteDoc){ … }. The answers that every route can give
 * (401, 403, 404 of an {id}, 415, 422 with a body …) follow from the row itself. */
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
} RouteAnswer;

enum { ROUTE_STATUSES_MAX = 8, ROUTE_PARAMETERS_MAX = 8 };

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
        int statuses[ROUTE_STATUSES_MAX]; /* answers that do not follow from the row: { 409, 422 } */
};

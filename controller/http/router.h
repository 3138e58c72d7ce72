/* Router: finds the route of a method and path among the resources. */
#pragma once

#include "base/text.h"
#include "http/pairs.h"
#include "http/route.h"

typedef struct RouteMatch {
        const Route *route; /* NULL: nothing answers that method there */
        bool path_known;    /* some method would be answered: 405, not 404 */
        Pairs params;
} RouteMatch;

/* resources ends with NULL. */
void router_match(const Resource *const *resources, const char *method, const char *path, RouteMatch *ret);
void route_match_clear(RouteMatch *match);
static inline void route_match_clearp(RouteMatch *match) {
        route_match_clear(match);
}

/* "GET, HEAD, OPTIONS, POST", for the Allow header. Caller frees. */
char *router_allowed(const Resource *const *resources, const char *path);

/* Exactly 24 of [0-9a-f]. */
bool router_is_id(const char *word);

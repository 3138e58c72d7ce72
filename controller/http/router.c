#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ID_LENGTH = 24 };

bool router_is_id(const char *word) {
        return strspn(word, "0123456789abcdef") == ID_LENGTH && word[ID_LENGTH] == '\0';
}

static bool wants_id(const char *name) {
        return strcmp(name, "id") == 0 || text_ends_with(name, "_id");
}

/* One {name} segment; a match is added to params. */
static bool match_parameter(const char *pattern, size_t pattern_length, const char *word, Pairs *params) {
        CLEANUP(free) char *name = xstrndup(pattern + 1, pattern_length - 2);

        if (word[0] == '\0' || (wants_id(name) && !router_is_id(word)))
                return false;
        pairs_take(params, TAKE(name), xstrdup(word));
        return true;
}

static bool match_segment(const char *pattern, size_t pattern_length, const char *word, Pairs *params) {
        if (pattern_length > 2 && pattern[0] == '{')
                return match_parameter(pattern, pattern_length, word, params);
        return strlen(word) == pattern_length && memcmp(word, pattern, pattern_length) == 0;
}

static bool match_path(const char *pattern, const char *path, Pairs *params) {
        while (*pattern == '/' && *path == '/') {
                size_t pattern_length = strcspn(++pattern, "/"), length = strcspn(++path, "/");

                if (strcmp(pattern, "*") == 0) {
                        pairs_take(params, xstrdup("*"), xstrdup(path));
                        return true;
                }
                CLEANUP(free) char *word = xstrndup(path, length);
                if (!match_segment(pattern, pattern_length, word, params))
                        return false;
                pattern += pattern_length;
                path += length;
        }
        return *pattern == '\0' && *path == '\0';
}

static bool match_method(const Route *route, const char *method) {
        return strcmp(route->method, method) == 0 ||
               (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

void router_match(const Resource *const *resources, const char *method, const char *path, RouteMatch *ret) {
        *ret = (RouteMatch){ 0 };

        for (; *resources; resources++) {
                for (size_t i = 0; i < (*resources)->route_count; i++) {
                        const Route *route = &(*resources)->routes[i];

                        if (match_path(route->path, path, &ret->params)) {
                                ret->path_known = true;
                                if (match_method(route, method)) {
                                        ret->route = route;
                                        return;
                                }
                        }
                        pairs_clear(&ret->params);
                }
        }
}

void route_match_clear(RouteMatch *match) {
        pairs_clear(&match->params);
        *match = (RouteMatch){ 0 };
}

char *router_allowed(const Resource *const *resources, const char *path) {
        static const char *const methods[] = { "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT" };
        CLEANUP(text_clear) Text allowed = { 0 };

        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
                CLEANUP(route_match_clear) RouteMatch match = { 0 };

                router_match(resources, methods[i], path, &match);
                if (match.route || strcmp(methods[i], "OPTIONS") == 0)
                        text_appendf(&allowed, "%s%s", allowed.length ? ", " : "", methods[i]);
        }
        return text_take(&allowed);
}

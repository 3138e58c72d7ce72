#include "api/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "api/openapi_base.h"
#include "api/openapi_operation.h"
#include "base/memory.h"
#include "base/text.h"

/* Pages for people are no part of it; neither are routes that take the rest of a path. */
static bool is_described(const Route *route) {
        return route->doc && route->doc->kind != ANSWER_PAGE && !strchr(route->path, '*');
}

static void add_route(Document *paths, Document *schemas, const Resource *resource, const Route *route) {
        CLEANUP(free) char *method = xstrdup(route->method);
        const Document *known = document_get_member(paths, route->path);
        Document *path = known ? document_copy(known) : document_object();

        for (char *c = method; *c; c++)
                *c = (char) (*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        document_set(path, method, openapi_operation(resource, route, schemas));
        document_set(paths, route->path, path);
}

static Document *read_base(void) {
        CLEANUP(error_free) Error *error = NULL;
        Document *base = document_parse(openapi_base_json, strlen(openapi_base_json), &error);

        if (!base) /* the build has parsed it already */
                abort();
        return base;
}

Document *openapi_describe(const Resource *const *resources) {
        Document *api = read_base();
        Document *info = document_copy(document_get_member(api, "info"));
        Document *components = document_copy(document_get_member(api, "components"));
        Document *schemas = document_copy(document_get_member(components, "schemas"));
        Document *paths = document_object();

        for (; *resources; resources++)
                for (size_t i = 0; i < (*resources)->route_count; i++)
                        if (is_described(&(*resources)->routes[i]))
                                add_route(paths, schemas, *resources, &(*resources)->routes[i]);

        document_set_string(info, "version", GHOST_VERSION);
        document_set(components, "schemas", schemas);
        document_set(api, "info", info);
        document_set(api, "paths", paths);
        document_set(api, "components", components);
        return api;
}

/* /: the list of resources for programs, the user interface for browsers. */
#include <string.h>

#include "api/api.h"
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"

/* Children are the collections that this account may list. */
static bool is_child(const Request *request, const Route *route) {
        return route->doc && route->doc->kind == ANSWER_COLLECTION && strcmp(route->method, "GET") == 0 &&
               !strchr(route->path, '{') && request_has_right(request, route->right);
}

static Document *children(const Request *request) {
        Document *list = document_array();

        for (const Resource *const *resource = api_resources; *resource; resource++)
                for (size_t i = 0; i < (*resource)->route_count; i++) {
                        const Route *route = &(*resource)->routes[i];

                        if (!is_child(request, route))
                                continue;
                        Document *child = document_object();
                        document_set_string(child, "href", route->path + 1);
                        document_set_string(child, "title", route->path + 1);
                        document_append(list, child);
                }
        return list;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        (void) services, (void) err;
        if (request_wants_html(request)) {
                response_redirect(response, "/web/");
                return true;
        }
        if (!request_has_right(request, RIGHT_READ)) {
                response_unauthorized(response);
                return true;
        }
        Document *home = document_object(), *links = document_object();
        document_set(links, "child", children(request));
        document_set(home, "_links", links);
        envelope_plain(response, home);
        return true;
}

static const Route routes[] = {
        { "GET", "/", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "show_home",
                             .summary = "Lists the collections, or sends a browser to the web interface",
                             .kind = ANSWER_DOCUMENT,
                             .statuses = { 302, 401 } } },
};

const Resource home_resource = RESOURCE("home", routes);

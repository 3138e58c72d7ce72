/* /: the list of resources for programs, the user interface for browsers. */
#include "api/envelope.h"
#include "api/resources.h"

static const char *const children[] = { "apps", "jobs", "deployments", "instances" };

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
        Document *home = document_object(), *links = document_object(), *list = document_array();
        for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
                Document *child = document_object();
                document_set_string(child, "href", children[i]);
                document_set_string(child, "title", children[i]);
                document_append(list, child);
        }
        document_set(links, "child", list);
        document_set(home, "_links", links);
        envelope_plain(response, home);
        return true;
}

static const Route routes[] = {
        { "GET", "/", RIGHT_NONE, show, 0, NULL },
};

const Resource home_resource = RESOURCE("home", routes);

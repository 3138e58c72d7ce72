/* /web/: the pages, from files built into the program. They hold no secrets: who may see what is the API's to
 * say, which they ask. */
#include <string.h>

#include "api/embedded_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "ui/web/web_files.h"

/* Nothing but this server's own files, and nothing written into a page: a log line can never become code. */
static const char policy[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const char *given = request_param(request, "*");
        const char *name = given && *given ? given : "index.html";
        const EmbeddedFile *file = embedded_file_find(web_files, name);
        bool named_by_content = strncmp(name, "assets/", strlen("assets/")) == 0;

        (void) services;
        if (!web_files[0].name)
                return error_set(err, ERROR_NOT_FOUND, "this controller was built without the web interface");
        /* Pages are addresses of the interface itself: it finds out what to show. */
        if (!file && !named_by_content)
                file = embedded_file_find(web_files, "index.html");
        if (!file)
                return error_set(err, ERROR_NOT_FOUND, "no such file in the web interface");
        const EmbeddedHeaders headers = {
                .cache_control = named_by_content ? "public, max-age=31536000, immutable" : "no-cache",
                .security_policy = policy,
        };
        return embedded_answer(request, response, file, &headers, err);
}

static const Route routes[] = {
        { "GET", "/web", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "web", .summary = "The web interface", .kind = ANSWER_PAGE } },
        { "GET", "/web/*", RIGHT_NONE, show, 0,
          &(const RouteDoc){
                  .operation = "web_file", .summary = "A file of the web interface", .kind = ANSWER_PAGE } },
};

const Resource web_resource = RESOURCE("web", routes);

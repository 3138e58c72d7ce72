/* /web/: the web interface, from files built into the program. Behind a password, so that the browser asks
 * for it once and knows it when the page asks the API. */
#include <string.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "api/web_files.h"
#include "http/request.h"
#include "http/response.h"

static const WebFile *find_file(const char *name) {
        const WebFile *file = web_files;

        while (file->name && strcmp(file->name, name) != 0)
                file++;
        return file->name ? file : NULL;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const char *given = request_param(request, "*");
        const char *name = given && *given ? given : "index.html";
        const WebFile *file = find_file(name);

        (void) services;
        if (!web_files[0].name)
                return error_set(err, ERROR_NOT_FOUND, "this controller was built without the web interface");
        /* Pages are addresses of the interface itself: it finds out what to show. */
        if (!file && !strchr(name, '.'))
                file = find_file("index.html");
        if (!file)
                return error_set(err, ERROR_NOT_FOUND, "no such file in the web interface");
        response_text(response, 200, file->type, file->content);
        response_header(response, "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
        response_header(response, "X-Content-Type-Options", "nosniff");
        response_header(response, "Cache-Control", "no-cache");
        return true;
}

static const Route routes[] = {
        { "GET", "/web", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "web", .summary = "The web interface", .kind = ANSWER_PAGE } },
        { "GET", "/web/*", RIGHT_READ, show, 0,
          &(const RouteDoc){
                  .operation = "web_file", .summary = "A file of the web interface", .kind = ANSWER_PAGE } },
};

const Resource web_resource = RESOURCE("web", routes);

/* /docs/: the documentation, from files built into the program. Everybody may read it. */
#include "api/embedded_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "ui/docs/docs_files.h"

static const EmbeddedHeaders headers = {
        .cache_control = "no-cache",
        .security_policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
                           "form-action 'none'; frame-ancestors 'none'",
};

/* A page by its name ("hooks"), or a file as it is ("hooks.md"). */
static const EmbeddedFile *find_file(const char *name) {
        CLEANUP(free) char *page = xasprintf("%s.html", *name ? name : "index");
        const EmbeddedFile *file = embedded_file_find(docs_files, page);

        return file ? file : embedded_file_find(docs_files, name);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        const char *given = request_param(request, "*");
        const EmbeddedFile *file = find_file(given ? given : "");

        (void) services;
        if (!docs_files[0].name)
                return error_set(err, ERROR_NOT_FOUND, "this controller was built without the documentation");
        if (!file)
                return error_set(err, ERROR_NOT_FOUND, "no such page in the documentation");
        return embedded_answer(request, response, file, &headers, err);
}

static const Route routes[] = {
        { "GET", "/docs", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "docs", .summary = "The documentation", .kind = ANSWER_PAGE } },
        { "GET", "/docs/*", RIGHT_NONE, show, 0,
          &(const RouteDoc){
                  .operation = "docs_page", .summary = "A page of the documentation", .kind = ANSWER_PAGE } },
};

const Resource docs_resource = RESOURCE("docs", routes);

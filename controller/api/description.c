/* /openapi.json and /docs/api: the description of this API, for programs. */
#include <pthread.h>

#include "api/api.h"
#include "api/openapi.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "http/response.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char *description; /* kept to the end */

/* The routes never change while the program runs. */
static void describe(void) {
        CLEANUP(document_free) Document *api = openapi_describe(api_resources);

        description = document_text(api);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        (void) request, (void) services, (void) err;
        pthread_once(&once, describe);
        response_json(response, 200, xstrdup(description));
        response_header(response, "Cache-Control", "no-cache");
        return true;
}

#define DESCRIPTION(name)                                                                                    \
        &(const RouteDoc) {                                                                                  \
                .operation = (name), .summary = "Describes this API: this document", .kind = ANSWER_DOCUMENT \
        }

static const Route routes[] = {
        { "GET", "/openapi.json", RIGHT_NONE, show, 0, DESCRIPTION("describe") },
        { "GET", "/docs/api", RIGHT_NONE, show, 0, DESCRIPTION("describe_api") },
        { "GET", "/docs/api/api-docs", RIGHT_NONE, show, 0, DESCRIPTION("describe_api_docs") },
};

const Resource description_resource = RESOURCE("description", routes);

/* /metrics: what Prometheus asks for, with a login as everything else. */
#include <stdlib.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "http/response.h"

static const char content_type[] = "text/plain; version=0.0.4; charset=utf-8";

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        (void) request;
        if (!services->describe_metrics)
                return error_set(err, ERROR_UNAVAILABLE, "nothing is measured here");
        CLEANUP(free) char *text = services->describe_metrics(services->context);
        response_text(response, 200, content_type, text);
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static const Route routes[] = {
        { "GET", "/metrics", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "show_metrics",
                             .summary = "Tells what the controller counts and measures, for Prometheus",
                             .kind = ANSWER_TEXT,
                             .statuses = { 503 } } },
};

const Resource metrics_resource = RESOURCE("metrics", routes);

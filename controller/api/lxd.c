/* /lxd: container builds, which Ghost has none of: answers as a controller with them switched off, which is
 * what clients look for. */
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"

static bool status(const Request *request, Response *response, Services *services, Error **err) {
        Document *answer = document_object();

        (void) request, (void) services, (void) err;
        document_set_bool(answer, "status", false);
        document_set_string(answer, "error", "NotConfigured: container builds are off");
        envelope_plain(response, answer);
        return true;
}

static bool images(const Request *request, Response *response, Services *services, Error **err) {
        Document *list = document_array(), *pair = document_array();

        (void) request, (void) services, (void) err;
        document_append(pair, document_string(""));
        document_append(
                pair,
                document_string(
                        "Container Image list is unavailable, check your LXD parameters in config.yml"));
        document_append(list, pair);
        envelope_plain(response, list);
        return true;
}

static const Route routes[] = {
        { "GET", "/lxd/status", RIGHT_READ, status, 0,
          &(const RouteDoc){ .operation = "lxd_status",
                             .summary = "Tells whether containers can be built",
                             .kind = ANSWER_DOCUMENT } },
        { "GET", "/lxd/images", RIGHT_READ, images, 0,
          &(const RouteDoc){
                  .operation = "lxd_images", .summary = "Lists container images", .kind = ANSWER_LIST } },
};

const Resource lxd_resource = RESOURCE("lxd", routes);

/* /version: which Ghost this is. */
#include "api/envelope.h"
#include "api/resources.h"

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        Document *version = document_object();

        (void) request, (void) services, (void) err;
        document_set_string(version, "current_revision", GHOST_VERSION);
        document_set_string(version, "current_revision_date", "unknown");
        document_set_string(version, "current_revision_name", GHOST_VERSION);
        envelope_plain(response, version);
        return true;
}

static const Route routes[] = {
        { "GET", "/version", RIGHT_READ, show, 0, NULL },
};

const Resource version_resource = RESOURCE("version", routes);

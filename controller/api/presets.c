/* /presets: the lists of features that applications can start from. */
#include "api/envelope.h"
#include "api/preset_files.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        (void) request, (void) err;
        envelope_plain(response, preset_files_read(services->presets_dir));
        return true;
}

static const Route routes[] = {
        { "GET", "/presets", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_presets",
                             .summary = "Lists the presets: name, description and features to start an "
                                        "application from",
                             .kind = ANSWER_LIST,
                             .description =
                                     "${GHOST_CLIENT}, ${GHOST_APP}, ${GHOST_ENV} and ${GHOST_ROLE} in the "
                                     "value of a feature are for the client to replace." } },
};

const Resource presets_resource = RESOURCE("presets", routes);

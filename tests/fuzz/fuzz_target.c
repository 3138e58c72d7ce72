/* Request targets: whatever comes, a parsed path is a clean absolute path, and routing it is safe. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/range.h"
#include "http/router.h"
#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const Route routes[] = {
        { "GET", "/apps/{id}", RIGHT_READ, NULL },
        { "GET", "/users/{name}", RIGHT_READ, NULL },
        { "GET", "/web/*", RIGHT_NONE, NULL },
};
static const Resource resource = RESOURCE("fuzz", routes);
static const Resource *const resources[] = { &resource, NULL };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        CLEANUP(free) char *raw = xstrndup((const char *) bytes, length);
        CLEANUP(target_clear) Target target = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        uint64_t first = 0, last = 0;

        if (range_parse(raw, 1000, &first, &last) == RANGE_PART && (first > last || last >= 1000))
                abort();
        if (!target_parse(raw, &target, &error))
                return 0;
        if (target.path[0] != '/' || target.query.count > TARGET_MAX_PARAMETERS)
                abort();
        CLEANUP(route_match_clear) RouteMatch match = { 0 };
        router_match(resources, "GET", target.path, &match);
        const char *id = pairs_find(&match.params, "id");
        if (match.route && id && !router_is_id(id))
                abort();
        return 0;
}

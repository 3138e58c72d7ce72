/* /agent/ghost-agent: the agent's program, for builders whose image has none. It is no secret, and they have
 * no account yet. */
#include <fcntl.h>
#include <sys/stat.h>

#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/file.h"
#include "http/response.h"

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(file_close)
        int fd = services->agent_program ? open(services->agent_program, O_RDONLY | O_CLOEXEC) : -1;
        struct stat status;

        (void) request;
        if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
                return error_set(
                        err, ERROR_NOT_FOUND,
                        "this controller hands out no agent; its setting agent.program names one");
        response->status = 200;
        response_header(response, "Content-Type", "application/octet-stream");
        response_header(response, "Cache-Control", "no-cache");
        response_file(response, fd, 0, (uint64_t) status.st_size);
        fd = -1;
        return true;
}

static const Route routes[] = {
        { "GET", "/agent/ghost-agent", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "get_agent_program",
                             .summary = "The agent's program, for builders whose image has none",
                             .kind = ANSWER_PAGE } },
};

const Resource agent_program_resource = RESOURCE("agent", routes);

#include "api/go_sdk.h"

#include "base/text.h"

bool go_sdk_asks(const Request *request) {
        const char *agent = request_header(request, "User-Agent");

        return agent && text_starts_with(agent, "Go-http-client/") && !request_header(request, "Accept");
}

#include "http/cors.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char separators[] = ", \t";

/* Scheme and host are compared in any case, as browsers send them in lower case. */
static bool is_allowed(const char *allowed, const char *origin) {
        size_t length;

        for (const char *word = allowed + strspn(allowed, separators); *word;
             word += length + strspn(word + length, separators)) {
                length = strcspn(word, separators);
                if (length == 1 && *word == '*')
                        return true;
                if (length == strlen(origin) && strncasecmp(word, origin, length) == 0)
                        return true;
        }
        return false;
}

void cors_answer(const char *allowed, const Request *request, Response *response) {
        const char *origin = request_header(request, "Origin");

        if (text_empty(allowed) || !origin)
                return;
        response_header(response, "Vary", "Origin");
        if (!is_allowed(allowed, origin))
                return;
        response_header(response, "Access-Control-Allow-Origin", "%s", origin);
        response_header(
                response, "Access-Control-Expose-Headers",
                "ETag, Last-Modified, Location, X-Request-Id, X-Total-Count");
        if (strcmp(request->method, "OPTIONS") != 0)
                return;
        response_header(
                response, "Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS");
        response_header(
                response, "Access-Control-Allow-Headers",
                "Authorization, Content-Type, If-Match, If-None-Match, X-HTTP-Method-Override");
        response_header(response, "Access-Control-Max-Age", "21600");
}

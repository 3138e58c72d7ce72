#include "http/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

void request_clear(Request *request) {
        free(request->method);
        free(request->peer);
        target_clear(&request->target);
        pairs_clear(&request->headers);
        pairs_clear(&request->params);
        account_clear(&request->account);
        free(request->body);
        *request = (Request){ 0 };
}

const char *request_param(const Request *request, const char *name) {
        return pairs_find(&request->params, name);
}

const char *request_query(const Request *request, const char *name) {
        return pairs_find(&request->target.query, name);
}

const char *request_header(const Request *request, const char *name) {
        return pairs_find_any_case(&request->headers, name);
}

const char *request_user(const Request *request) {
        return request->account.name ? request->account.name : "";
}

bool request_has_right(const Request *request, Right right) {
        return right == RIGHT_NONE || (request->account.name && request->account.right >= right);
}

char *request_base_url(const Request *request) {
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
        const char *host = request_header(request, "Host");
        const char *forwarded = request_header(request, "X-Forwarded-Proto");
        bool secure = request->secure || (forwarded && strcasecmp(forwarded, "https") == 0);

        if (text_empty(host) || host[strspn(host, allowed)] != '\0')
                return xstrdup("");
        return xasprintf("%s://%s", secure ? "https" : "http", host);
}

bool request_wants_html(const Request *request) {
        const char *accept = request_header(request, "Accept");

        return accept && strstr(accept, "text/html") != NULL;
}

bool request_content_is(const Request *request, const char *media_type) {
        const char *type = request_header(request, "Content-Type");
        size_t length = strlen(media_type);

        if (!type || strncasecmp(type, media_type, length) != 0)
                return false;
        return type[length] == '\0' || strchr(" \t;", type[length]) != NULL;
}

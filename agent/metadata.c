#include "metadata.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "wire/http_call.h"

enum { RESPONSE_MAX_BYTES = 128 << 10, TOKEN_MAX_BYTES = 1024, REQUEST_TIMEOUT_MS = 5000 };

struct Metadata {
        char *endpoint; /* without a slash at its end */
        char *token;    /* NULL: none yet */
};

Metadata *metadata_new(const char *endpoint, Error **err) {
        if (!text_starts_with(endpoint, "http://")) {
                error_set(err, ERROR_INVALID, "metadata endpoint '%s' does not begin with http://", endpoint);
                return NULL;
        }
        Metadata *metadata = xcalloc(1, sizeof(*metadata));
        metadata->endpoint = xstrdup(endpoint);
        if (text_ends_with(metadata->endpoint, "/"))
                metadata->endpoint[strlen(metadata->endpoint) - 1] = '\0';
        return metadata;
}

void metadata_free(Metadata *metadata) {
        if (!metadata)
                return;
        free(metadata->endpoint);
        free(metadata->token);
        free(metadata);
}

static ErrorKind kind_of(int status) {
        if (status == 404)
                return ERROR_NOT_FOUND;
        if (status == 401)
                return ERROR_FORBIDDEN;
        return status >= 500 || status == 429 ? ERROR_UNAVAILABLE : ERROR_INVALID;
}

typedef struct Question {
        const char *method, *path;
        const char *header_name, *header_value;
} Question;

static bool ask(
        const Metadata *metadata, const Question *question, Deadline deadline, char **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(free) char *url = xasprintf("%s/latest/%s", metadata->endpoint, question->path);
        CLEANUP(free) char *body = NULL;
        const HttpCall call = {
                .method = question->method,
                .url = url,
                .header_name = question->header_name,
                .header_value = question->header_value,
                .timeout_ms =
                        deadline_left_ms(deadline_earlier(deadline, deadline_after_ms(REQUEST_TIMEOUT_MS))),
                .max_body_bytes = RESPONSE_MAX_BYTES,
        };
        int status = 0;

        if (!http_call(&call, &status, &body, ret_length, err))
                return error_prefix(err, "metadata service");
        if (status != 200)
                return error_set(err, kind_of(status), "metadata %s: status %d", question->path, status);
        *ret = TAKE(body);
        return true;
}

static bool get_token(Metadata *metadata, Deadline deadline, Error **err) {
        CLEANUP(free) char *body = NULL;
        const Question question = {
                .method = "PUT",
                .path = "api/token",
                .header_name = "X-aws-ec2-metadata-token-ttl-seconds",
                .header_value = "300",
        };
        size_t length = 0;

        if (!ask(metadata, &question, deadline, &body, &length, err))
                return false;
        CLEANUP(free) char *token = text_trim(body);
        if (token[0] == '\0' || strlen(token) > TOKEN_MAX_BYTES || strpbrk(token, "\r\n"))
                return error_set(err, ERROR_INVALID, "the metadata service gave no token");
        metadata->token = TAKE(token);
        return true;
}

bool metadata_get(
        Metadata *metadata, const char *path, Deadline deadline, char **ret, size_t *ret_length,
        Error **err) {
        if (!metadata->token && !get_token(metadata, deadline, err))
                return false;

        const Question question = {
                .method = "GET",
                .path = path,
                .header_name = "X-aws-ec2-metadata-token",
                .header_value = metadata->token,
        };
        CLEANUP(error_free) Error *problem = NULL;
        if (ask(metadata, &question, deadline, ret, ret_length, &problem))
                return true;
        if (error_kind(problem) != ERROR_NOT_FOUND)
                free(TAKE(metadata->token)); /* it may have run out */
        *err = TAKE(problem);
        return false;
}

#include "api/body.h"

#include "api/envelope.h"

Document *body_read_any(const Request *request, Response *response) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(document_free) Document *body = NULL;

        if (request->body_length == 0) {
                response_fail(response, 400, "The body is empty");
                return NULL;
        }
        body = document_parse(request->body, request->body_length, &error);
        if (!body) {
                response_fail(response, 400, "The body is not JSON: %s", error_message(error));
                return NULL;
        }
        if (!document_is_object(body) && !document_is_array(body)) {
                response_fail(response, 400, "The body must be a JSON object");
                return NULL;
        }
        return TAKE(body);
}

Document *body_read(const Request *request, Response *response) {
        CLEANUP(document_free) Document *body = body_read_any(request, response);

        if (body && !document_is_object(body)) {
                response_fail(response, 400, "The body must be one JSON object");
                return NULL;
        }
        return TAKE(body);
}

Document *body_apply(
        const Request *request, Response *response, const Schema *schema, SchemaUse use,
        const Document *body) {
        Document *issues = NULL, *applied = schema_apply(schema, use, body, &issues);

        if (!applied)
                envelope_issues(request, response, issues);
        return applied;
}

#include "aws/request.h"

#include <stdlib.h>
#include <string.h>

#include "aws/signed_request.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "net/url.h"

void form_add(AwsForm *form, const char *value, const char *name_format, ...) {
        va_list args;

        if (text_empty(value))
                return;
        va_start(args, name_format);
        CLEANUP(free) char *name = xvasprintf(name_format, args);
        va_end(args);
        url_append_parameter(&form->body, name, value);
}

void form_add_bool(AwsForm *form, bool value, const char *name) {
        url_append_parameter(&form->body, name, value ? "true" : "false");
}

void form_add_int(AwsForm *form, int64_t value, const char *name_format, ...) {
        CLEANUP(free) char *number = xasprintf("%lld", (long long) value);
        va_list args;

        va_start(args, name_format);
        CLEANUP(free) char *name = xvasprintf(name_format, args);
        va_end(args);
        url_append_parameter(&form->body, name, number);
}

/* Results are named after their action; "Response" and "ErrorResponse" are failures. */
static bool is_result(const Xml *root) {
        const char *name = xml_name(root);

        return text_ends_with(name, "Response") && !text_equal(name, "Response") &&
               !text_equal(name, "ErrorResponse");
}

/* An answer that is no XML, or somebody else's page, was damaged on its way. */
static AwsErrorClass parse_answer(void *context, const HttpResponse *response, Error **err) {
        CLEANUP(xml_free) Xml *root = NULL;
        Xml **ret = context;

        if (!xml_parse(response->body, response->body_length, &root, err)) {
                error_prefix(err, "the answer");
                return AWS_ERROR_TRANSIENT;
        }
        if (!is_result(root)) {
                error_set(err, ERROR_INVALID, "the answer: <%.40s> is no result of AWS", xml_name(root));
                return AWS_ERROR_TRANSIENT;
        }
        *ret = TAKE(root);
        return AWS_ERROR_NONE;
}

bool aws_call(
        AwsSession *session, const AwsService *service, const char *action, const AwsForm *form, Xml **ret,
        Error **err) {
        static const char *const headers[] = {
                "Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL
        };
        const EndpointSources sources = session_endpoints(session);
        const char *region = NULL;
        CLEANUP(text_clear) Text body = { 0 };
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };

        if (!session_region(session, action, &region, err))
                return false;
        if (!endpoint_resolve(service, region, &sources, &endpoint, err))
                return error_prefix(err, "%s", action);
        url_append_parameter(&body, "Action", action);
        url_append_parameter(&body, "Version", service->version);
        if (form && form->body.length > 0) {
                text_append(&body, "&");
                text_append_bytes(&body, form->body.data, form->body.length);
        }
        const SignedRequest request = { .service = service,
                                        .action = action,
                                        .region = region,
                                        .endpoint = &endpoint,
                                        .method = "POST",
                                        .headers = headers,
                                        .body = body.data,
                                        .body_length = body.length,
                                        .accept = parse_answer,
                                        .context = ret };
        bool good = signed_request_send(session, &request, &response, err);
        crypto_wipe(body.data, body.length); /* user data holds a join token */
        return good;
}

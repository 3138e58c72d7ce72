#include "aws/ssm.h"

#include <string.h>

#include "aws/signed_request.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/document.h"

enum { MAX_ANSWER_BYTES = 1 << 20 };

static AwsErrorClass read_answer(void *context, const HttpResponse *response, Error **err) {
        char **ret = context;
        CLEANUP(document_free)
        Document *answer = document_parse(response->body ? response->body : "", response->body_length, err);

        if (!answer) {
                error_prefix(err, "the answer");
                return AWS_ERROR_TRANSIENT;
        }
        const char *value = document_get_string(document_get(answer, "Parameter"), "Value");
        *ret = xstrdup(value ? value : "");
        return AWS_ERROR_NONE;
}

bool ssm_get_parameter(AwsSession *session, const char *name, char **ret, Error **err) {
        static const char *const headers[] = { "Content-Type: application/x-amz-json-1.1",
                                               "X-Amz-Target: AmazonSSM.GetParameter", NULL };
        static const char action[] = "GetParameter";
        const EndpointSources sources = session_endpoints(session);
        CLEANUP(document_free) Document *question = document_object();
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        CLEANUP(http_response_clear) HttpResponse response = { 0 };
        const char *region = NULL;

        if (text_empty(name))
                return error_set(err, ERROR_INVALID, "%s: a name is needed", action);
        if (!session_region(session, action, &region, err))
                return false;
        if (!endpoint_resolve(&aws_ssm, region, &sources, &endpoint, err))
                return error_prefix(err, "%s", action);
        document_set_string(question, "Name", name);
        document_set_bool(question, "WithDecryption", true);
        CLEANUP(free) char *body = document_text(question);
        const SignedRequest request = { .service = &aws_ssm,
                                        .action = action,
                                        .region = region,
                                        .endpoint = &endpoint,
                                        .method = "POST",
                                        .headers = headers,
                                        .body = body,
                                        .body_length = strlen(body),
                                        .max_body_bytes = MAX_ANSWER_BYTES,
                                        .accept = read_answer,
                                        .context = ret };
        return signed_request_send(session, &request, &response, err);
}

/* The error documents of the query, EC2, S3 and JSON protocols. */
#include <stdlib.h>
#include <string.h>

#include "aws/signed_request.h"
#include "aws/xml.h"
#include "base/memory.h"
#include "json/document.h"

enum { MAX_TEXT_BYTES = 400 };

/* Server's words in our messages: one line, bounded. */
static char *clean(const char *text) {
        char *copy = xstrndup(text ? text : "", MAX_TEXT_BYTES);

        for (char *at = copy; *at; at++)
                if ((unsigned char) *at < ' ' || *at == 0x7f)
                        *at = ' ';
        return copy;
}

/* EC2 ends its refusals with a kilobyte that only sts:DecodeAuthorizationMessage can read. */
static char *clean_text(const char *text) {
        const char *encoded = text ? strstr(text, " Encoded authorization failure message: ") : NULL;
        CLEANUP(free) char *readable = encoded ? xstrndup(text, (size_t) (encoded - text)) : NULL;

        return clean(readable ? readable : text);
}

static const Xml *error_element(const Xml *root) {
        const Xml *element = xml_find(root, "Errors/Error");

        if (!element)
                element = xml_find(root, "Error");
        return element || !root || !text_equal(xml_name(root), "Error") ? element : root;
}

static const char *request_id(const Xml *root, const HttpResponse *response) {
        static const char *const headers[] = { "x-amzn-requestid", "x-amz-request-id" };
        const char *id = xml_text(root, "RequestID");

        if (!id)
                id = xml_text(root, "RequestId");
        for (size_t i = 0; !id && i < sizeof(headers) / sizeof(headers[0]); i++)
                id = http_response_header(response, headers[i]);
        return id ? id : "unknown";
}

/* "com.amazonaws.ssm#ParameterNotFound", "ParameterNotFound:http://…": the word in the middle. Caller frees.
 */
static char *json_code(const char *type) {
        const char *hash = type ? strchr(type, '#') : NULL, *word = hash ? hash + 1 : type;

        return word ? xstrndup(word, strcspn(word, ":")) : NULL;
}

/* Leaves what the answer does not say as it is. */
static void read_json(const HttpResponse *response, AnswerError *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free)
        Document *answer =
                document_parse(response->body ? response->body : "", response->body_length, &ignored);
        const char *type = document_get_string(answer, "__type");
        const char *text = document_get_string(answer, "message");

        if (text_empty(type))
                type = http_response_header(response, "x-amzn-errortype");
        if (text_empty(text))
                text = document_get_string(answer, "Message");
        CLEANUP(free) char *code = json_code(type);
        if (text_empty(code))
                return;
        free(ret->code);
        free(ret->text);
        ret->code = clean(code);
        ret->text = clean_text(text);
}

void answer_error_read(const HttpResponse *response, AnswerError *ret) {
        CLEANUP(xml_free) Xml *root = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        const char *region = http_response_header(response, "x-amz-bucket-region");

        xml_parse(response->body ? response->body : "", response->body_length, &root, &ignored);
        const Xml *element = error_element(root);
        *ret = (AnswerError){
                .code = clean(xml_text(element, "Code")),
                .text = clean_text(xml_text(element, "Message")),
                .request_id = clean(request_id(root, response)),
                .region = clean(region ? region : xml_text(element, "Region")),
        };
        if (!root)
                read_json(response, ret);
}

void answer_error_clear(AnswerError *error) {
        free(error->code);
        free(error->text);
        free(error->request_id);
        free(error->region);
        *error = (AnswerError){ 0 };
}

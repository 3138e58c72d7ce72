#include "http/response.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"

static const int kind_status[ERROR_KIND_COUNT] = {
        [ERROR_INVALID] = 422,     [ERROR_NOT_FOUND] = 404, [ERROR_CONFLICT] = 409,  [ERROR_FORBIDDEN] = 403,
        [ERROR_UNAVAILABLE] = 503, [ERROR_TIMEOUT] = 504,   [ERROR_CANCELLED] = 503, [ERROR_INTERNAL] = 500,
};

int response_status_for(ErrorKind kind) {
        return kind_status[kind];
}

void response_init(Response *response) {
        *response = (Response){ .fd = -1 };
}

static void drop_body(Response *response) {
        text_clear(&response->text);
        if (response->fd >= 0)
                close(response->fd);
        response->fd = -1;
        if (response->stream.free)
                response->stream.free(response->stream.context);
        response->stream = (ResponseStream){ 0 };
        free(response->topic);
        response->topic = NULL;
        if (response->websocket.free)
                response->websocket.free(response->websocket.context);
        response->websocket = (WebsocketSource){ 0 };
        response->kind = BODY_TEXT;
}

void response_clear(Response *response) {
        drop_body(response);
        pairs_clear(&response->headers);
        response_init(response);
}

void response_header(Response *response, const char *name, const char *format, ...) {
        va_list args;

        va_start(args, format);
        char *value = xvasprintf(format, args);
        va_end(args);

        for (size_t i = 0; i < response->headers.count; i++) {
                Pair *header = &response->headers.items[i];

                if (strcasecmp(header->name, name) == 0) {
                        free(header->value);
                        header->value = value;
                        return;
                }
        }
        pairs_take(&response->headers, xstrdup(name), value);
}

void response_json(Response *response, int status, char *json) {
        drop_body(response);
        response->status = status;
        text_append(&response->text, json);
        free(json);
        response_header(response, "Content-Type", "application/json");
}

void response_text(Response *response, int status, const char *content_type, const char *text) {
        drop_body(response);
        response->status = status;
        text_append(&response->text, text);
        response_header(response, "Content-Type", "%s", content_type);
}

void response_no_content(Response *response) {
        drop_body(response);
        response->status = 204;
}

void response_redirect(Response *response, const char *location) {
        drop_body(response);
        response->status = 302;
        response_header(response, "Location", "%s", location);
}

void response_file(Response *response, int fd, uint64_t offset, uint64_t length) {
        drop_body(response);
        response->kind = BODY_FILE;
        response->fd = fd;
        response->offset = offset;
        response->length = length;
}

void response_stream(Response *response, const char *content_type, const ResponseStream *stream) {
        drop_body(response);
        response->status = 200;
        response->kind = BODY_STREAM;
        response->stream = *stream;
        response->topic = stream->topic ? xstrdup(stream->topic) : NULL;
        response_header(response, "Content-Type", "%s", content_type);
}

void response_websocket(Response *response, const char *key, const WebsocketSource *source) {
        static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
        CLEANUP(free) char *proof = xasprintf("%s%s", key, suffix);
        CLEANUP(free) char *hex = crypto_sha1_hex(proof, strlen(proof));
        uint8_t hash[SHA1_BYTES];

        (void) hex_decode(hex, hash, sizeof(hash));
        CLEANUP(free) char *encoded = base64_encode(hash, sizeof(hash));
        drop_body(response);
        response->status = 101;
        response->kind = BODY_WEBSOCKET;
        response->websocket = *source;
        response_header(response, "Upgrade", "websocket");
        response_header(response, "Sec-WebSocket-Accept", "%s", encoded);
}

void response_wait(Response *response, const char *topic, Deadline until) {
        drop_body(response);
        response->kind = BODY_LATER;
        response->topic = xstrdup(topic);
        response->wait_until = until;
}

void response_events(Response *response, const ResponseStream *stream) {
        response_stream(response, "text/event-stream; charset=utf-8", stream);
        response_header(response, "Cache-Control", "no-store");
        response_header(response, "X-Accel-Buffering", "no"); /* nginx in front must not hold lines back */
}

/* A JSON string; bytes that are not UTF-8 become '?', so that the answer is always JSON. */
static void append_json_string(Text *text, const char *string) {
        bool utf8 = text_is_utf8(string, strlen(string));

        text_append(text, "\"");
        for (const char *c = string; *c; c++) {
                if (*c == '"' || *c == '\\')
                        text_appendf(text, "\\%c", *c);
                else if ((unsigned char) *c < 0x20)
                        text_appendf(text, "\\u%04x", (unsigned) *c);
                else if ((unsigned char) *c >= 0x80 && !utf8)
                        text_append(text, "?");
                else
                        text_append_bytes(text, c, 1);
        }
        text_append(text, "\"");
}

void response_fail(Response *response, int status, const char *format, ...) {
        CLEANUP(text_clear) Text envelope = { 0 };
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *message = xvasprintf(format, args);
        va_end(args);

        text_appendf(&envelope, "{\"_status\":\"ERR\",\"_error\":{\"code\":%d,\"message\":", status);
        append_json_string(&envelope, message);
        text_append(&envelope, "}}");
        response_json(response, status, text_take(&envelope));
}

void response_unauthorized(Response *response) {
        response_fail(response, 401, "Please provide proper credentials");
        response_header(response, "WWW-Authenticate", "Basic realm=\"eve\"");
}

void response_error(Response *response, const Error *error) {
        int status = response_status_for(error_kind(error));

        if (status == 500) {
                log_error("%s", error_message(error));
                response_fail(response, status, "Internal error; the controller's log has the reason");
                return;
        }
        response_fail(response, status, "%s", error_message(error));
        if (status == 503)
                response_header(response, "Retry-After", "1");
}

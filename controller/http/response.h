/* Response: what a handler answers: a status, headers, and a body that is text, a part of a file, or a
 * stream. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "http/pairs.h"
#include "http/route.h"

typedef enum StreamRead {
        STREAM_DATA, /* bytes were put into the buffer */
        STREAM_WAIT, /* none now: ask again when the topic is woken, or after the server's keep-alive time */
        STREAM_END,
} StreamRead;

/* A body without an end known beforehand, e.g. a job log that is followed. Called in an HTTP thread: no
 * blocking. */
typedef struct ResponseStream {
        StreamRead (*read)(void *context, char *buffer, size_t size, size_t *ret_length);
        void (*free)(void *context);
        void *context;
        const char *topic; /* what server_wake_streams() names; copied */
        /* Asked instead, when what the stream waits for changes; from any thread. */
        bool (*wants)(void *context, const char *topic);
} ResponseStream;

/* What a websocket says and hears; see websockets.h. Called in the websockets' thread: no blocking. */
typedef struct WebsocketSource {
        /* A whole text message; false: not one that can be understood, and the end. */
        bool (*take)(void *context, const char *text);
        /* The next message; NULL: none until the topic is woken. To be freed. */
        char *(*next)(void *context);
        bool (*wants)(void *context, const char *topic); /* from any thread */
        bool (*ended)(void *context);
        void (*free)(void *context);
        void *context;
} WebsocketSource;

typedef enum BodyKind { BODY_TEXT, BODY_FILE, BODY_STREAM, BODY_WEBSOCKET, BODY_LATER } BodyKind;

struct Response {
        int status;
        Pairs headers;
        BodyKind kind;
        Text text;
        int fd; /* BODY_FILE */
        uint64_t offset, length;
        ResponseStream stream;
        char *topic;
        WebsocketSource websocket;
        Deadline wait_until; /* BODY_LATER */
};

/* { 0 } with fd -1. */
void response_init(Response *response);
void response_clear(Response *response);

/* json is taken. */
void response_json(Response *response, int status, char *json);
void response_text(Response *response, int status, const char *content_type, const char *text);
void response_no_content(Response *response);
void response_redirect(Response *response, const char *location);
/* fd is taken. */
void response_file(Response *response, int fd, uint64_t offset, uint64_t length);
/* The context is taken. Content type text/event-stream. */
void response_events(Response *response, const ResponseStream *stream);

/* Any type; the status is 200. The context is taken. */
void response_stream(Response *response, const char *content_type, const ResponseStream *stream);
/* 101: key is what the client sent as Sec-WebSocket-Key. The context is taken. */
void response_websocket(Response *response, const char *key, const WebsocketSource *source);

/* No answer yet: the handler is asked again, with the same request, when the topic is woken, and at that time
 * at the latest; then it must have one. Meanwhile the connection sleeps and no thread waits. */
void response_wait(Response *response, const char *topic, Deadline until);

/* {"_status":"ERR","_error":{"code":…,"message":…}} */
void response_fail(Response *response, int status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* 401 with the challenge the contract asks for. */
void response_unauthorized(Response *response);
/* The same with the status that goes with the error's kind. An INTERNAL message stays in the log. */
void response_error(Response *response, const Error *error);
int response_status_for(ErrorKind kind);

/* Replaces a header of that name. */
void response_header(Response *response, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

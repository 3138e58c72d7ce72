/* A job log as server-sent events, live or replayed: the file's lines from a byte offset on. The id of each
 * event is the offset behind it, so that a client that comes back with it misses and doubles nothing. A last
 * event "end" carries the job's status. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "http/response.h"

enum {
        LOG_STREAM_QUIET_MS = 14000
}; /* then a comment is sent, so that proxies and dead clients are noticed */

typedef struct LogStreamSource {
        char *path;  /* may not exist yet */
        char *topic; /* woken when the file grows or the job ends */
        uint64_t offset;
        /* True when nothing will be added any more; ret_status then is the job's last word, to be freed. */
        bool (*ended)(void *context, char **ret_status);
        void (*free)(void *context);
        void *context;
} LogStreamSource;

/* Takes path, topic and context. */
void log_stream_answer(Response *response, LogStreamSource *source);

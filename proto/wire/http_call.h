/* One plain HTTP request over a socket of its own: all that the agent needs to ask the instance metadata
 * service. No library and no other thread: it asks every few seconds, for ever. Blocks; thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct HttpCall {
        const char *method;
        const char *url; /* http:// only */
        const char *header_name, *header_value;
        int timeout_ms; /* for connecting and answering together */
        size_t max_body_bytes;
} HttpCall;

/* True whenever an answer came, whatever its status. Caller frees the NUL-terminated body. */
bool http_call(const HttpCall *call, int *ret_status, char **ret_body, size_t *ret_length, Error **err);

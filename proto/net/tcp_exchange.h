/* One question over a plain TCP connection, and its answer: all that the other end sends until it closes.
 * For text protocols that are spoken so, such as HAProxy's. Blocks; bounded in time and size. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

typedef struct TcpExchange {
        const char *host; /* a name or an address */
        int port;
        const char *question;
        size_t max_answer_bytes;
        Deadline deadline; /* of the whole */
} TcpExchange;

/* The answer may hold any bytes and is NUL-terminated; caller frees. UNAVAILABLE: no connection, or cut off.
 * TIMEOUT. INVALID: the answer is too long. */
bool tcp_exchange(const TcpExchange *exchange, char **ret, size_t *ret_length, Error **err);

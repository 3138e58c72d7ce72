/* Asks whether something answers at an address: one plain HTTP request, of whose answer only the status
 * counts and no more than the head is read, or a mere TCP connection. No redirect is followed. Over nng.
 * Blocks; thread-safe. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Probe {
        const char *host;
        uint32_t port;
        const char *path; /* NULL: a connection is enough */
        int timeout_ms;   /* for connecting and answering together */
        const atomic_bool *cancelled;
} Probe;

/* True when it answers, whatever the status; *ret_status stays 0 for a connection. */
bool probe_ask(const Probe *probe, int *ret_status, Error **err);

/* One connection to the controller that carries packed envelopes. The agent's real one is TLS (proto/wire);
 * tests put another under it. send may be called from several threads; receive and close from one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct ChannelTarget {
        const char *address;     /* host:port */
        const char *server_name; /* in the controller's certificate */
        const char *ca;          /* PEM */
        const char *certificate; /* PEM of this agent; NULL: it has none yet */
        const char *key;
        int timeout_ms; /* for the connection and its handshake */
} ChannelTarget;

typedef struct Channel Channel;

typedef struct ChannelDriver {
        Channel *(*open)(const ChannelTarget *target, Error **err);
        /* Blocks while the other end is slow, at most for the connection's own deadline, then fails. */
        bool (*send)(Channel *channel, const uint8_t *bytes, size_t length, Error **err);
        /* *ret NULL: nothing came in time. Caller frees. */
        bool (*receive)(Channel *channel, int timeout_ms, uint8_t **ret, size_t *ret_length, Error **err);
        /* Makes send and receive of other threads fail at once; the channel stays until free. */
        void (*shut)(Channel *channel);
        void (*free)(Channel *channel);
} ChannelDriver;

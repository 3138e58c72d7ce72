/* Link: one TLS byte stream that carries frames (a 4-byte big-endian length, then a packed Envelope). Both
 * ends of the agent link use it; the only user of nng.
 *
 * Callbacks run on nng's threads and must only queue. A link is closed once, whatever the reason, and says so
 * once; after that its owner frees it from a thread of its own (never from a callback). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
        LINK_FRAME_MAX = 80 << 20,          /* a manifest is the largest thing sent */
        LINK_FRAME_MAX_STRANGER = 64 << 10, /* before the other end has said who it is */
        LINK_FRAME_MAX_AGENT = 4 << 20,     /* log batches and receipts */
};

typedef struct Link Link;

typedef struct LinkEvents {
        void *context;
        /* A whole frame; bytes are given to you (free). */
        void (*received)(void *context, Link *link, uint8_t *bytes, size_t length);
        /* Last call for this link. */
        void (*closed)(void *context, Link *link, const char *reason);
        /* What was queued has gone out; may be NULL. */
        void (*drained)(void *context, Link *link);
} LinkEvents;

typedef struct LinkLimits {
        size_t queue_bytes;     /* waiting to be sent; more closes the link: the other end is too slow */
        int send_timeout_ms;    /* no progress for that long closes the link */
        int receive_timeout_ms; /* silence for that long closes the link */
        size_t frame_max;
} LinkLimits;

typedef struct LinkCredentials {
        const char *authority;   /* PEM: who may have signed the other end's certificate */
        const char *certificate; /* PEM of this end; NULL for an agent that has none yet */
        const char *key;
        const char *peer_name; /* client: the name in the server's certificate */
} LinkCredentials;

/* Blocks until connected or refused; the TLS handshake goes on in the background. address: "host:port". */
Link *link_dial(
        const char *address, const LinkCredentials *credentials, const LinkLimits *limits,
        const LinkEvents *events, int timeout_ms, Error **err);

/* Callbacks begin. Call once, when the owner is ready for them. */
void link_start(Link *link);

/* Bytes are taken over. False: the link is closed or its queue is full (then it is being closed). */
bool link_send(Link *link, uint8_t *bytes, size_t length);
size_t link_queued_bytes(Link *link);

/* Stops reading (what was read so far may still come), so that the other end is held up and not our memory.
 */
void link_pause(Link *link);
void link_resume(Link *link);

/* From any thread, callbacks too: closed() will come. reason is copied. */
void link_close(Link *link, const char *reason);
void link_set_limits(Link *link, const LinkLimits *limits);
/* "127.0.0.1:40312". Valid as long as the link. */
const char *link_address(const Link *link);
/* Waits for callbacks to end. */
void link_free(Link *link);

typedef struct LinkListener LinkListener;

typedef struct LinkListenerEvents {
        void *context;
        /* A new connection; the link is given to you, not started. On an nng thread. */
        void (*accepted)(void *context, Link *link);
} LinkListenerEvents;

/* address "host:port"; port 0: any free one. Certificates of clients are optional, but verified when shown.
 */
LinkListener *link_listen(
        const char *address, const LinkCredentials *credentials, const LinkLimits *limits,
        const LinkListenerEvents *events, Error **err);
int link_listener_port(const LinkListener *listener);
void link_listener_stop(LinkListener *listener); /* no accepted() after it */
void link_listener_free(LinkListener *listener);

/* A link's events after it was accepted; before link_start(). */
void link_set_events(Link *link, const LinkEvents *events);

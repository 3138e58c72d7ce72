/* One agent's connection as the hub sees it: what it may say when, and the answers. A session is worked on by
 * one hub worker at a time; hub.c decides which. */
#pragma once

#include <stdatomic.h>

#include "hub/hub.h"
#include "wire/envelope.h"
#include "wire/link.h"

enum { NONCE_BYTES = 32, INBOX_MAX = 64 };

typedef enum SessionState {
        SESSION_NEW,      /* the challenge went out; hello or enrol must come */
        SESSION_READY,    /* welcome went out */
        SESSION_FAREWELL, /* nothing more is read; closed when the last words are out */
} SessionState;

/* See door.h. */
typedef enum AtDoor {
        AT_DOOR_NOT,
        AT_DOOR_WAITING, /* its link is not started */
        AT_DOOR_INSIDE,
} AtDoor;

typedef struct DoorHost DoorHost;

typedef struct InboxFrame {
        uint8_t *bytes;
        size_t length;
} InboxFrame;

typedef struct Session {
        struct Session *next, *previous; /* in the hub's list */
        struct Hub *hub;
        Link *link;
        uint8_t nonce[NONCE_BYTES];
        int64_t since_ms; /* it came, or was let in */

        _Atomic int
                state; /* SessionState; written by the worker that has the session, or under the hub's lock */
        int64_t farewell_ms;
        char *agent_id; /* once ready */
        atomic_bool replaced;
        _Atomic uint64_t last_id;

        /* Guarded by the hub's lock. */
        AtDoor at_door;
        DoorHost *host; /* while it is at the door */
        struct Session *next_waiting;

        /* Guarded by the hub's queue lock. */
        struct Session *next_queued;
        InboxFrame inbox[INBOX_MAX];
        size_t inbox_first, inbox_count;
        bool queued, closed, paused;
        char *closed_reason;
} Session;

/* Everything a session needs of its hub. */
typedef struct SessionHost {
        const HubSpec *spec;
        const HubEvents *events;
        /* The session is ready: makes it the agent's only one. */
        void (*ready)(struct Hub *hub, Session *session);
} SessionHost;

void session_challenge(Session *session);
/* One frame from the agent. */
void session_handle(Session *session, const SessionHost *host, const uint8_t *bytes, size_t length);
/* envelope's body is set by the caller. */
void session_send(Session *session, Ghost__Envelope *envelope);
void session_refuse(Session *session, const Error *why, bool final);
void session_say_goodbye(Session *session, const char *reason, uint32_t retry_ms);
void session_free(Session *session);

/* Sessions of Engine.IO protocol 3 (github.com/socketio/engine.io-protocol) that carry one Socket.IO event:
 * follow the log of a job. A session begins on HTTP polling or on a websocket, may move from the one to the
 * other, and ends when its client says so or is not heard of for ENGINE_SILENCE_MS. Nothing is kept for a
 * client but its place in the log and a few short answers. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum {
        ENGINE_PING_INTERVAL_MS = 25000,
        ENGINE_PING_TIMEOUT_MS = 60000,
        ENGINE_SILENCE_MS = ENGINE_PING_INTERVAL_MS + ENGINE_PING_TIMEOUT_MS,
        ENGINE_SESSIONS_MAX = 2048,
};

typedef struct EngineSessions EngineSessions;
typedef struct EngineSession EngineSession;

typedef struct EngineOptions {
        const char *logs_folder;
        const uint8_t *token_key; /* LOG_TOKEN_KEY_BYTES */
        /* Somebody waits for what the session says next; called without any lock held. */
        void (*wake)(void *context, const char *topic);
        void *context;
} EngineOptions;

EngineSessions *engine_sessions_new(const EngineOptions *options);
/* After the server has stopped: no session is held. */
void engine_sessions_free(EngineSessions *sessions);
CLEANUP_DEFINE(EngineSessions, engine_sessions_free);

/* A new session, held. UNAVAILABLE when there are too many. websocket: it can move nowhere else. */
EngineSession *engine_session_open(EngineSessions *sessions, bool websocket, Error **err);
/* One that is there, held; NOT_FOUND. */
EngineSession *engine_session_find(EngineSessions *sessions, const char *id, Error **err);
void engine_session_release(EngineSession *session);
void engine_session_close(EngineSession *session);
bool engine_session_closed(EngineSession *session);

const char *engine_session_id(const EngineSession *session);

/* What the client says: one packet of Engine.IO. INVALID: it speaks something else. */
bool engine_session_take(EngineSession *session, const char *packet, Error **err);
/* What it is told next, one packet; NULL: nothing now. Caller frees. */
char *engine_session_next(EngineSession *session);
/* Whether something named so may have something for it: the topic of its log, or "engine/<id>". */
bool engine_session_wants(EngineSession *session, const char *topic);

/* A poll that begins ends those before it: false from engine_session_polls() on. */
unsigned engine_session_begin_poll(EngineSession *session);
bool engine_session_polls(EngineSession *session, unsigned poll);

/* A websocket tries to take the session over: polls end, so that none takes what it is to get. probing false:
 * it gave up. */
void engine_session_probe(EngineSession *session, bool probing);
/* It has. */
void engine_session_upgrade(EngineSession *session);
bool engine_session_upgraded(EngineSession *session);

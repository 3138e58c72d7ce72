/* The first words of a connection: challenge, then enrol or hello, then enrolled or welcome or a refusal. */
#pragma once

#include "link_client.h"

typedef enum SessionStart {
        SESSION_OPEN,     /* welcome: everything is allowed now */
        SESSION_ENROLLED, /* the identity is on disk: dial again with it */
        SESSION_REFUSED,  /* see error and is_final */
} SessionStart;

typedef struct SessionWelcome {
        int heartbeat_ms;
        uint64_t max_chunk_bytes;
        bool refusal_is_final;
} SessionWelcome;

bool session_send(const LinkClientSpec *spec, Channel *channel, Ghost__Envelope *envelope, Error **err);
/* NULL with *err untouched: nothing came in time. */
bool session_receive(
        const LinkClientSpec *spec, Channel *channel, int timeout_ms, Ghost__Envelope **ret, Error **err);
/* False: the connection is of no use. SESSION_REFUSED is a success with *err set to what the controller said.
 */
bool session_start(
        const LinkClientSpec *spec, Channel *channel, const char *boot_id, SessionStart *ret,
        SessionWelcome *ret_welcome, Error **err);
/* A new certificate for the same key came. */
bool session_take_certificate(const LinkClientSpec *spec, const char *certificate, Error **err);

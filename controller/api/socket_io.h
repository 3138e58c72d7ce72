/* The two ways in which a session of Engine.IO answers. */
#pragma once

#include "http/request.h"
#include "http/response.h"
#include "socketio/engine_session.h"

/* A poll: everything there is for the client, or what comes first. session is taken. */
void socket_poll_answer(const Request *request, Response *response, EngineSession *session);

/* The handshake is as RFC 6455 wants it; otherwise the answer is given. */
bool socket_websocket_check(const Request *request, Response *response);
/* probing: the session is one that polls, and is moved when the client says so. session is taken. */
void socket_websocket_answer(
        const Request *request, Response *response, EngineSession *session, bool probing);

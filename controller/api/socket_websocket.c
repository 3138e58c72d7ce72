#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/socket_io.h"
#include "base/crypto.h"
#include "base/memory.h"

enum { KEY_BYTES = 16, STATUS_UPGRADE_REQUIRED = 426 };

typedef struct Follower {
        EngineSession *session;
        bool probing;
        bool answers_probe; /* it is to be told that it was heard */
} Follower;

/* The messages with which a session moves here from polling. */
static bool take_probe(Follower *follower, const char *text) {
        if (strcmp(text, "2probe") == 0) {
                follower->answers_probe = true;
                engine_session_probe(follower->session, true);
                return true;
        }
        if (strcmp(text, "5") != 0)
                return false;
        follower->probing = false;
        engine_session_upgrade(follower->session);
        return true;
}

static bool take(void *context, const char *text) {
        Follower *follower = context;
        CLEANUP(error_free) Error *why = NULL;

        return follower->probing ? take_probe(follower, text)
                                 : engine_session_take(follower->session, text, &why);
}

static char *next(void *context) {
        Follower *follower = context;

        if (follower->answers_probe) {
                follower->answers_probe = false;
                return xstrdup("3probe");
        }
        return follower->probing ? NULL : engine_session_next(follower->session);
}

static bool wants(void *context, const char *topic) {
        const Follower *follower = context;

        return engine_session_wants(follower->session, topic);
}

static bool ended(void *context) {
        const Follower *follower = context;

        return engine_session_closed(follower->session);
}

static void free_follower(void *context) {
        Follower *follower = context;

        if (follower->probing)
                engine_session_probe(follower->session, false);
        else
                engine_session_close(follower->session);
        engine_session_release(follower->session);
        free(follower);
}

/* A word of a list with commas, in any case. */
static bool lists(const char *header, const char *word) {
        size_t length;

        for (const char *at = header ? header : ""; *at; at += length) {
                at += strspn(at, ", \t");
                length = strcspn(at, ", \t");
                if (length == strlen(word) && strncasecmp(at, word, length) == 0)
                        return true;
        }
        return false;
}

static bool key_valid(const char *key) {
        CLEANUP(free) char *bytes = NULL;
        CLEANUP(error_free) Error *ignored = NULL;
        size_t length = 0;

        return key && base64_decode(key, &bytes, &length, &ignored) && length == KEY_BYTES;
}

bool socket_websocket_check(const Request *request, Response *response) {
        const char *version = request_header(request, "Sec-WebSocket-Version");

        if (!lists(request_header(request, "Upgrade"), "websocket") ||
            !lists(request_header(request, "Connection"), "upgrade") ||
            !key_valid(request_header(request, "Sec-WebSocket-Key"))) {
                response_fail(response, 400, "This is no handshake of a websocket");
                return false;
        }
        if (version && strcmp(version, "13") == 0)
                return true;
        response_fail(response, STATUS_UPGRADE_REQUIRED, "Websockets are spoken in version 13");
        response_header(response, "Sec-WebSocket-Version", "13");
        return false;
}

void socket_websocket_answer(
        const Request *request, Response *response, EngineSession *session, bool probing) {
        Follower *follower = xcalloc(1, sizeof(*follower));

        *follower = (Follower){ .session = session, .probing = probing };
        response_websocket(
                response, request_header(request, "Sec-WebSocket-Key"),
                &(WebsocketSource){ take, next, wants, ended, free_follower, follower });
}

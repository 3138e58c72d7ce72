#include <stdlib.h>
#include <string.h>

#include "api/socket_io.h"
#include "base/clock.h"
#include "base/memory.h"
#include "socketio/engine_payload.h"

enum { PAYLOAD_BYTES = 64 * 1024 };
static const char noop[] = "6";

typedef struct Poll {
        EngineSession *session;
        unsigned number;
        bool as_text; /* for clients that cannot take bytes */
        Deadline until;
        Text payload;
        size_t sent;
} Poll;

static void add(Poll *poll, const char *packet) {
        if (poll->as_text)
                engine_payload_add_text(&poll->payload, packet);
        else
                engine_payload_add_bytes(&poll->payload, packet);
}

static void collect(Poll *poll) {
        if (!engine_session_polls(poll->session, poll->number)) {
                add(poll, noop); /* somebody else gets what there is */
                return;
        }
        while (poll->payload.length < PAYLOAD_BYTES) {
                CLEANUP(free) char *packet = engine_session_next(poll->session);

                if (!packet)
                        break;
                add(poll, packet);
        }
        if (poll->payload.length == 0 && deadline_passed(poll->until))
                add(poll, noop);
}

static StreamRead read_poll(void *context, char *buffer, size_t size, size_t *ret_length) {
        Poll *poll = context;

        if (poll->payload.length == 0)
                collect(poll);
        if (poll->payload.length == 0)
                return STREAM_WAIT;
        size_t left = poll->payload.length - poll->sent;
        if (left == 0)
                return STREAM_END;
        *ret_length = left < size ? left : size;
        memcpy(buffer, poll->payload.data + poll->sent, *ret_length);
        poll->sent += *ret_length;
        return STREAM_DATA;
}

static bool wants(void *context, const char *topic) {
        const Poll *poll = context;

        return engine_session_wants(poll->session, topic);
}

static void free_poll(void *context) {
        Poll *poll = context;

        engine_session_release(poll->session);
        text_clear(&poll->payload);
        free(poll);
}

void socket_poll_answer(const Request *request, Response *response, EngineSession *session) {
        Poll *poll = xcalloc(1, sizeof(*poll));

        poll->session = session;
        poll->number = engine_session_begin_poll(session);
        poll->as_text = request_query(request, "b64") != NULL;
        poll->until = deadline_after_ms(ENGINE_PING_INTERVAL_MS);
        response_stream(
                response, poll->as_text ? "text/plain; charset=UTF-8" : "application/octet-stream",
                &(ResponseStream){ .read = read_poll, .free = free_poll, .context = poll, .wants = wants });
        response_header(
                response, "Set-Cookie", "io=%s; Path=/socket.io; HttpOnly; SameSite=Strict",
                engine_session_id(session));
}

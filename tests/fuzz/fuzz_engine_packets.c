/* What clients of Socket.IO send: whatever comes, it is refused or is what it says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "socketio/engine_payload.h"
#include "socketio/engine_session.h"
#include "socketio/log_html.h"
#include "socketio/log_token.h"
#include "socketio/socket_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_packet(const char *text) {
        CLEANUP(socket_packet_clear) SocketPacket packet = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (!socket_packet_read(text, &packet, &error))
                return;
        if (packet.type == SOCKET_EVENT && (!packet.event || !document_is_array(packet.arguments)))
                abort();
}

static void check_html(const uint8_t *bytes, size_t length) {
        CLEANUP(text_clear) Text html = { 0 };

        log_html_append(&html, (const char *) bytes, length);
        if (html.data && strstr(html.data, "<script"))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        static const uint8_t key[LOG_TOKEN_KEY_BYTES];
        const EngineOptions options = { .logs_folder = "/nonexistent", .token_key = key };
        CLEANUP(engine_sessions_free) EngineSessions *sessions = engine_sessions_new(&options);
        CLEANUP(string_list_clear) StringList packets = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *text = xstrndup((const char *) bytes, length);
        CLEANUP(error_free) Error *none = NULL;
        EngineSession *session = engine_session_open(sessions, true, &none);

        check_packet(text);
        check_html(bytes, length);
        bool read = engine_payload_read((const char *) bytes, length, &packets, &error);
        if (read == (error != NULL) || packets.count > ENGINE_PACKETS_MAX)
                abort();
        for (size_t i = 0; i < packets.count; i++) {
                CLEANUP(error_free) Error *refused = NULL;

                if (strlen(packets.items[i]) == 0 || strlen(packets.items[i]) > length)
                        abort();
                (void) engine_session_take(session, packets.items[i], &refused);
        }
        engine_session_release(session);
        return 0;
}

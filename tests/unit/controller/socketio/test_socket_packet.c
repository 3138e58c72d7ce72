#include "harness/ghost_test.h"

#include "base/memory.h"
#include "socketio/socket_packet.h"

static void an_event_is_taken_apart(void **state) {
        CLEANUP(socket_packet_clear) SocketPacket packet = { 0 };
        CLEANUP(socket_packet_clear) SocketPacket room = { 0 };

        (void) state;
        assert_ok(socket_packet_read("212[\"job_logging\",{\"last_pos\":3},\"x\"]", &packet, err));
        assert_int_equal(packet.type, SOCKET_EVENT);
        assert_string_equal(packet.name_space, "/");
        assert_string_equal(packet.acknowledge, "12");
        assert_string_equal(packet.event, "job_logging");
        assert_int_equal(document_count(packet.arguments), 2);
        assert_int_equal(document_get_int(document_at(packet.arguments, 0), "last_pos"), 3);

        assert_ok(socket_packet_read("2/room,[\"e\"]", &room, err));
        assert_string_equal(room.name_space, "/room");
        assert_null(room.acknowledge);
        assert_int_equal(document_count(room.arguments), 0);
}

static void the_others_are_told_apart(void **state) {
        static const struct {
                const char *text;
                SocketPacketType type;
                const char *name_space;
        } rows[] = {
                { "0", SOCKET_CONNECT, "/" },      { "0/room", SOCKET_CONNECT, "/room" },
                { "1", SOCKET_DISCONNECT, "/" },   { "1/room,", SOCKET_DISCONNECT, "/room" },
                { "3[\"x\"]", SOCKET_OTHER, "/" }, { "4\"no\"", SOCKET_OTHER, "/" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(socket_packet_clear) SocketPacket packet = { 0 };

                assert_ok(socket_packet_read(rows[i].text, &packet, err));
                assert_int_equal(packet.type, rows[i].type);
                assert_string_equal(packet.name_space, rows[i].name_space);
        }
}

static void nonsense_is_refused(void **state) {
        static const char *const texts[] = { "",    "7",    "x",     "2",          "2{}",
                                             "2[]", "2[1]", "2[\"x", "2/r[\"x\"]", "21234567890123[\"x\"]" };

        (void) state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                CLEANUP(socket_packet_clear) SocketPacket packet = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                assert_false(socket_packet_read(texts[i], &packet, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
}

static void an_event_is_written(void **state) {
        Document *argument = document_object();

        (void) state;
        document_set_int(argument, "last_pos", 7);
        CLEANUP(free) char *text = socket_packet_event("job", argument);
        assert_string_equal(text, "2[\"job\",{\"last_pos\":7}]");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_event_is_taken_apart),
                cmocka_unit_test(the_others_are_told_apart),
                cmocka_unit_test(nonsense_is_refused),
                cmocka_unit_test(an_event_is_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

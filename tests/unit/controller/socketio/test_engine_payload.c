#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"
#include "socketio/engine_payload.h"

static void what_is_written_is_read(void **state) {
        static const char *const packets[] = { "0{}", "2", "4\xc3\xa9 \xf0\x9f\x98\x80 \xe4\xba\x91", "6" };
        CLEANUP(text_clear) Text text = { 0 };
        CLEANUP(text_clear) Text bytes = { 0 };
        CLEANUP(string_list_clear) StringList from_text = { 0 };
        CLEANUP(string_list_clear) StringList from_bytes = { 0 };
        CLEANUP(free) char *thousand = xcalloc(1, 1001);

        (void) state;
        memset(thousand, '4', 1000);
        for (size_t i = 0; i < 4; i++) {
                engine_payload_add_text(&text, packets[i]);
                engine_payload_add_bytes(&bytes, packets[i]);
        }
        engine_payload_add_text(&text, thousand);
        engine_payload_add_bytes(&bytes, thousand);
        assert_ok(engine_payload_read(text.data, text.length, &from_text, err));
        assert_ok(engine_payload_read(bytes.data, bytes.length, &from_bytes, err));
        assert_int_equal(from_text.count, 5);
        assert_int_equal(from_bytes.count, 5);
        for (size_t i = 0; i < 4; i++) {
                assert_string_equal(from_text.items[i], packets[i]);
                assert_string_equal(from_bytes.items[i], packets[i]);
        }
        assert_string_equal(from_text.items[4], thousand);
        assert_string_equal(from_bytes.items[4], thousand);
}

static void the_forms_are_the_protocols(void **state) {
        CLEANUP(text_clear) Text text = { 0 };
        CLEANUP(text_clear) Text bytes = { 0 };

        (void) state;
        engine_payload_add_text(&text, "4\xf0\x9f\x98\x80"); /* two units for what is beyond 16 bits */
        engine_payload_add_bytes(&bytes, "4hello world");
        assert_string_equal(text.data, "3:4\xf0\x9f\x98\x80");
        assert_int_equal(bytes.length, 16);
        assert_memory_equal(
                bytes.data,
                "\0\1\2\xff"
                "4hello world",
                16);
}

static void nonsense_is_refused(void **state) {
        static const struct {
                const char *bytes;
                size_t length;
        } rows[] = {
                { "", 0 },
                { "x", 1 },
                { ":2", 2 },
                { "1", 1 },
                { "2:2", 3 },
                { "0:", 2 },
                { "1:2x", 4 },
                { "1:\0", 3 },
                { "99999999:2", 10 },
                { "\0", 1 },
                { "\0\1", 2 },
                { "\0\xff", 2 },
                { "\0\2\xff"
                  "2",
                  4 },
                { "\0\12\xff"
                  "2",
                  4 },
                { "\1\1\xff"
                  "2",
                  4 },
                { "2:\xc3\xa9", 4 },
                { "-1:2", 4 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(string_list_clear) StringList packets = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                assert_false(engine_payload_read(rows[i].bytes, rows[i].length, &packets, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
}

static void packets_are_counted(void **state) {
        CLEANUP(text_clear) Text text = { 0 };
        CLEANUP(string_list_clear) StringList all = { 0 };
        CLEANUP(string_list_clear) StringList some = { 0 };

        (void) state;
        for (int i = 0; i < ENGINE_PACKETS_MAX; i++)
                engine_payload_add_text(&text, "2");
        assert_ok(engine_payload_read(text.data, text.length, &all, err));
        engine_payload_add_text(&text, "2");
        assert_fails(
                ERROR_INVALID, "more than 64 packets at a time",
                engine_payload_read(text.data, text.length, &some, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),
                cmocka_unit_test(the_forms_are_the_protocols),
                cmocka_unit_test(nonsense_is_refused),
                cmocka_unit_test(packets_are_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

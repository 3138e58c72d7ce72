#include "harness/ghost_test.h"

#include <stdlib.h>

#include "wire/envelope.h"

static void an_envelope_comes_back_as_it_was(void **state) {
        Ghost__LogAck ack = GHOST__LOG_ACK__INIT;
        Ghost__Envelope sent = ENVELOPE_OF(log_ack, LOG_ACK, &ack);
        CLEANUP(envelope_free) Ghost__Envelope *got = NULL;
        size_t length = 0;

        (void) state;
        ack.task_id = (char *) "t";
        ack.next_line = UINT64_MAX;
        sent.id = 5;
        CLEANUP(free) uint8_t *bytes = envelope_pack(&sent, &length);
        assert_ok((got = envelope_unpack(bytes, length, err)) != NULL);
        assert_int_equal(got->major, WIRE_MAJOR);
        assert_int_equal(got->id, 5);
        assert_string_equal(got->log_ack->task_id, "t");
        assert_true(got->log_ack->next_line == UINT64_MAX);
}

#define ASSERT_REFUSED(message, ...)                                                                         \
        do {                                                                                                 \
                static const uint8_t bytes[] = { __VA_ARGS__ };                                              \
                assert_fails(ERROR_INVALID, message, envelope_unpack(bytes, sizeof(bytes), err) != NULL);    \
        } while (0)

static void another_major_version_is_named(void **state) {
        (void) state;
        ASSERT_REFUSED(
                "speaks version 2 of the link, this end version 1: install versions of Ghost that go "
                "together",
                0x08, 2, 0x10, 0);
}

static void a_body_of_a_newer_minor_is_let_through(void **state) {
        static const uint8_t newer[] = { 0x08, 1, 0x10, 9, 0xfa, 0x3e, 1, 'x' }; /* field 1007 */
        CLEANUP(envelope_free) Ghost__Envelope *got = NULL;

        (void) state;
        assert_ok((got = envelope_unpack(newer, sizeof(newer), err)) != NULL);
        assert_int_equal(got->body_case, GHOST__ENVELOPE__BODY__NOT_SET);
        ASSERT_REFUSED("sent an envelope without a body", 0x08, 1, 0x10, 0, 0xfa, 0x3e, 1, 'x');
}

static void garbage_is_refused(void **state) {
        (void) state;
        ASSERT_REFUSED("sent something that is no envelope", 0xff, 0xff, 0xff);
        ASSERT_REFUSED("sent something that is no envelope", 0x08, 1, 0x52, 0x7f, 0);
        assert_fails(
                ERROR_INVALID,
                "speaks version 0 of the link, this end version 1: install versions of Ghost that go "
                "together",
                envelope_unpack((const uint8_t *) "", 0, err) != NULL);
}

static void kinds_survive_the_wire(void **state) {
        (void) state;
        for (int kind = 0; kind < ERROR_KIND_COUNT; kind++)
                assert_int_equal(error_kind_from_wire(error_kind_to_wire((ErrorKind) kind)), kind);
        assert_int_equal(error_kind_from_wire((Ghost__ErrorKind) 0), ERROR_INTERNAL);
        assert_int_equal(error_kind_from_wire((Ghost__ErrorKind) 99), ERROR_INTERNAL);
        assert_int_equal(error_kind_from_wire((Ghost__ErrorKind) -5), ERROR_INTERNAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_envelope_comes_back_as_it_was),
                cmocka_unit_test(another_major_version_is_named),
                cmocka_unit_test(a_body_of_a_newer_minor_is_let_through),
                cmocka_unit_test(garbage_is_refused),
                cmocka_unit_test(kinds_survive_the_wire),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

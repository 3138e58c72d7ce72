/* Agents of other versions: what they say beyond what is known here is passed over, and the rest counts. */
#include "harness/ghost_test.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/test_agent_link.h"
#include "hub/hub.h"

enum { WAIT_MS = 5000, NEWER_MINOR = 9, UNKNOWN_FIELD = 1007 };

typedef struct Bench {
        TestAuthority *authority; /* its client certificate is agent-1's */
        Hub *hub;
        atomic_int receipts, disconnected;
} Bench;

static bool on_authenticate(void *context, const char *agent_id, const char *fingerprint, Error **err) {
        (void) context, (void) agent_id, (void) fingerprint, (void) err;
        return true;
}

static void on_connected(void *context, const Ghost__Hello *hello, const char *address) {
        (void) context, (void) hello, (void) address;
}

static void on_disconnected(void *context, const char *agent_id, const char *reason) {
        (void) agent_id, (void) reason;
        atomic_fetch_add(&((Bench *) context)->disconnected, 1);
}

static bool on_receipt(void *context, const char *agent_id, const Ghost__Receipt *receipt, Error **err) {
        (void) agent_id, (void) err;
        assert_string_equal(receipt->task_id, "a task");
        atomic_fetch_add(&((Bench *) context)->receipts, 1);
        return true;
}

static int start(void **state) {
        Bench *bench = xcalloc(1, sizeof(*bench));
        const HubEvents events = { .context = bench,
                                   .authenticate = on_authenticate,
                                   .connected = on_connected,
                                   .disconnected = on_disconnected,
                                   .receipt = on_receipt };

        bench->authority = test_authority_new("ghost-controller", "agent-1");
        const HubSpec spec = { .address = "127.0.0.1:0",
                               .authority_certificate = bench->authority->certificate,
                               .certificate = bench->authority->server_certificate,
                               .key = bench->authority->server_key,
                               .heartbeat_ms = 5000,
                               .chunk_bytes = 4096,
                               .connections_max = 10,
                               .strangers_per_address = 10 };
        bench->hub = hub_start(&spec, &events, NULL);
        *state = bench;
        return bench->hub ? 0 : -1;
}

static int stop(void **state) {
        Bench *bench = *state;

        hub_stop(bench->hub);
        hub_free(bench->hub);
        test_authority_free(bench->authority);
        free(bench);
        return 0;
}

static TestAgent *connect_agent(const Bench *bench) {
        TestAgent *agent = test_agent_dial(
                hub_port(bench->hub), bench->authority->certificate, bench->authority->client_certificate,
                bench->authority->client_key);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        CLEANUP(envelope_free)
        Ghost__Envelope *welcome = test_agent_expect(agent, GHOST__ENVELOPE__BODY_WELCOME);
        assert_non_null(welcome);
        return agent;
}

/* As a newer program writes it: its minor, and a field that is not known here in every message. */
static void send_newer(TestAgent *agent, Ghost__Envelope *envelope, ProtobufCMessage *body) {
        static uint8_t bytes[] = { 3, 'n', 'e', 'w' };
        ProtobufCMessageUnknownField field = { .tag = UNKNOWN_FIELD,
                                               .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                               .len = sizeof(bytes),
                                               .data = bytes };

        envelope->major = WIRE_MAJOR;
        envelope->minor = NEWER_MINOR;
        envelope->base.n_unknown_fields = 1;
        envelope->base.unknown_fields = &field;
        if (body) {
                body->n_unknown_fields = 1;
                body->unknown_fields = &field;
        }
        size_t length = ghost__envelope__get_packed_size(envelope);
        uint8_t *packed = xcalloc(length, 1);
        ghost__envelope__pack(envelope, packed);
        envelope->base.n_unknown_fields = 0;
        envelope->base.unknown_fields = NULL;
        if (body) {
                body->n_unknown_fields = 0;
                body->unknown_fields = NULL;
        }
        assert_true(link_send(agent->link, packed, length));
}

static void a_newer_agent_says_more_than_is_understood(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
        Ghost__Envelope unknown = GHOST__ENVELOPE__INIT;
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__Envelope known = ENVELOPE_OF(receipt, RECEIPT, &receipt);

        send_newer(agent, &unknown, NULL);
        receipt.task_id = (char *) "a task";
        send_newer(agent, &known, &receipt.base);
        CLEANUP(envelope_free)
        Ghost__Envelope *ack = test_agent_expect(agent, GHOST__ENVELOPE__BODY_RECEIPT_ACK);
        assert_non_null(ack);
        assert_string_equal(ack->receipt_ack->task_id, "a task");
        assert_int_equal(atomic_load(&bench->receipts), 1);
        assert_int_equal(atomic_load(&bench->disconnected), 0);
        assert_true(hub_agent_connected(bench->hub, "agent-1"));
}

static void one_of_another_major_is_sent_away_and_told_why(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(receipt, RECEIPT, &receipt);

        envelope.major = WIRE_MAJOR + 1;
        size_t length = ghost__envelope__get_packed_size(&envelope);
        uint8_t *packed = xcalloc(length, 1);
        ghost__envelope__pack(&envelope, packed);
        assert_true(link_send(agent->link, packed, length));
        CLEANUP(envelope_free)
        Ghost__Envelope *refusal = test_agent_expect(agent, GHOST__ENVELOPE__BODY_REFUSAL);
        assert_non_null(refusal);
        assert_string_equal(
                refusal->refusal->message, "speaks version 2 of the link, this end version 1: install "
                                           "versions of Ghost that go together");
        assert_true(refusal->refusal->final);
        assert_true(inbox_wait_closed(&agent->inbox, WAIT_MS));
        assert_int_equal(atomic_load(&bench->receipts), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_newer_agent_says_more_than_is_understood, start, stop),
                cmocka_unit_test_setup_teardown(one_of_another_major_is_sent_away_and_told_why, start, stop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

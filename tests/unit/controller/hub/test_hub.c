#include "harness/ghost_test.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/hub_bench.h"

enum { BATCHES = 2000 };

static void assert_refused(TestAgent *agent, const char *message, bool final) {
        CLEANUP(envelope_free)
        Ghost__Envelope *refusal = test_agent_expect(agent, GHOST__ENVELOPE__BODY_REFUSAL);

        assert_non_null(refusal);
        assert_string_equal(refusal->refusal->message, message);
        assert_int_equal(refusal->refusal->final, final);
        assert_true(inbox_wait_closed(&agent->inbox, HUB_BENCH_WAIT_MS));
}

static void an_agent_that_proves_itself_is_welcome(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);

        assert_true(hub_agent_connected(bench->hub, "agent-1"));
        assert_int_equal(hub_connected_count(bench->hub), 1);
}

static void a_join_token_gives_an_identity(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free)
        TestAgent *agent = test_agent_dial(hub_port(bench->hub), bench->authority->certificate, NULL, NULL);
        Ghost__Enrol enrol = GHOST__ENROL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(enrol, ENROL, &enrol);

        enrol.token = (char *) "good";
        envelope_free(test_agent_expect(agent, GHOST__ENVELOPE__BODY_CHALLENGE));
        test_agent_send(agent, &envelope);
        CLEANUP(envelope_free)
        Ghost__Envelope *enrolled = test_agent_expect(agent, GHOST__ENVELOPE__BODY_ENROLLED);
        assert_non_null(enrolled);
        assert_string_equal(enrolled->enrolled->agent_id, "agent-2");
        assert_false(hub_agent_connected(bench->hub, "agent-2"));
}

static bool moves_after(const HubBench *bench, int64_t since_ms) {
        Deadline deadline = deadline_after_ms(HUB_BENCH_WAIT_MS);

        while (hub_moved_ms(bench->hub) <= since_ms && !deadline_passed(deadline))
                clock_sleep_ms(5);
        return hub_moved_ms(bench->hub) > since_ms;
}

/* Four workers, each with an enrolment that does not end, and a fifth that waits for one of them. */
static void workers_that_are_all_held_up_are_noticed(void **state) {
        HubBench *bench = *state;
        TestAgent *agents[5];
        Ghost__Enrol enrol = GHOST__ENROL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(enrol, ENROL, &enrol);

        assert_true(moves_after(bench, clock_monotonic_ms()));
        atomic_store(&bench->hold, true);
        enrol.token = (char *) "good";
        for (size_t i = 0; i < 5; i++) {
                agents[i] = test_agent_dial(hub_port(bench->hub), bench->authority->certificate, NULL, NULL);
                envelope_free(test_agent_expect(agents[i], GHOST__ENVELOPE__BODY_CHALLENGE));
                test_agent_send(agents[i], &envelope);
        }
        assert_true(hub_bench_reaches(&bench->held, 4));
        Deadline deadline = deadline_after_ms(HUB_BENCH_WAIT_MS);
        while (clock_monotonic_ms() - hub_moved_ms(bench->hub) < 400 && !deadline_passed(deadline))
                clock_sleep_ms(5);
        assert_true(clock_monotonic_ms() - hub_moved_ms(bench->hub) >= 400);

        atomic_store(&bench->hold, false);
        assert_true(moves_after(bench, clock_monotonic_ms()));
        for (size_t i = 0; i < 5; i++)
                test_agent_free(agents[i]);
}

static void a_wrong_join_token_is_refused_for_good(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free)
        TestAgent *agent = test_agent_dial(hub_port(bench->hub), bench->authority->certificate, NULL, NULL);
        Ghost__Enrol enrol = GHOST__ENROL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(enrol, ENROL, &enrol);

        enrol.token = (char *) "bad";
        envelope_free(test_agent_expect(agent, GHOST__ENVELOPE__BODY_CHALLENGE));
        test_agent_send(agent, &envelope);
        assert_refused(agent, "join token: unknown", true);
}

static void a_proof_by_another_key_is_refused(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->server_key);
        CLEANUP(envelope_free)
        Ghost__Envelope *refusal = test_agent_expect(agent, GHOST__ENVELOPE__BODY_REFUSAL);
        assert_non_null(refusal);
        assert_int_equal(atomic_load(&bench->connected), 0);
}

static void a_certificate_is_good_for_its_own_agent_alone(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);

        test_agent_hello(
                agent, "agent-9", bench->authority->client_certificate, bench->authority->client_key);
        assert_refused(agent, "the certificate is another agent's", true);
}

static void a_revoked_agent_is_refused(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);

        atomic_store(&bench->refuse_agent, true);
        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        assert_refused(agent, "revoked", true);
}

static void another_major_version_is_told_so(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);
        Ghost__Heartbeat heartbeat = GHOST__HEARTBEAT__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(heartbeat, HEARTBEAT, &heartbeat);

        envelope_free(test_agent_expect(agent, GHOST__ENVELOPE__BODY_CHALLENGE));
        envelope.major = 7;
        size_t length = ghost__envelope__get_packed_size(&envelope);
        uint8_t *bytes = xcalloc(length, 1);
        ghost__envelope__pack(&envelope, bytes);
        assert_true(link_send(agent->link, bytes, length));
        assert_refused(
                agent,
                "speaks version 7 of the link, this end version 1: install versions of Ghost that go "
                "together",
                true);
}

static void nobody_gives_receipts_before_a_hello(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(receipt, RECEIPT, &receipt);

        test_agent_send(agent, &envelope);
        assert_true(inbox_wait_closed(&agent->inbox, HUB_BENCH_WAIT_MS));
        assert_int_equal(atomic_load(&bench->receipts), 0);
}

static void who_says_nothing_is_sent_away(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);

        assert_true(inbox_wait_closed(&agent->inbox, HUB_BENCH_WAIT_MS));
}

static void a_second_connection_replaces_the_first(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *first = hub_bench_connect_agent(bench);
        CLEANUP(test_agent_free) TestAgent *second = hub_bench_connect_agent(bench);

        assert_true(inbox_wait_closed(&first->inbox, HUB_BENCH_WAIT_MS));
        assert_true(hub_agent_connected(bench->hub, "agent-1"));
        hub_disconnect(bench->hub, "agent-1", "test");
        assert_true(inbox_wait_closed(&second->inbox, HUB_BENCH_WAIT_MS));
        assert_true(hub_bench_reaches(&bench->disconnected, 1));
        assert_int_equal(atomic_load(&bench->disconnected), 1); /* the first was replaced, not lost */
}

static void a_task_reaches_its_agent(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);
        Ghost__Task task = GHOST__TASK__INIT;

        task.order = (ProtobufCBinaryData){ .data = (uint8_t *) "order", .len = 5 };
        assert_true(hub_send_task(bench->hub, "agent-1", &task));
        assert_false(hub_send_task(bench->hub, "agent-2", &task));
        CLEANUP(envelope_free) Ghost__Envelope *got = test_agent_expect(agent, GHOST__ENVELOPE__BODY_TASK);
        assert_non_null(got);
        assert_memory_equal(got->task->order.data, "order", 5);
}

static void send_batch(TestAgent *agent, uint64_t first_line) {
        Ghost__LogBatch batch = GHOST__LOG_BATCH__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(log_batch, LOG_BATCH, &batch);

        batch.task_id = (char *) "task";
        batch.first_line = first_line;
        batch.line_count = 1;
        batch.lines = (ProtobufCBinaryData){ .data = (uint8_t *) "line\n", .len = 5 };
        test_agent_send(agent, &envelope);
}

static void a_manifest_comes_with_the_url_of_its_pack(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);
        Ghost__ManifestRequest request = GHOST__MANIFEST_REQUEST__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(manifest_request, MANIFEST_REQUEST, &request);

        request.manifest_sha256 = (char *) "known";
        test_agent_send(agent, &envelope);
        CLEANUP(envelope_free)
        Ghost__Envelope *known = test_agent_expect(agent, GHOST__ENVELOPE__BODY_MANIFEST_REPLY);
        assert_non_null(known);
        assert_int_equal(known->manifest_reply->manifest.len, 5);
        assert_int_equal(known->manifest_reply->signature.data[0], 7);
        assert_string_equal(known->manifest_reply->pack_url, "https://there/pack?secret");
        assert_int_equal(known->manifest_reply->pack_url_expires_us, 99);

        request.manifest_sha256 = (char *) "unknown";
        test_agent_send(agent, &envelope);
        CLEANUP(envelope_free)
        Ghost__Envelope *unknown = test_agent_expect(agent, GHOST__ENVELOPE__BODY_MANIFEST_REPLY);
        assert_string_equal(unknown->manifest_reply->message, "no package unknown");
        assert_string_equal(unknown->manifest_reply->pack_url, "");
}

static void lines_are_acknowledged_when_they_are_stored(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);

        send_batch(agent, 41);
        CLEANUP(envelope_free) Ghost__Envelope *ack = test_agent_expect(agent, GHOST__ENVELOPE__BODY_LOG_ACK);
        assert_non_null(ack);
        assert_int_equal(ack->log_ack->next_line, 42);
}

static void what_cannot_be_stored_is_not_acknowledged(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);

        atomic_store(&bench->fail_storage, true);
        send_batch(agent, 0);
        assert_true(inbox_wait_closed(&agent->inbox, HUB_BENCH_WAIT_MS));
        assert_null(test_agent_expect(agent, GHOST__ENVELOPE__BODY_LOG_ACK));
}

/* More than the hub holds for one agent: it stops reading instead of losing or keeping everything. */
static void a_flood_of_lines_is_held_up_and_none_is_lost(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_dial(bench);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        assert_true(hub_bench_reaches(&bench->connected, 1));
        atomic_store(&agent->inbox.discard, true);
        for (uint64_t i = 0; i < BATCHES; i++)
                send_batch(agent, i);
        assert_true(hub_bench_reaches(&bench->batches, BATCHES));
}

static void a_slow_agent_holds_up_nobody_else(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *slow = hub_bench_connect_agent(bench);

        atomic_store(&bench->slow_ms, 300);
        for (uint64_t i = 0; i < 5; i++)
                send_batch(slow, i);
        int64_t began_ms = clock_monotonic_ms();
        CLEANUP(test_agent_free)
        TestAgent *stranger =
                test_agent_dial(hub_port(bench->hub), bench->authority->certificate, NULL, NULL);
        Ghost__Enrol enrol = GHOST__ENROL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(enrol, ENROL, &enrol);
        enrol.token = (char *) "good";
        envelope_free(test_agent_expect(stranger, GHOST__ENVELOPE__BODY_CHALLENGE));
        test_agent_send(stranger, &envelope);
        CLEANUP(envelope_free)
        Ghost__Envelope *enrolled = test_agent_expect(stranger, GHOST__ENVELOPE__BODY_ENROLLED);
        assert_non_null(enrolled);
        assert_true(atomic_load(&bench->batches) < 5); /* the slow one was not waited for */
        assert_true(clock_monotonic_ms() - began_ms < HUB_BENCH_WAIT_MS);
}

/* What waits for it is bounded: past the bound it is dropped, and will connect again. */
static void an_agent_that_stops_reading_is_dropped(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);
        CLEANUP(free) uint8_t *order = xcalloc(256 << 10, 1);
        Ghost__Task task = GHOST__TASK__INIT;

        link_pause(agent->link);
        task.order = (ProtobufCBinaryData){ .data = order, .len = 256 << 10 };
        for (int i = 0; i < 200 && hub_send_task(bench->hub, "agent-1", &task); i++)
                clock_sleep_ms(1);
        assert_true(hub_bench_reaches(&bench->disconnected, 1));
}

static void an_agent_that_falls_silent_is_missed(void **state) {
        HubBench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = hub_bench_connect_agent(bench);

        assert_true(hub_bench_reaches(&bench->disconnected, 1));
        assert_false(hub_agent_connected(bench->hub, "agent-1"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                HUB_TEST(an_agent_that_proves_itself_is_welcome),
                HUB_TEST(a_join_token_gives_an_identity),
                HUB_TEST_PATIENT(workers_that_are_all_held_up_are_noticed),
                HUB_TEST(a_wrong_join_token_is_refused_for_good),
                HUB_TEST(a_proof_by_another_key_is_refused),
                HUB_TEST(a_certificate_is_good_for_its_own_agent_alone),
                HUB_TEST(a_revoked_agent_is_refused),
                HUB_TEST(another_major_version_is_told_so),
                HUB_TEST(nobody_gives_receipts_before_a_hello),
                HUB_TEST(who_says_nothing_is_sent_away),
                HUB_TEST(a_second_connection_replaces_the_first),
                HUB_TEST(a_task_reaches_its_agent),
                HUB_TEST(a_manifest_comes_with_the_url_of_its_pack),
                HUB_TEST(lines_are_acknowledged_when_they_are_stored),
                HUB_TEST(what_cannot_be_stored_is_not_acknowledged),
                HUB_TEST(a_flood_of_lines_is_held_up_and_none_is_lost),
                HUB_TEST(a_slow_agent_holds_up_nobody_else),
                HUB_TEST(an_agent_that_stops_reading_is_dropped),
                HUB_TEST_IMPATIENT(an_agent_that_falls_silent_is_missed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/test_agent_link.h"
#include "hub/hub.h"

enum { WAIT_MS = 5000, BATCHES = 2000 };

/* A hub, and what its events saw. */
typedef struct Bench {
        TestAuthority *authority; /* its client certificate is agent-1's */
        Hub *hub;
        atomic_int connected, disconnected, batches, receipts, reports;
        atomic_bool refuse_agent, fail_storage;
        atomic_int slow_ms;
        atomic_bool hold; /* enrolments wait */
        atomic_int held;
} Bench;

static bool on_enrol(
        void *context, const Ghost__Enrol *enrol, const char *address, HubEnrolment *ret, Error **err) {
        Bench *bench = context;

        (void) address;
        atomic_fetch_add(&bench->held, 1);
        while (atomic_load(&bench->hold))
                clock_sleep_ms(5);
        if (strcmp(enrol->token, "good") != 0)
                return error_set(err, ERROR_FORBIDDEN, "join token: unknown");
        ret->agent_id = xstrdup("agent-2");
        ret->certificate = xstrdup("a certificate");
        return true;
}

static bool on_authenticate(void *context, const char *agent_id, const char *fingerprint, Error **err) {
        Bench *bench = context;

        (void) agent_id, (void) fingerprint;
        return !atomic_load(&bench->refuse_agent) || error_set(err, ERROR_FORBIDDEN, "revoked");
}

static bool on_renew(void *context, const char *agent_id, const char *request, char **ret, Error **err) {
        (void) context, (void) agent_id, (void) request, (void) err;
        *ret = xstrdup("a newer certificate");
        return true;
}

static void on_connected(void *context, const Ghost__Hello *hello, const char *address) {
        (void) hello, (void) address;
        atomic_fetch_add(&((Bench *) context)->connected, 1);
}

static void on_disconnected(void *context, const char *agent_id, const char *reason) {
        (void) agent_id, (void) reason;
        atomic_fetch_add(&((Bench *) context)->disconnected, 1);
}

static void on_report(void *context, const char *agent_id, const Ghost__Report *report) {
        (void) agent_id, (void) report;
        atomic_fetch_add(&((Bench *) context)->reports, 1);
}

static bool on_log_batch(
        void *context, const char *agent_id, const Ghost__LogBatch *batch, uint64_t *ret_next_line,
        Error **err) {
        Bench *bench = context;

        (void) agent_id;
        if (atomic_load(&bench->fail_storage))
                return error_set(err, ERROR_UNAVAILABLE, "no space left");
        if (atomic_load(&bench->slow_ms))
                clock_sleep_ms(atomic_load(&bench->slow_ms));
        *ret_next_line = batch->first_line + batch->line_count;
        atomic_fetch_add(&bench->batches, 1);
        return true;
}

static void on_progress(void *context, const char *agent_id, const Ghost__TaskProgress *progress) {
        (void) context, (void) agent_id, (void) progress;
}

static bool on_receipt(void *context, const char *agent_id, const Ghost__Receipt *receipt, Error **err) {
        Bench *bench = context;

        (void) agent_id, (void) receipt;
        if (atomic_load(&bench->fail_storage))
                return error_set(err, ERROR_UNAVAILABLE, "no space left");
        atomic_fetch_add(&bench->receipts, 1);
        return true;
}

static bool on_manifest(void *context, const char *agent_id, const char *sha, HubManifest *ret, Error **err) {
        (void) context, (void) agent_id;
        if (strcmp(sha, "known") == 0) {
                *ret = (HubManifest){ .bytes = xmemdup("bytes", 5),
                                      .length = 5,
                                      .signature = { 7 },
                                      .pack_url = xstrdup("https://there/pack?secret"),
                                      .pack_url_expires_us = 99 };
                return true;
        }
        return error_set(err, ERROR_NOT_FOUND, "no package %s", sha);
}

static bool on_pack(
        void *context, const char *agent_id, const Ghost__PackRequest *request, uint64_t length,
        uint8_t **ret, size_t *ret_length, Error **err) {
        (void) context, (void) agent_id, (void) request, (void) err;
        *ret = xcalloc(length, 1);
        *ret_length = length;
        return true;
}

static int start_with(void **state, int64_t heartbeat_ms, int64_t strangers, int64_t hello_timeout_ms) {
        Bench *bench = xcalloc(1, sizeof(*bench));
        const HubEvents events = {
                .context = bench,
                .enrol = on_enrol,
                .authenticate = on_authenticate,
                .renew = on_renew,
                .connected = on_connected,
                .disconnected = on_disconnected,
                .report = on_report,
                .log_batch = on_log_batch,
                .progress = on_progress,
                .receipt = on_receipt,
                .manifest = on_manifest,
                .pack = on_pack,
        };

        bench->authority = test_authority_new("ghost-controller", "agent-1");
        const HubSpec spec = {
                .address = "127.0.0.1:0",
                .authority_certificate = bench->authority->certificate,
                .certificate = bench->authority->server_certificate,
                .key = bench->authority->server_key,
                .heartbeat_ms = heartbeat_ms,
                .hello_timeout_ms = hello_timeout_ms,
                .chunk_bytes = 4096,
                .connections_max = 300,
                .strangers_per_address = strangers,
        };
        assert_ok((bench->hub = hub_start(&spec, &events, err)));
        *state = bench;
        return 0;
}

static int start(void **state) {
        return start_with(state, 5000, 200, 1000);
}

static int start_impatient(void **state) {
        return start_with(state, 200, 3, 1000);
}

static int start_patient(void **state) {
        return start_with(state, 5000, 200, 60000);
}

static int stop(void **state) {
        Bench *bench = *state;

        hub_stop(bench->hub);
        hub_free(bench->hub);
        test_authority_free(bench->authority);
        free(bench);
        return 0;
}

static bool reaches(atomic_int *value, int wanted) {
        Deadline deadline = deadline_after_ms(WAIT_MS);

        while (atomic_load(value) < wanted && !deadline_passed(deadline))
                clock_sleep_ms(5);
        return atomic_load(value) >= wanted;
}

static TestAgent *dial(Bench *bench) {
        return test_agent_dial(
                hub_port(bench->hub), bench->authority->certificate, bench->authority->client_certificate,
                bench->authority->client_key);
}

static TestAgent *connect_agent(Bench *bench) {
        TestAgent *agent = dial(bench);
        int before = atomic_load(&bench->connected);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        CLEANUP(envelope_free)
        Ghost__Envelope *welcome = test_agent_expect(agent, GHOST__ENVELOPE__BODY_WELCOME);
        assert_non_null(welcome);
        assert_true(reaches(&bench->connected, before + 1));
        return agent;
}

static void assert_refused(TestAgent *agent, const char *message, bool final) {
        CLEANUP(envelope_free)
        Ghost__Envelope *refusal = test_agent_expect(agent, GHOST__ENVELOPE__BODY_REFUSAL);

        assert_non_null(refusal);
        assert_string_equal(refusal->refusal->message, message);
        assert_int_equal(refusal->refusal->final, final);
        assert_true(inbox_wait_closed(&agent->inbox, WAIT_MS));
}

static void an_agent_that_proves_itself_is_welcome(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);

        assert_true(hub_agent_connected(bench->hub, "agent-1"));
        assert_int_equal(hub_connected_count(bench->hub), 1);
}

static void a_join_token_gives_an_identity(void **state) {
        Bench *bench = *state;
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

static bool moves_after(const Bench *bench, int64_t since_ms) {
        Deadline deadline = deadline_after_ms(WAIT_MS);

        while (hub_moved_ms(bench->hub) <= since_ms && !deadline_passed(deadline))
                clock_sleep_ms(5);
        return hub_moved_ms(bench->hub) > since_ms;
}

/* Four workers, each with an enrolment that does not end, and a fifth that waits for one of them. */
static void workers_that_are_all_held_up_are_noticed(void **state) {
        Bench *bench = *state;
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
        assert_true(reaches(&bench->held, 4));
        Deadline deadline = deadline_after_ms(WAIT_MS);
        while (clock_monotonic_ms() - hub_moved_ms(bench->hub) < 400 && !deadline_passed(deadline))
                clock_sleep_ms(5);
        assert_true(clock_monotonic_ms() - hub_moved_ms(bench->hub) >= 400);

        atomic_store(&bench->hold, false);
        assert_true(moves_after(bench, clock_monotonic_ms()));
        for (size_t i = 0; i < 5; i++)
                test_agent_free(agents[i]);
}

static void a_wrong_join_token_is_refused_for_good(void **state) {
        Bench *bench = *state;
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
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->server_key);
        CLEANUP(envelope_free)
        Ghost__Envelope *refusal = test_agent_expect(agent, GHOST__ENVELOPE__BODY_REFUSAL);
        assert_non_null(refusal);
        assert_int_equal(atomic_load(&bench->connected), 0);
}

static void a_certificate_is_good_for_its_own_agent_alone(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);

        test_agent_hello(
                agent, "agent-9", bench->authority->client_certificate, bench->authority->client_key);
        assert_refused(agent, "the certificate is another agent's", true);
}

static void a_revoked_agent_is_refused(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);

        atomic_store(&bench->refuse_agent, true);
        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        assert_refused(agent, "revoked", true);
}

static void another_major_version_is_told_so(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);
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
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(receipt, RECEIPT, &receipt);

        test_agent_send(agent, &envelope);
        assert_true(inbox_wait_closed(&agent->inbox, WAIT_MS));
        assert_int_equal(atomic_load(&bench->receipts), 0);
}

static void who_says_nothing_is_sent_away(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);

        assert_true(inbox_wait_closed(&agent->inbox, WAIT_MS));
}

static void a_second_connection_replaces_the_first(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *first = connect_agent(bench);
        CLEANUP(test_agent_free) TestAgent *second = connect_agent(bench);

        assert_true(inbox_wait_closed(&first->inbox, WAIT_MS));
        assert_true(hub_agent_connected(bench->hub, "agent-1"));
        hub_disconnect(bench->hub, "agent-1", "test");
        assert_true(inbox_wait_closed(&second->inbox, WAIT_MS));
        assert_true(reaches(&bench->disconnected, 1));
        assert_int_equal(atomic_load(&bench->disconnected), 1); /* the first was replaced, not lost */
}

static void a_task_reaches_its_agent(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
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
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
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
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);

        send_batch(agent, 41);
        CLEANUP(envelope_free) Ghost__Envelope *ack = test_agent_expect(agent, GHOST__ENVELOPE__BODY_LOG_ACK);
        assert_non_null(ack);
        assert_int_equal(ack->log_ack->next_line, 42);
}

static void what_cannot_be_stored_is_not_acknowledged(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);

        atomic_store(&bench->fail_storage, true);
        send_batch(agent, 0);
        assert_true(inbox_wait_closed(&agent->inbox, WAIT_MS));
        assert_null(test_agent_expect(agent, GHOST__ENVELOPE__BODY_LOG_ACK));
}

/* More than the hub holds for one agent: it stops reading instead of losing or keeping everything. */
static void a_flood_of_lines_is_held_up_and_none_is_lost(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = dial(bench);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        assert_true(reaches(&bench->connected, 1));
        atomic_store(&agent->inbox.discard, true);
        for (uint64_t i = 0; i < BATCHES; i++)
                send_batch(agent, i);
        assert_true(reaches(&bench->batches, BATCHES));
}

static void a_slow_agent_holds_up_nobody_else(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *slow = connect_agent(bench);

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
        assert_true(clock_monotonic_ms() - began_ms < WAIT_MS);
}

/* What waits for it is bounded: past the bound it is dropped, and will connect again. */
static void an_agent_that_stops_reading_is_dropped(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
        CLEANUP(free) uint8_t *order = xcalloc(256 << 10, 1);
        Ghost__Task task = GHOST__TASK__INIT;

        link_pause(agent->link);
        task.order = (ProtobufCBinaryData){ .data = order, .len = 256 << 10 };
        for (int i = 0; i < 200 && hub_send_task(bench->hub, "agent-1", &task); i++)
                clock_sleep_ms(1);
        assert_true(reaches(&bench->disconnected, 1));
}

static void an_agent_that_falls_silent_is_missed(void **state) {
        Bench *bench = *state;
        CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);

        assert_true(reaches(&bench->disconnected, 1));
        assert_false(hub_agent_connected(bench->hub, "agent-1"));
}

static void strangers_of_one_address_are_limited(void **state) {
        Bench *bench = *state;
        TestAgent *strangers[4];

        for (int i = 0; i < 4; i++) {
                strangers[i] = dial(bench);
                if (i < 3)
                        envelope_free(test_agent_expect(strangers[i], GHOST__ENVELOPE__BODY_CHALLENGE));
        }
        assert_true(inbox_wait_closed(&strangers[3]->inbox, WAIT_MS));
        assert_int_equal(strangers[3]->inbox.count, 0);
        for (int i = 0; i < 4; i++)
                test_agent_free(strangers[i]);
}

static int connect_raw(Bench *bench) {
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons((uint16_t) hub_port(bench->hub)),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_true(fd >= 0);
        assert_int_equal(connect(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        return fd;
}

static int count_descriptors(void) {
        DIR *folder = opendir("/proc/self/fd");
        int count = 0;

        while (readdir(folder))
                count++;
        closedir(folder);
        return count;
}

static void hostile_connections_leave_nothing_behind(void **state) {
        Bench *bench = *state;
        static const char client_hello[] = "\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03";
        const struct linger now = { .l_onoff = 1, .l_linger = 0 };
        int before = count_descriptors();

        for (int i = 0; i < 150; i++) {
                int fd = connect_raw(bench);

                if (i % 3 == 0)
                        (void) send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL);
                if (i % 3 == 1)
                        (void) send(fd, client_hello, sizeof(client_hello) - 1, MSG_NOSIGNAL);
                if (i % 2)
                        (void) setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
                close(fd);
        }
        for (int i = 0; i < 20; i++) {
                CLEANUP(test_agent_free) TestAgent *agent = connect_agent(bench);
        }
        Deadline deadline = deadline_after_ms(WAIT_MS);
        while (count_descriptors() > before + 2 && !deadline_passed(deadline))
                clock_sleep_ms(20);
        assert_true(count_descriptors() <= before + 2);
}

/* One that says nothing has its place for the hello's time at most. */
static void silent_strangers_keep_an_agent_out_no_longer_than_their_time(void **state) {
        enum { STRANGERS = 150 }; /* two rounds and more */
        Bench *bench = *state;
        int sockets[STRANGERS];

        for (int i = 0; i < STRANGERS; i++)
                sockets[i] = connect_raw(bench);
        test_agent_free(connect_agent(bench));
        for (int i = 0; i < STRANGERS; i++)
                close(sockets[i]);
}

static void stopping_does_not_wait_for_those_at_the_door(void **state) {
        enum { STRANGERS = 100 };
        Bench *bench = *state;
        int sockets[STRANGERS];
        char byte = 0;

        for (int i = 0; i < STRANGERS; i++)
                sockets[i] = connect_raw(bench);
        hub_stop(bench->hub);
        for (int i = 0; i < STRANGERS; i++) {
                assert_true(recv(sockets[i], &byte, 1, 0) <= 0);
                close(sockets[i]);
        }
}

/* Each has its turn although many more come at once than are worked on at once. */
static void a_crowd_of_agents_is_whole_in_the_end(void **state) {
        enum { CROWD = 150 };
        Bench *bench = *state;
        TestAgent *crowd[CROWD];

        for (int i = 0; i < CROWD; i++)
                crowd[i] = dial(bench);
        for (int i = 0; i < CROWD; i++)
                test_agent_hello(
                        crowd[i], "agent-1", bench->authority->client_certificate,
                        bench->authority->client_key);
        assert_true(reaches(&bench->connected, CROWD));
        for (int i = 0; i < CROWD; i++)
                test_agent_free(crowd[i]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)
#define PATIENT(function) cmocka_unit_test_setup_teardown(function, start_patient, stop)
#define IMPATIENT(function) cmocka_unit_test_setup_teardown(function, start_impatient, stop)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(an_agent_that_proves_itself_is_welcome),
                TEST(a_join_token_gives_an_identity),
                PATIENT(workers_that_are_all_held_up_are_noticed),
                TEST(a_wrong_join_token_is_refused_for_good),
                TEST(a_proof_by_another_key_is_refused),
                TEST(a_certificate_is_good_for_its_own_agent_alone),
                TEST(a_revoked_agent_is_refused),
                TEST(another_major_version_is_told_so),
                TEST(nobody_gives_receipts_before_a_hello),
                TEST(who_says_nothing_is_sent_away),
                TEST(a_second_connection_replaces_the_first),
                TEST(a_task_reaches_its_agent),
                TEST(a_manifest_comes_with_the_url_of_its_pack),
                TEST(lines_are_acknowledged_when_they_are_stored),
                TEST(what_cannot_be_stored_is_not_acknowledged),
                TEST(a_flood_of_lines_is_held_up_and_none_is_lost),
                TEST(a_slow_agent_holds_up_nobody_else),
                TEST(an_agent_that_stops_reading_is_dropped),
                IMPATIENT(an_agent_that_falls_silent_is_missed),
                IMPATIENT(strangers_of_one_address_are_limited),
                TEST(silent_strangers_keep_an_agent_out_no_longer_than_their_time),
                TEST(stopping_does_not_wait_for_those_at_the_door),
                PATIENT(a_crowd_of_agents_is_whole_in_the_end),
                TEST(hostile_connections_leave_nothing_behind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

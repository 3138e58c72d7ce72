#include "harness/hub_bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "harness/ghost_test.h"

static bool on_enrol(
        void *context, const Ghost__Enrol *enrol, const char *address, HubEnrolment *ret, Error **err) {
        HubBench *bench = context;

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
        HubBench *bench = context;

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
        atomic_fetch_add(&((HubBench *) context)->connected, 1);
}

static void on_disconnected(void *context, const char *agent_id, const char *reason) {
        (void) agent_id, (void) reason;
        atomic_fetch_add(&((HubBench *) context)->disconnected, 1);
}

static void on_report(void *context, const char *agent_id, const Ghost__Report *report) {
        (void) agent_id, (void) report;
        atomic_fetch_add(&((HubBench *) context)->reports, 1);
}

static bool on_log_batch(
        void *context, const char *agent_id, const Ghost__LogBatch *batch, uint64_t *ret_next_line,
        Error **err) {
        HubBench *bench = context;

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
        HubBench *bench = context;

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
        HubBench *bench = xcalloc(1, sizeof(*bench));
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

int hub_bench_start(void **state) {
        return start_with(state, 5000, 200, 1000);
}

int hub_bench_start_impatient(void **state) {
        return start_with(state, 200, 3, 1000);
}

int hub_bench_start_patient(void **state) {
        return start_with(state, 5000, 200, 60000);
}

int hub_bench_stop(void **state) {
        HubBench *bench = *state;

        hub_stop(bench->hub);
        hub_free(bench->hub);
        test_authority_free(bench->authority);
        free(bench);
        return 0;
}

bool hub_bench_reaches(atomic_int *value, int wanted) {
        Deadline deadline = deadline_after_ms(HUB_BENCH_WAIT_MS);

        while (atomic_load(value) < wanted && !deadline_passed(deadline))
                clock_sleep_ms(5);
        return atomic_load(value) >= wanted;
}

TestAgent *hub_bench_dial(HubBench *bench) {
        return test_agent_dial(
                hub_port(bench->hub), bench->authority->certificate, bench->authority->client_certificate,
                bench->authority->client_key);
}

TestAgent *hub_bench_connect_agent(HubBench *bench) {
        TestAgent *agent = hub_bench_dial(bench);
        int before = atomic_load(&bench->connected);

        test_agent_hello(
                agent, "agent-1", bench->authority->client_certificate, bench->authority->client_key);
        CLEANUP(envelope_free)
        Ghost__Envelope *welcome = test_agent_expect(agent, GHOST__ENVELOPE__BODY_WELCOME);
        assert_non_null(welcome);
        assert_true(hub_bench_reaches(&bench->connected, before + 1));
        return agent;
}

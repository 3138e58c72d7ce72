#include "hub/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/certificate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

static const char hello_prefix[] = "ghost-hello-1";

void session_send(Session *session, Ghost__Envelope *envelope) {
        size_t length = 0;

        envelope->id = atomic_fetch_add(&session->last_id, 1) + 1;
        uint8_t *bytes = envelope_pack(envelope, &length);
        (void) link_send(session->link, bytes, length);
}

void session_challenge(Session *session) {
        Ghost__Challenge challenge = GHOST__CHALLENGE__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(challenge, CHALLENGE, &challenge);

        challenge.nonce = (ProtobufCBinaryData){ .data = session->nonce, .len = NONCE_BYTES };
        challenge.controller_version = (char *) GHOST_VERSION;
        session_send(session, &envelope);
}

static void farewell(Session *session) {
        session->farewell_ms = clock_monotonic_ms();
        atomic_store(&session->state, SESSION_FAREWELL);
}

void session_refuse(Session *session, const Error *why, bool final) {
        Ghost__Refusal refusal = GHOST__REFUSAL__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(refusal, REFUSAL, &refusal);

        refusal.kind = error_kind_to_wire(error_kind(why));
        refusal.message = (char *) error_message(why);
        refusal.final = final;
        session_send(session, &envelope);
        farewell(session);
}

void session_say_goodbye(Session *session, const char *reason, uint32_t retry_ms) {
        Ghost__Shutdown goodbye = GHOST__SHUTDOWN__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(shutdown, SHUTDOWN, &goodbye);

        goodbye.reason = (char *) reason;
        goodbye.retry_ms = retry_ms;
        session_send(session, &envelope);
}

/* ---- before welcome
 * -------------------------------------------------------------------------------------------- */

static void handle_enrol(Session *session, const SessionHost *host, const Ghost__Enrol *enrol) {
        CLEANUP(error_free) Error *why = NULL;
        HubEnrolment made = { 0 };
        Ghost__Enrolled enrolled = GHOST__ENROLLED__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(enrolled, ENROLLED, &enrolled);

        if (!host->events->enrol(host->events->context, enrol, link_address(session->link), &made, &why)) {
                log_warn("enrolment from %s refused: %s", link_address(session->link), error_message(why));
                session_refuse(session, why, error_kind(why) == ERROR_FORBIDDEN);
                return;
        }
        enrolled.agent_id = made.agent_id;
        enrolled.certificate = made.certificate;
        enrolled.release_key = (ProtobufCBinaryData){ .data = made.release_key, .len = ED25519_KEY_BYTES };
        session_send(session, &envelope);
        farewell(session);
        free(made.agent_id);
        free(made.certificate);
}

/* The stream does not tell which certificate it was opened with, so the hello proves it: a signature over our
 * fresh nonce. */
static bool check_proof(const Session *session, const Ghost__Hello *hello, Error **err) {
        uint8_t signed_bytes[sizeof(hello_prefix) + NONCE_BYTES + 64];
        size_t id_length = strlen(hello->agent_id), at = sizeof(hello_prefix) - 1;

        if (id_length > 64)
                return error_set(err, ERROR_FORBIDDEN, "no such agent");
        memcpy(signed_bytes, hello_prefix, at);
        memcpy(signed_bytes + at, session->nonce, NONCE_BYTES);
        memcpy(signed_bytes + at + NONCE_BYTES, hello->agent_id, id_length);
        return certificate_verify_signature(
                       hello->certificate, signed_bytes, at + NONCE_BYTES + id_length, hello->proof.data,
                       hello->proof.len, err) ||
               error_prefix(err, "proof of the agent's key");
}

static bool check_identity(
        const Session *session, const SessionHost *host, const Ghost__Hello *hello, Error **err) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };

        if (!certificate_verify(
                    hello->certificate, host->spec->authority_certificate, CERTIFICATE_CLIENT, err) ||
            !certificate_read(hello->certificate, &facts, err) || !check_proof(session, hello, err))
                return false;
        if (strcmp(facts.common_name, hello->agent_id) != 0)
                return error_set(err, ERROR_FORBIDDEN, "the certificate is another agent's");
        return host->events->authenticate(host->events->context, hello->agent_id, facts.fingerprint, err);
}

static void handle_hello(Session *session, const SessionHost *host, const Ghost__Hello *hello) {
        CLEANUP(error_free) Error *why = NULL;
        Ghost__Welcome welcome = GHOST__WELCOME__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(welcome, WELCOME, &welcome);
        const LinkLimits limits = {
                .queue_bytes = host->spec->queue_bytes,
                .send_timeout_ms = (int) (3 * host->spec->heartbeat_ms),
                .receive_timeout_ms = (int) (3 * host->spec->heartbeat_ms),
                .frame_max = LINK_FRAME_MAX_AGENT,
        };

        if (!check_identity(session, host, hello, &why)) {
                log_warn("agent at %s refused: %s", link_address(session->link), error_message(why));
                session_refuse(session, why, error_kind(why) == ERROR_FORBIDDEN);
                return;
        }
        session->agent_id = xstrdup(hello->agent_id);
        link_set_limits(session->link, &limits);
        welcome.heartbeat_ms = (uint32_t) host->spec->heartbeat_ms;
        welcome.max_chunk_bytes = host->spec->chunk_bytes;
        session_send(session, &envelope);
        host->ready(session->hub, session);
        host->events->connected(host->events->context, hello, link_address(session->link));
}

static void handle_stranger(Session *session, const SessionHost *host, const Ghost__Envelope *envelope) {
        if (envelope->body_case == GHOST__ENVELOPE__BODY_ENROL)
                handle_enrol(session, host, envelope->enrol);
        else if (envelope->body_case == GHOST__ENVELOPE__BODY_HELLO)
                handle_hello(session, host, envelope->hello);
        else
                link_close(session->link, "spoke before it said who it is");
}

/* ---- after welcome
 * ----------------------------------------------------------------------------------------------- */

static void handle_log_batch(Session *session, const SessionHost *host, const Ghost__LogBatch *batch) {
        CLEANUP(error_free) Error *why = NULL;
        Ghost__LogAck ack = GHOST__LOG_ACK__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(log_ack, LOG_ACK, &ack);
        uint64_t next_line = 0;

        LOG_SCOPE("job", batch->job_id);
        if (!host->events->log_batch(host->events->context, session->agent_id, batch, &next_line, &why)) {
                /* Not acknowledged: the agent keeps the lines and sends them again on its next connection. */
                log_error("log lines of agent %s: %s", session->agent_id, error_message(why));
                link_close(session->link, "log lines cannot be stored");
                return;
        }
        ack.task_id = batch->task_id;
        ack.next_line = next_line;
        session_send(session, &envelope);
}

static void handle_receipt(Session *session, const SessionHost *host, const Ghost__Receipt *receipt) {
        CLEANUP(error_free) Error *why = NULL;
        Ghost__ReceiptAck ack = GHOST__RECEIPT_ACK__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(receipt_ack, RECEIPT_ACK, &ack);

        LOG_SCOPE("job", receipt->job_id);
        if (!host->events->receipt(host->events->context, session->agent_id, receipt, &why)) {
                log_error("receipt of agent %s: %s", session->agent_id, error_message(why));
                link_close(session->link, "a receipt cannot be stored");
                return;
        }
        ack.task_id = receipt->task_id;
        session_send(session, &envelope);
}

void hub_manifest_clear(HubManifest *manifest) {
        if (manifest->pack_url)
                crypto_wipe(manifest->pack_url, strlen(manifest->pack_url));
        free(manifest->pack_url);
        free(manifest->bytes);
        *manifest = (HubManifest){ 0 };
}

static void handle_manifest_request(
        Session *session, const SessionHost *host, const Ghost__Envelope *request) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(hub_manifest_clear) HubManifest manifest = { 0 };
        Ghost__ManifestReply reply = GHOST__MANIFEST_REPLY__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(manifest_reply, MANIFEST_REPLY, &reply);

        envelope.reply_to = request->id;
        if (host->events->manifest(
                    host->events->context, session->agent_id, request->manifest_request->manifest_sha256,
                    &manifest, &why)) {
                reply.manifest = (ProtobufCBinaryData){ .data = manifest.bytes, .len = manifest.length };
                reply.signature = (ProtobufCBinaryData){ .data = manifest.signature,
                                                         .len = sizeof(manifest.signature) };
                if (manifest.pack_url)
                        reply.pack_url = manifest.pack_url;
                reply.pack_url_expires_us = manifest.pack_url_expires_us;
        } else {
                reply.error = error_kind_to_wire(error_kind(why));
                reply.message = (char *) error_message(why);
        }
        session_send(session, &envelope);
}

static void handle_pack_request(Session *session, const SessionHost *host, const Ghost__Envelope *request) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) uint8_t *bytes = NULL;
        Ghost__PackData reply = GHOST__PACK_DATA__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(pack_data, PACK_DATA, &reply);
        const Ghost__PackRequest *wanted = request->pack_request;
        uint64_t length = wanted->length < host->spec->chunk_bytes ? wanted->length : host->spec->chunk_bytes;
        size_t got = 0;

        envelope.reply_to = request->id;
        reply.offset = wanted->offset;
        if (host->events->pack(
                    host->events->context, session->agent_id, wanted, length, &bytes, &got, &why)) {
                reply.data = (ProtobufCBinaryData){ .data = bytes, .len = got };
        } else {
                reply.error = error_kind_to_wire(error_kind(why));
                reply.message = (char *) error_message(why);
        }
        session_send(session, &envelope);
}

static void handle_renew(Session *session, const SessionHost *host, const Ghost__Envelope *request) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *certificate = NULL;
        Ghost__Renewed renewed = GHOST__RENEWED__INIT;
        Ghost__Envelope envelope = ENVELOPE_OF(renewed, RENEWED, &renewed);

        if (!host->events->renew(
                    host->events->context, session->agent_id, request->renew->certificate_request,
                    &certificate, &why)) {
                log_warn("renewal of agent %s: %s", session->agent_id, error_message(why));
                return;
        }
        envelope.reply_to = request->id;
        renewed.certificate = certificate;
        session_send(session, &envelope);
}

static void handle_agent(Session *session, const SessionHost *host, const Ghost__Envelope *envelope) {
        const HubEvents *events = host->events;

        switch ((int) envelope->body_case) {
        case GHOST__ENVELOPE__BODY_LOG_BATCH:
                handle_log_batch(session, host, envelope->log_batch);
                break;
        case GHOST__ENVELOPE__BODY_RECEIPT:
                handle_receipt(session, host, envelope->receipt);
                break;
        case GHOST__ENVELOPE__BODY_TASK_PROGRESS:
                events->progress(events->context, session->agent_id, envelope->task_progress);
                break;
        case GHOST__ENVELOPE__BODY_REPORT:
                events->report(events->context, session->agent_id, envelope->report);
                break;
        case GHOST__ENVELOPE__BODY_MANIFEST_REQUEST:
                handle_manifest_request(session, host, envelope);
                break;
        case GHOST__ENVELOPE__BODY_PACK_REQUEST:
                handle_pack_request(session, host, envelope);
                break;
        case GHOST__ENVELOPE__BODY_RENEW:
                handle_renew(session, host, envelope);
                break;
        case GHOST__ENVELOPE__BODY_SHUTDOWN:
                link_close(session->link, "the agent stopped");
                break;
        default: /* heartbeats, acceptances, and what a newer minor version may say */
                break;
        }
}

void session_handle(Session *session, const SessionHost *host, const uint8_t *bytes, size_t length) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(envelope_free) Ghost__Envelope *envelope = NULL;
        int state = atomic_load(&session->state);

        if (state == SESSION_FAREWELL)
                return;
        envelope = envelope_unpack(bytes, length, &why);
        if (!envelope) {
                log_warn("%s %s", link_address(session->link), error_message(why));
                session_refuse(session, why, true);
        } else if (state == SESSION_READY) {
                handle_agent(session, host, envelope);
        } else {
                handle_stranger(session, host, envelope);
        }
}

void session_free(Session *session) {
        link_free(session->link);
        for (size_t i = 0; i < session->inbox_count; i++)
                free(session->inbox[(session->inbox_first + i) % INBOX_MAX].bytes);
        free(session->agent_id);
        free(session->closed_reason);
        free(session);
}

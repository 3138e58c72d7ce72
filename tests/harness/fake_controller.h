/* The controller's end of the link, played by the test itself: it answers what an agent says while the test
 * waits for something, and can be told to hold back, to damage, to forge and to cut. One agent, one thread.
 */
#pragma once

#include <pthread.h>

#include "base/certificate.h"
#include "harness/package_maker.h"
#include "harness/socket_channel.h"

/* cmocka's assertions end the test, which the compiler cannot know. */
#pragma GCC diagnostic ignored "-Wnull-dereference"

enum { FAKE_PACKAGES = 8, FAKE_RECEIPTS = 32 };

typedef struct FakeController {
        char *address;
        int listener, connection; /* connection -1: none */
        SigningKey *key;
        Authority *authority;
        char *authority_pem;
        char agent_id[25];
        PackageMaker *packages[FAKE_PACKAGES]; /* borrowed */
        Ghost__Receipt *receipts[FAKE_RECEIPTS];
        unsigned receipt_count;
        Text log;           /* all lines, of all tasks, as they came */
        StringList streams; /* task ids; line counts beside them */
        uint64_t next_lines[FAKE_RECEIPTS];
        uint64_t pack_bytes_sent, hold_pack_after; /* 0: never held */
        unsigned enrolments, sessions, heartbeats, lost_acks, lost_enrolments;
        char *request; /* of an enrolment whose answer was lost */
        bool damage_pack, welcome, held;
        uint64_t id;
} FakeController;

static inline FakeController *fake_controller_new(const char *folder) {
        FakeController *fake = xcalloc(1, sizeof(*fake));
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        CLEANUP(free) char *key_pem = NULL;

        fake->address = xasprintf("%s/link", folder);
        fake->connection = -1;
        fake->key = signing_key_new();
        snprintf(fake->agent_id, sizeof(fake->agent_id), "%s", "65a000000000000000000001");
        assert_ok(authority_create("test", 2, &fake->authority_pem, &key_pem, err));
        CLEANUP(error_free) Error *problem = NULL;
        fake->authority = authority_open(fake->authority_pem, key_pem, &problem);
        assert_non_null(fake->authority);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", fake->address);
        fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fake->listener, (struct sockaddr *) &address, sizeof(address)), 0);
        assert_int_equal(listen(fake->listener, 8), 0);
        return fake;
}

static inline void fake_cut(FakeController *fake) {
        if (fake->connection >= 0)
                close(fake->connection);
        fake->connection = -1;
        fake->welcome = false;
}

static inline void fake_controller_free(FakeController *fake) {
        fake_cut(fake);
        close(fake->listener);
        for (unsigned i = 0; i < fake->receipt_count; i++)
                ghost__receipt__free_unpacked(fake->receipts[i], NULL);
        signing_key_free(fake->key);
        authority_free(fake->authority);
        free(fake->authority_pem);
        free(fake->request);
        free(fake->address);
        text_clear(&fake->log);
        string_list_clear(&fake->streams);
        free(fake);
}

static inline void fake_send(FakeController *fake, Ghost__Envelope *envelope) {
        envelope->major = 1;
        envelope->minor = 7; /* newer than the agent: it must not mind */
        envelope->id = ++fake->id;
        size_t length = ghost__envelope__get_packed_size(envelope);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);
        ghost__envelope__pack(envelope, packed);
        if (!socket_send_frame(fake->connection, packed, length))
                fake_cut(fake);
}

#define FAKE_ENVELOPE(envelope, CASE, member, body)                                                          \
        Ghost__Envelope envelope = GHOST__ENVELOPE__INIT;                                                    \
        envelope.body_case = GHOST__ENVELOPE__BODY_##CASE;                                                   \
        envelope.member = &(body)

static inline void fake_accept(FakeController *fake) {
        Ghost__Challenge challenge = GHOST__CHALLENGE__INIT;
        static const uint8_t nonce[32] = { 1, 2, 3 };

        fake->connection = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
        challenge.nonce = (ProtobufCBinaryData){ sizeof(nonce), (uint8_t *) nonce };
        FAKE_ENVELOPE(envelope, CHALLENGE, challenge, challenge);
        fake_send(fake, &envelope);
}

static inline void fake_enrol(FakeController *fake, const Ghost__Enrol *enrol) {
        Ghost__Enrolled enrolled = GHOST__ENROLLED__INIT;
        Ghost__Refusal refusal = GHOST__REFUSAL__INIT;
        const CertificateSpec spec = { fake->agent_id, NULL, CERTIFICATE_CLIENT, 3600 };
        CLEANUP(free) char *certificate = NULL;
        uint8_t key[ED25519_KEY_BYTES];

        if (strcmp(enrol->token, "join") != 0) {
                refusal.message = (char *) "the token was used already";
                refusal.final = true;
                FAKE_ENVELOPE(no, REFUSAL, refusal, refusal);
                fake_send(fake, &no);
                fake_cut(fake);
                return;
        }
        /* A token goes with one request: another one would be refused. */
        if (fake->request)
                assert_string_equal(enrol->certificate_request, fake->request);
        free(fake->request);
        fake->request = NULL;
        if (fake->lost_enrolments > 0) {
                fake->lost_enrolments--;
                fake->request = xstrdup(enrol->certificate_request);
                fake_cut(fake);
                return;
        }
        assert_ok(authority_sign(fake->authority, enrol->certificate_request, &spec, &certificate, err));
        signing_key_public(fake->key, key);
        enrolled.agent_id = fake->agent_id;
        enrolled.certificate = certificate;
        enrolled.release_key = (ProtobufCBinaryData){ sizeof(key), key };
        FAKE_ENVELOPE(envelope, ENROLLED, enrolled, enrolled);
        fake_send(fake, &envelope);
        fake_cut(fake);
        fake->enrolments++;
}

static inline void fake_welcome(FakeController *fake, const Ghost__Hello *hello) {
        static const uint8_t nonce[32] = { 1, 2, 3 };
        Ghost__Welcome welcome = GHOST__WELCOME__INIT;
        CLEANUP(text_clear) Text message = { 0 };

        assert_string_equal(hello->agent_id, fake->agent_id);
        text_append(&message, "ghost-hello-1");
        text_append_bytes(&message, nonce, sizeof(nonce));
        text_append(&message, hello->agent_id);
        assert_ok(certificate_verify_signature(
                hello->certificate, message.data, message.length, hello->proof.data, hello->proof.len, err));
        welcome.heartbeat_ms = 1000;
        welcome.max_chunk_bytes = 64 << 10;
        FAKE_ENVELOPE(envelope, WELCOME, welcome, welcome);
        fake_send(fake, &envelope);
        fake->welcome = true;
        fake->sessions++;
}

static inline PackageMaker *fake_package(const FakeController *fake, const char *sha256) {
        for (int i = 0; i < FAKE_PACKAGES; i++)
                if (fake->packages[i] && text_equal(fake->packages[i]->sha256, sha256))
                        return fake->packages[i];
        return NULL;
}

static inline void fake_manifest(FakeController *fake, const Ghost__Envelope *question) {
        PackageMaker *package = fake_package(fake, question->manifest_request->manifest_sha256);
        Ghost__ManifestReply none = GHOST__MANIFEST_REPLY__INIT;

        none.error = GHOST__ERROR_KIND__ERROR_KIND_NOT_FOUND;
        none.message = (char *) "no such package";
        FAKE_ENVELOPE(envelope, MANIFEST_REPLY, manifest_reply, none);
        if (package)
                envelope.manifest_reply = &package->reply;
        envelope.reply_to = question->id;
        fake_send(fake, &envelope);
}

static inline void fake_pack(FakeController *fake, const Ghost__Envelope *question) {
        const Ghost__PackRequest *request = question->pack_request;
        PackageMaker *package = fake_package(fake, request->manifest_sha256);
        Ghost__PackData data = GHOST__PACK_DATA__INIT;

        assert_non_null(package);
        assert_true(request->offset + request->length <= package->pack.length);
        if (fake->hold_pack_after && fake->pack_bytes_sent >= fake->hold_pack_after) {
                fake->held = true;
                return;
        }
        CLEANUP(free) uint8_t *bytes = xmemdup(package->pack.data + request->offset, request->length);
        if (fake->damage_pack)
                bytes[request->length / 2] ^= 1;
        data.offset = request->offset;
        data.data = (ProtobufCBinaryData){ request->length, bytes };
        FAKE_ENVELOPE(envelope, PACK_DATA, pack_data, data);
        envelope.reply_to = question->id;
        fake_send(fake, &envelope);
        fake->pack_bytes_sent += request->length;
}

static inline uint64_t *fake_stream(FakeController *fake, const char *task_id) {
        for (size_t i = 0; i < fake->streams.count; i++)
                if (text_equal(fake->streams.items[i], task_id))
                        return &fake->next_lines[i];
        assert_true(fake->streams.count < FAKE_RECEIPTS);
        string_list_add(&fake->streams, task_id);
        return &fake->next_lines[fake->streams.count - 1];
}

/* As the controller: what it has is skipped, a gap would be a lost line. lost_acks: acknowledgements that
 * never arrive. */
static inline void fake_lines(FakeController *fake, const Ghost__LogBatch *batch) {
        uint64_t *next = fake_stream(fake, batch->task_id), line = batch->first_line;
        const char *at = (const char *) batch->lines.data, *end = at + batch->lines.len;
        Ghost__LogAck ack = GHOST__LOG_ACK__INIT;

        assert_true(batch->first_line <= *next);
        for (const char *newline; at < end && (newline = memchr(at, '\n', (size_t) (end - at)));
             at = newline + 1, line++) {
                if (line < *next)
                        continue;
                text_append_bytes(&fake->log, at, (size_t) (newline + 1 - at));
                (*next)++;
        }
        assert_ptr_equal(at, end);
        assert_int_equal(line, batch->first_line + batch->line_count);
        if (fake->lost_acks > 0) {
                fake->lost_acks--;
                return;
        }
        ack.task_id = batch->task_id;
        ack.next_line = *next;
        FAKE_ENVELOPE(envelope, LOG_ACK, log_ack, ack);
        fake_send(fake, &envelope);
}

static inline void fake_receipt(FakeController *fake, Ghost__Envelope *message) {
        Ghost__ReceiptAck ack = GHOST__RECEIPT_ACK__INIT;

        assert_true(fake->receipt_count < FAKE_RECEIPTS);
        fake->receipts[fake->receipt_count++] = message->receipt;
        ack.task_id = message->receipt->task_id;
        message->body_case = GHOST__ENVELOPE__BODY__NOT_SET;
        FAKE_ENVELOPE(envelope, RECEIPT_ACK, receipt_ack, ack);
        fake_send(fake, &envelope);
}

static inline void fake_answer(FakeController *fake, Ghost__Envelope *message) {
        Ghost__Heartbeat heartbeat = GHOST__HEARTBEAT__INIT;

        if (message->body_case == GHOST__ENVELOPE__BODY_ENROL)
                fake_enrol(fake, message->enrol);
        else if (message->body_case == GHOST__ENVELOPE__BODY_HELLO)
                fake_welcome(fake, message->hello);
        else if (message->body_case == GHOST__ENVELOPE__BODY_MANIFEST_REQUEST)
                fake_manifest(fake, message);
        else if (message->body_case == GHOST__ENVELOPE__BODY_PACK_REQUEST)
                fake_pack(fake, message);
        else if (message->body_case == GHOST__ENVELOPE__BODY_LOG_BATCH)
                fake_lines(fake, message->log_batch);
        else if (message->body_case == GHOST__ENVELOPE__BODY_RECEIPT)
                fake_receipt(fake, message);
        else if (message->body_case == GHOST__ENVELOPE__BODY_HEARTBEAT) {
                fake->heartbeats++;
                FAKE_ENVELOPE(envelope, HEARTBEAT, heartbeat, heartbeat);
                fake_send(fake, &envelope);
        }
}

/* Takes one message or one new connection; what came last is the agent's one connection. */
static inline void fake_step(FakeController *fake, int timeout_ms) {
        struct pollfd wait[2] = {
                { .fd = fake->listener, .events = POLLIN },
                { .fd = fake->connection, .events = POLLIN },
        };
        uint8_t *bytes = NULL;
        size_t length = 0;

        if (poll(wait, 2, timeout_ms) <= 0)
                return;
        if (wait[0].revents) {
                fake_cut(fake);
                fake_accept(fake);
                return;
        }
        int got = socket_receive_frame(fake->connection, 0, &bytes, &length);
        if (got < 0)
                fake_cut(fake);
        if (got <= 0)
                return;
        Ghost__Envelope *message = ghost__envelope__unpack(NULL, length, bytes);
        free(bytes);
        assert_non_null(message);
        fake_answer(fake, message);
        ghost__envelope__free_unpacked(message, NULL);
}

#define fake_until(fake, condition)                                                                          \
        do {                                                                                                 \
                Deadline _deadline = deadline_after_ms(20000);                                               \
                while (!(condition)) {                                                                       \
                        if (deadline_passed(_deadline))                                                      \
                                fail_msg("waited in vain for: %s", #condition);                              \
                        fake_step(fake, 50);                                                                 \
                }                                                                                            \
        } while (0)

static inline void fake_order(FakeController *fake, const Ghost__Order *order, bool forge) {
        static const char context[] = "ghost-order-1";
        size_t length = ghost__order__get_packed_size(order);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);
        CLEANUP(text_clear) Text message = { 0 };
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        Ghost__Task task = GHOST__TASK__INIT;

        ghost__order__pack(order, packed);
        text_append(&message, context);
        text_append_bytes(&message, packed, length);
        signing_key_sign(fake->key, message.data, message.length, signature);
        signature[3] ^= forge;
        task.order = (ProtobufCBinaryData){ length, packed };
        task.signature = (ProtobufCBinaryData){ sizeof(signature), signature };
        FAKE_ENVELOPE(envelope, TASK, task, task);
        fake_until(fake, fake->welcome);
        fake_send(fake, &envelope);
}

static inline Ghost__Receipt *fake_receipt_of(FakeController *fake, const char *task_id) {
        for (unsigned i = fake->receipt_count; i-- > 0;)
                if (text_equal(fake->receipts[i]->task_id, task_id))
                        return fake->receipts[i];
        return NULL;
}

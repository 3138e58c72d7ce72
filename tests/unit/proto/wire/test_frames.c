/* What other versions of Ghost said (tests/frames), read with the code of today. */
#include "harness/temp_folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/certificate.h"
#include "base/crypto.h"
#include "wire/envelope.h"

enum { ID_LENGTH = 24, NONCE_LENGTH = 32, FRAME_MAX = 1 << 20 };

static bool is_hex(const char *text, size_t length) {
        return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static void assert_facts(const Ghost__Facts *facts) {
        assert_non_null(facts);
        assert_true(text_starts_with(facts->instance_id, "i-"));
        assert_true(text_starts_with(facts->region, "eu-"));
        assert_true(*facts->private_ip && *facts->kernel && *facts->architecture);
}

static void check_challenge(const Ghost__Envelope *envelope) {
        assert_int_equal(envelope->challenge->nonce.len, NONCE_LENGTH);
        assert_true(*envelope->challenge->controller_version);
}

static void check_enrol(const Ghost__Envelope *envelope) {
        assert_true(strlen(envelope->enrol->token) > 20);
        assert_non_null(strstr(envelope->enrol->certificate_request, "CERTIFICATE REQUEST"));
        assert_facts(envelope->enrol->facts);
}

static void assert_certificate_of(const char *pem, const char *agent_id) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };

        assert_ok(certificate_read(pem, &facts, err));
        if (agent_id)
                assert_string_equal(facts.common_name, agent_id);
}

static void check_enrolled(const Ghost__Envelope *envelope) {
        assert_true(is_hex(envelope->enrolled->agent_id, ID_LENGTH));
        assert_certificate_of(envelope->enrolled->certificate, envelope->enrolled->agent_id);
        assert_int_equal(envelope->enrolled->release_key.len, ED25519_KEY_BYTES);
}

static void check_hello(const Ghost__Envelope *envelope) {
        assert_certificate_of(envelope->hello->certificate, envelope->hello->agent_id);
        assert_in_range(envelope->hello->proof.len, 60, 80);
        assert_facts(envelope->hello->facts);
        assert_true(*envelope->hello->boot_id && *envelope->hello->agent_version);
}

static void check_welcome(const Ghost__Envelope *envelope) {
        assert_true(envelope->welcome->heartbeat_ms >= 200);
        assert_true(envelope->welcome->max_chunk_bytes >= 4096);
}

static void check_heartbeat(const Ghost__Envelope *envelope) {
        assert_true(envelope->heartbeat->sent_us > 0);
}

static void check_shutdown(const Ghost__Envelope *envelope) {
        assert_true(*envelope->shutdown->reason);
}

static void check_renew(const Ghost__Envelope *envelope) {
        assert_non_null(strstr(envelope->renew->certificate_request, "CERTIFICATE REQUEST"));
}

static void check_renewed(const Ghost__Envelope *envelope) {
        assert_certificate_of(envelope->renewed->certificate, NULL);
}

static void check_deploy(const Ghost__DeployModule *deploy) {
        assert_string_equal(deploy->module, "site");
        assert_true(is_hex(deploy->manifest_sha256, SHA256_HEX));
        assert_true(deploy->keep_releases >= 2 && deploy->hook_timeout_ms > 0);
        assert_non_null(deploy->health);
        assert_int_equal(deploy->health->kind, GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND);
        assert_true(text_starts_with((const char *) deploy->health->command.data, "#!/bin/sh"));
}

static void assert_order_means_what_it_meant(const Ghost__Order *order) {
        switch ((int) order->action_case) {
        case GHOST__ORDER__ACTION_DEPLOY_MODULE:
                check_deploy(order->deploy_module);
                break;
        case GHOST__ORDER__ACTION_RESTORE_MODULE:
                assert_string_equal(order->restore_module->module, "site");
                break;
        case GHOST__ORDER__ACTION_BOOTSTRAP:
                assert_non_null(order->bootstrap->pre_bootstrap);
                assert_true(order->bootstrap->n_environment > 0);
                break;
        case GHOST__ORDER__ACTION_RUN_SCRIPT:
                assert_true(order->run_script->script->content.len > 0);
                break;
        case GHOST__ORDER__ACTION_CLEAN_IMAGE:
                assert_non_null(order->clean_image);
                break;
        default:
                fail_msg("an order of no known action");
        }
}

static void assert_known(const ProtobufCMessage *message);

static void check_task(const Ghost__Envelope *envelope) {
        const Ghost__Task *task = envelope->task;
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);

        assert_int_equal(task->signature.len, ED25519_SIGNATURE_BYTES);
        assert_non_null(order);
        assert_known(&order->base);
        assert_true(*order->task_id && is_hex(order->agent_id, ID_LENGTH));
        assert_true(order->expires_us > order->issued_us && order->timeout_ms > 0);
        assert_order_means_what_it_meant(order);
        ghost__order__free_unpacked(order, NULL);
}

static void check_accepted(const Ghost__Envelope *envelope) {
        assert_true(*envelope->task_accepted->task_id);
}

static void check_progress(const Ghost__Envelope *envelope) {
        assert_true(*envelope->task_progress->task_id && *envelope->task_progress->stage);
}

static void check_receipt(const Ghost__Envelope *envelope) {
        const Ghost__Receipt *receipt = envelope->receipt;

        assert_true(*receipt->task_id);
        assert_int_equal(receipt->ok, receipt->kind == GHOST__ERROR_KIND__ERROR_KIND_NONE);
        assert_int_equal(receipt->ok, !*receipt->message);
        for (size_t i = 0; i < receipt->n_modules; i++)
                assert_string_equal(receipt->modules[i]->module, "site");
}

static void check_receipt_ack(const Ghost__Envelope *envelope) {
        assert_true(*envelope->receipt_ack->task_id);
}

static void check_cancel(const Ghost__Envelope *envelope) {
        assert_true(*envelope->cancel->task_id);
}

static void check_log_batch(const Ghost__Envelope *envelope) {
        const Ghost__LogBatch *batch = envelope->log_batch;
        size_t lines = 0;

        for (size_t i = 0; i < batch->lines.len; i++)
                lines += batch->lines.data[i] == '\n';
        assert_int_equal(lines, batch->line_count);
        assert_true(lines > 0 && batch->stream_bytes >= batch->lines.len);
        assert_true(is_hex(batch->job_id, ID_LENGTH) && *batch->task_id);
}

static void check_log_ack(const Ghost__Envelope *envelope) {
        assert_true(*envelope->log_ack->task_id && envelope->log_ack->next_line > 0);
}

static void check_manifest_request(const Ghost__Envelope *envelope) {
        assert_true(is_hex(envelope->manifest_request->manifest_sha256, SHA256_HEX));
}

static void check_manifest_reply(const Ghost__Envelope *envelope) {
        const Ghost__ManifestReply *reply = envelope->manifest_reply;
        Ghost__Manifest *manifest = ghost__manifest__unpack(NULL, reply->manifest.len, reply->manifest.data);

        assert_int_equal(reply->signature.len, ED25519_SIGNATURE_BYTES);
        assert_true(envelope->reply_to > 0);
        assert_non_null(manifest);
        assert_known(&manifest->base);
        assert_string_equal(manifest->module, "site");
        assert_string_equal(manifest->path, "/srv/site");
        assert_int_equal(manifest->pack_sha256.len, SHA256_BYTES);
        assert_true(manifest->n_entries >= 3 && manifest->n_frames >= 1 && manifest->post_deploy.len > 0);
        ghost__manifest__free_unpacked(manifest, NULL);
}

static void check_pack_request(const Ghost__Envelope *envelope) {
        assert_true(is_hex(envelope->pack_request->manifest_sha256, SHA256_HEX));
        assert_true(envelope->pack_request->length > 0);
}

static void check_pack_data(const Ghost__Envelope *envelope) {
        assert_true(envelope->reply_to > 0 && envelope->pack_data->data.len > 0);
}

static void check_report(const Ghost__Envelope *envelope) {
        assert_facts(envelope->report->facts);
        assert_true(envelope->report->disk_free_bytes > 0);
}

/* In the order of ghost.proto. */
static const struct {
        const char *name;
        void (*check)(const Ghost__Envelope *envelope);
} kinds[] = {
        { "challenge", check_challenge },
        { "enrol", check_enrol },
        { "enrolled", check_enrolled },
        { "hello", check_hello },
        { "welcome", check_welcome },
        { "heartbeat", check_heartbeat },
        { "shutdown", check_shutdown },
        { "renew", check_renew },
        { "renewed", check_renewed },
        { "task-deploy_module", check_task },
        { "task-restore_module", check_task },
        { "task-bootstrap", check_task },
        { "task-run_script", check_task },
        { "task-clean_image", check_task },
        { "task_accepted", check_accepted },
        { "task_progress", check_progress },
        { "receipt", check_receipt },
        { "receipt-failed", check_receipt },
        { "receipt_ack", check_receipt_ack },
        { "cancel", check_cancel },
        { "log_batch", check_log_batch },
        { "log_ack", check_log_ack },
        { "manifest_request", check_manifest_request },
        { "manifest_reply", check_manifest_reply },
        { "pack_request", check_pack_request },
        { "pack_data", check_pack_data },
        { "report", check_report },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* No field that today's code does not know, at any depth. */
static void assert_known(const ProtobufCMessage *message) {
        if (message->n_unknown_fields > 0)
                fail_msg(
                        "%s: field %u is not known any more", message->descriptor->name,
                        message->unknown_fields[0].tag);
        for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
                const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
                const char *base = (const char *) message;
                unsigned chosen = 0;

                if (field->type != PROTOBUF_C_TYPE_MESSAGE)
                        continue;
                if (field->label == PROTOBUF_C_LABEL_REPEATED) {
                        size_t count = *(const size_t *) (const void *) (base + field->quantifier_offset);
                        ProtobufCMessage *const *items =
                                *(ProtobufCMessage *const *const *) (const void *) (base + field->offset);
                        for (size_t at = 0; at < count; at++)
                                assert_known(items[at]);
                        continue;
                }
                if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
                        memcpy(&chosen, base + field->quantifier_offset, sizeof(chosen));
                        if (chosen != field->id)
                                continue;
                }
                const ProtobufCMessage *inner =
                        *(const ProtobufCMessage *const *) (const void *) (base + field->offset);
                if (inner)
                        assert_known(inner);
        }
}

static void read_frame(const char *folder, const char *name, size_t kind) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        CLEANUP(free) char *bytes = NULL;
        CLEANUP(envelope_free) Ghost__Envelope *envelope = NULL;
        size_t length = 0;

        assert_ok(file_read(path, FRAME_MAX, &bytes, &length, err));
        assert_ok((envelope = envelope_unpack((const uint8_t *) bytes, length, err)) != NULL);
        assert_known(&envelope->base);
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
                &ghost__envelope__descriptor, (unsigned) envelope->body_case);
        assert_non_null(field);
        assert_true(text_starts_with(name, field->name));
        kinds[kind].check(envelope);
}

static size_t find_kind(const char *file) {
        CLEANUP(free) char *name = xstrndup(file, strlen(file) - strlen(".bin"));
        size_t at = 0;

        while (at < KINDS && strcmp(kinds[at].name, name) != 0)
                at++;
        if (at == KINDS)
                fail_msg("%s: nothing says what it means; add a row", file);
        return at;
}

static void read_folder(const char *folder, bool *seen) {
        DIR *open = opendir(folder);

        assert_non_null(open);
        for (struct dirent *entry; (entry = readdir(open));)
                if (text_ends_with(entry->d_name, ".bin")) {
                        size_t kind = find_kind(entry->d_name);
                        read_frame(folder, entry->d_name, kind);
                        seen[kind] = true;
                }
        closedir(open);
}

static void every_version_is_understood(void **state) {
        const char *root = getenv("GHOST_SOURCE_ROOT"); /* NOLINT(concurrency-mt-unsafe) */
        CLEANUP(free) char *frames = xasprintf("%s/tests/frames", root ? root : ".");
        DIR *open = opendir(frames);
        size_t versions = 0;

        (void) state;
        assert_non_null(open);
        for (struct dirent *entry; (entry = readdir(open));) {
                bool seen[KINDS] = { false };
                CLEANUP(free) char *to_agent = xasprintf("%s/%s/to-agent", frames, entry->d_name);
                CLEANUP(free) char *to_controller = xasprintf("%s/%s/to-controller", frames, entry->d_name);

                if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
                        continue;
                read_folder(to_agent, seen);
                read_folder(to_controller, seen);
                for (size_t kind = 0; kind < KINDS; kind++)
                        if (!seen[kind])
                                fail_msg("%s: there is no %s", entry->d_name, kinds[kind].name);
                versions++;
        }
        closedir(open);
        assert_true(versions > 0);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(every_version_is_understood) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

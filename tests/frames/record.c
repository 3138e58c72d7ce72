/* Linked into a controller in front of its envelopes (-Wl,--wrap), keeps the first frame of each kind that it
 * says or hears as $GHOST_FRAMES/to-agent/KIND.bin and to-controller/KIND.bin: see README.md. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "wire/envelope.h"

/* The linker's own names. */
/* NOLINTBEGIN(readability-identifier-naming) */
uint8_t *__real_envelope_pack(Ghost__Envelope *envelope, size_t *ret_length);
uint8_t *__wrap_envelope_pack(Ghost__Envelope *envelope, size_t *ret_length);
Ghost__Envelope *__real_envelope_unpack(const uint8_t *bytes, size_t length, Error **err);
Ghost__Envelope *__wrap_envelope_unpack(const uint8_t *bytes, size_t length, Error **err);

static const char *name_of(const ProtobufCMessageDescriptor *descriptor, int number) {
        const ProtobufCFieldDescriptor *field =
                protobuf_c_message_descriptor_get_field(descriptor, (unsigned) number);

        return field ? field->name : "none";
}

/* "task-deploy_module", "receipt", "receipt-failed". Caller frees. */
static char *kind_of(const Ghost__Envelope *envelope) {
        const char *body = name_of(&ghost__envelope__descriptor, (int) envelope->body_case);

        if (envelope->body_case == GHOST__ENVELOPE__BODY_TASK) {
                Ghost__Order *order =
                        ghost__order__unpack(NULL, envelope->task->order.len, envelope->task->order.data);
                char *kind = xasprintf(
                        "%s-%s", body,
                        order ? name_of(&ghost__order__descriptor, (int) order->action_case) : "none");
                ghost__order__free_unpacked(order, NULL);
                return kind;
        }
        bool failed = envelope->body_case == GHOST__ENVELOPE__BODY_RECEIPT && !envelope->receipt->ok;
        return xasprintf("%s%s", body, failed ? "-failed" : "");
}

static void keep(
        const char *direction, const Ghost__Envelope *envelope, const uint8_t *bytes, size_t length) {
        const char *folder = getenv("GHOST_FRAMES"); /* NOLINT(concurrency-mt-unsafe): nobody changes it */
        CLEANUP(error_free) Error *why = NULL;

        if (!folder)
                return;
        CLEANUP(free) char *kind = kind_of(envelope);
        CLEANUP(free) char *path = xasprintf("%s/%s/%s.bin", folder, direction, kind);
        CLEANUP(file_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd >= 0 ? !file_write_all(fd, bytes, length, &why) : errno != EEXIST)
                (void) fprintf(
                        stderr, "%s: not kept: %s\n", path, why ? error_message(why) : strerror(errno));
}

uint8_t *__wrap_envelope_pack(Ghost__Envelope *envelope, size_t *ret_length) {
        uint8_t *bytes = __real_envelope_pack(envelope, ret_length);

        keep("to-agent", envelope, bytes, *ret_length);
        return bytes;
}

Ghost__Envelope *__wrap_envelope_unpack(const uint8_t *bytes, size_t length, Error **err) {
        Ghost__Envelope *envelope = __real_envelope_unpack(bytes, length, err);

        if (envelope)
                keep("to-controller", envelope, bytes, length);
        return envelope;
}
/* NOLINTEND(readability-identifier-naming) */

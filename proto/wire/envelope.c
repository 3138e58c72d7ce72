#include "wire/envelope.h"

#include "base/memory.h"

uint8_t *envelope_pack(Ghost__Envelope *envelope, size_t *ret_length) {
        envelope->major = WIRE_MAJOR;
        envelope->minor = WIRE_MINOR;

        size_t length = ghost__envelope__get_packed_size(envelope);
        uint8_t *bytes = xcalloc(length, 1);
        *ret_length = ghost__envelope__pack(envelope, bytes);
        return bytes;
}

static bool check(const Ghost__Envelope *envelope, Error **err) {
        if (envelope->major != WIRE_MAJOR)
                return error_set(
                        err, ERROR_INVALID,
                        "speaks version %u of the link, this end version %d: install versions of Ghost that "
                        "go together",
                        envelope->major, WIRE_MAJOR);
        if (envelope->body_case == GHOST__ENVELOPE__BODY__NOT_SET && envelope->minor <= WIRE_MINOR)
                return error_set(err, ERROR_INVALID, "sent an envelope without a body");
        return true;
}

Ghost__Envelope *envelope_unpack(const uint8_t *bytes, size_t length, Error **err) {
        CLEANUP(envelope_free) Ghost__Envelope *envelope = ghost__envelope__unpack(NULL, length, bytes);

        if (!envelope) {
                (void) error_set(err, ERROR_INVALID, "sent something that is no envelope");
                return NULL;
        }
        return check(envelope, err) ? TAKE(envelope) : NULL;
}

void envelope_free(Ghost__Envelope *envelope) {
        if (envelope)
                ghost__envelope__free_unpacked(envelope, NULL);
}

Ghost__ErrorKind error_kind_to_wire(ErrorKind kind) {
        return (Ghost__ErrorKind) (kind + 1);
}

ErrorKind error_kind_from_wire(Ghost__ErrorKind kind) {
        return (int) kind >= 1 && (int) kind <= ERROR_KIND_COUNT ? (ErrorKind) (kind - 1) : ERROR_INTERNAL;
}

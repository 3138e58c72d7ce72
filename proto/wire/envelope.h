/* Envelopes: packing, and unpacking what the other end sent with nothing believed. Thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ghost.pb-c.h"

enum { WIRE_MAJOR = 1, WIRE_MINOR = 0 };

/* An envelope on the stack around a message: ENVELOPE_OF(heartbeat, HEARTBEAT, &heartbeat) */
#define ENVELOPE_OF(member, case_name, value)                                                                \
        {                                                                                                    \
                .base = PROTOBUF_C_MESSAGE_INIT(&ghost__envelope__descriptor),                               \
                .body_case = GHOST__ENVELOPE__BODY_##case_name, .member = (value),                           \
        }

/* Sets the versions. Caller frees the bytes. */
uint8_t *envelope_pack(Ghost__Envelope *envelope, size_t *ret_length);

/* INVALID: no envelope, no body this version knows (unless the sender's minor is newer: then body is
 * NOT_SET), or of another major version ("speaks version 2 of the link, this end version 1: …"). Caller frees
 * with envelope_free(). */
Ghost__Envelope *envelope_unpack(const uint8_t *bytes, size_t length, Error **err);
void envelope_free(Ghost__Envelope *envelope);
CLEANUP_DEFINE(Ghost__Envelope, envelope_free);

Ghost__ErrorKind error_kind_to_wire(ErrorKind kind);
ErrorKind error_kind_from_wire(Ghost__ErrorKind kind); /* unknown ones: INTERNAL */

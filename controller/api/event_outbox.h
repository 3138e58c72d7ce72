/* What a stream of server-sent events has to say and has not handed over yet; in a pause it says that it is
 * still there, so that neither side takes the other for dead. Belongs to one stream, which one thread at a
 * time reads.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"
#include "http/response.h"

typedef struct EventOutbox {
        Text pending; /* events are appended here; read through the functions */
        size_t sent;
        Deadline quiet_until;
} EventOutbox;

bool event_outbox_is_empty(const EventOutbox *outbox);
/* After a pause as long as event_outbox_read was told: appends a comment. */
void event_outbox_keep_alive(EventOutbox *outbox);
/* Hands over up to size bytes; STREAM_WAIT: there are none. quiet_ms: how long a pause may be. */
StreamRead event_outbox_read(
        EventOutbox *outbox, int64_t quiet_ms, char *buffer, size_t size, size_t *ret_length);
void event_outbox_clear(EventOutbox *outbox);

#include "api/event_outbox.h"

#include <string.h>

bool event_outbox_is_empty(const EventOutbox *outbox) {
        return outbox->pending.length == 0;
}

void event_outbox_keep_alive(EventOutbox *outbox) {
        if (event_outbox_is_empty(outbox) && deadline_passed(outbox->quiet_until))
                text_append(&outbox->pending, ": still here\n\n");
}

StreamRead event_outbox_read(
        EventOutbox *outbox, int64_t quiet_ms, char *buffer, size_t size, size_t *ret_length) {
        size_t left = outbox->pending.length - outbox->sent;

        if (left == 0)
                return STREAM_WAIT;
        *ret_length = left < size ? left : size;
        memcpy(buffer, outbox->pending.data + outbox->sent, *ret_length);
        outbox->sent += *ret_length;
        if (outbox->sent == outbox->pending.length)
                event_outbox_clear(outbox);
        outbox->quiet_until = deadline_after_ms(quiet_ms);
        return STREAM_DATA;
}

void event_outbox_clear(EventOutbox *outbox) {
        text_clear(&outbox->pending);
        outbox->sent = 0;
}

#include "api/change_stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "api/event_outbox.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/document.h"

enum { CHANGES_AT_ONCE = 32 };

typedef struct ChangeStream {
        ChangeStreamSpec spec;
        uint64_t position; /* the last that was told, or left out */
        EventOutbox outbox;
} ChangeStream;

static void append_event(Text *out, const char *name, Document *data) {
        CLEANUP(document_free) Document *owned = data;
        CLEANUP(free) char *text = document_text(owned);

        text_appendf(out, "event: %s\ndata: %s\n\n", name, text);
}

static Document *of_sequence(uint64_t sequence) {
        Document *data = document_object();

        document_set_int(data, "sequence", (int64_t) sequence);
        return data;
}

static void append_reset(ChangeStream *stream) {
        stream->position = changes_newest(stream->spec.changes);
        text_appendf(&stream->outbox.pending, "id: %" PRIu64 "\n", stream->position);
        append_event(&stream->outbox.pending, "reset", of_sequence(stream->position));
}

static void set_text(Document *data, const char *name, const char *text) {
        document_set_string(data, name, *text ? text : NULL);
}

static void append_change(Text *out, const Change *change) {
        Document *data = document_object();

        document_set_string(data, "collection", changes_collection_word(change->collection));
        document_set_string(data, "id", change->id);
        set_text(data, "app_id", change->app_id);
        set_text(data, "etag", change->etag);
        document_set_bool(data, "deleted", change->deleted);
        text_appendf(out, "id: %" PRIu64 "\n", change->sequence);
        append_event(out, "change", data);
}

static bool may_see(const ChangeStream *stream, const Change *change) {
        return stream->spec.accounts ||
               (change->collection != COLLECTION_USERS && change->collection != COLLECTION_TOKENS);
}

/* A round of what there is; several when all of one is for others. */
static void fill(ChangeStream *stream) {
        Change changes[CHANGES_AT_ONCE];
        size_t count = 0;

        do {
                if (!changes_read(stream->spec.changes, stream->position, changes, CHANGES_AT_ONCE, &count)) {
                        append_reset(stream);
                        return;
                }
                for (size_t i = 0; i < count; i++) {
                        stream->position = changes[i].sequence;
                        if (may_see(stream, &changes[i]))
                                append_change(&stream->outbox.pending, &changes[i]);
                }
        } while (event_outbox_is_empty(&stream->outbox) && count > 0);
}

static StreamRead read_stream(void *context, char *buffer, size_t size, size_t *ret_length) {
        ChangeStream *stream = context;

        if (event_outbox_is_empty(&stream->outbox))
                fill(stream);
        if (event_outbox_is_empty(&stream->outbox) && deadline_passed(stream->spec.until))
                return STREAM_END;
        event_outbox_keep_alive(&stream->outbox);
        return event_outbox_read(&stream->outbox, CHANGE_STREAM_QUIET_MS, buffer, size, ret_length);
}

static void free_stream(void *context) {
        ChangeStream *stream = context;

        event_outbox_clear(&stream->outbox);
        free(stream);
}

/* Where it goes on; false: not where the client left off. */
static bool find_position(const ChangeStreamSpec *spec, uint64_t *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t last = 0;
        size_t none = 0;

        *ret = changes_newest(spec->changes);
        if (!spec->last_event_id)
                return true;
        if (!text_parse_uint(spec->last_event_id, 0, INT64_MAX, &last, &ignored) ||
            !changes_read(spec->changes, last, NULL, 0, &none))
                return false;
        *ret = last;
        return true;
}

void change_stream_answer(Response *response, const ChangeStreamSpec *spec) {
        ChangeStream *stream = xcalloc(1, sizeof(*stream));
        bool goes_on = find_position(spec, &stream->position);

        stream->spec = *spec;
        stream->spec.last_event_id = NULL;
        text_append(&stream->outbox.pending, "retry: 1000\n");
        /* Without an id when it was lost: else a client cut off before the reset would never hear of it. */
        if (goes_on)
                text_appendf(&stream->outbox.pending, "id: %" PRIu64 "\n", stream->position);
        append_event(&stream->outbox.pending, "hello", of_sequence(stream->position));
        if (!goes_on)
                append_reset(stream);
        response_events(
                response, &(ResponseStream){ .read = read_stream,
                                             .free = free_stream,
                                             .context = stream,
                                             .topic = CHANGE_STREAM_TOPIC });
}

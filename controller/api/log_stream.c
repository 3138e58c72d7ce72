#include "api/log_stream.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "api/event_outbox.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { BLOCK_BYTES = 32 * 1024 };

typedef struct LogStream {
        LogStreamSource source;
        int fd;
        uint64_t offset;
        EventOutbox outbox;
        bool over;
} LogStream;

/* One event: a "data:" line for each line; carriage returns would end a field, so they are dropped. */
static void append_event(LogStream *stream, const char *bytes, size_t length) {
        Text *out = &stream->outbox.pending;

        text_appendf(out, "id: %" PRIu64 "\n", stream->offset + length);
        for (size_t i = 0; i < length;) {
                const char *end = memchr(bytes + i, '\n', length - i);
                size_t line = end ? (size_t) (end - (bytes + i)) : length - i;

                text_append(out, "data: ");
                for (size_t j = 0; j < line; j++)
                        if (bytes[i + j] != '\r' && bytes[i + j] != '\0')
                                text_append_bytes(out, &bytes[i + j], 1);
                text_append(out, "\n");
                i += line + 1;
        }
        text_append(out, "\n");
        stream->offset += length;
}

/* Whole lines only, unless one is longer than the block or nothing will follow. */
static size_t whole_lines(const char *bytes, size_t length, bool last) {
        const char *newline = memrchr(bytes, '\n', length);

        if (newline)
                return (size_t) (newline - bytes) + 1;
        return last || length == BLOCK_BYTES ? length : 0;
}

static bool read_lines(LogStream *stream, bool last) {
        CLEANUP(free) char *block = xcalloc(1, BLOCK_BYTES);

        if (stream->fd < 0)
                stream->fd = open(stream->source.path, O_RDONLY | O_CLOEXEC);
        if (stream->fd < 0)
                return false;
        ssize_t length = pread(stream->fd, block, BLOCK_BYTES, (off_t) stream->offset);
        if (length <= 0)
                return false;
        size_t whole = whole_lines(block, (size_t) length, last);
        if (whole > 0)
                append_event(stream, block, whole);
        return whole > 0;
}

/* Asked about the job before the file, so that what was written last is never missed. */
static void fill(LogStream *stream) {
        CLEANUP(free) char *status = NULL;

        if (read_lines(stream, false))
                return;
        if (stream->source.ended(stream->source.context, &status) && !read_lines(stream, true)) {
                text_appendf(
                        &stream->outbox.pending, "id: %llu\nevent: end\ndata: %s\n\n",
                        (unsigned long long) stream->offset, status ? status : "");
                stream->over = true;
                return;
        }
        event_outbox_keep_alive(&stream->outbox);
}

static StreamRead read_stream(void *context, char *buffer, size_t size, size_t *ret_length) {
        LogStream *stream = context;

        if (event_outbox_is_empty(&stream->outbox) && !stream->over)
                fill(stream);
        if (event_outbox_is_empty(&stream->outbox) && stream->over)
                return STREAM_END;
        return event_outbox_read(&stream->outbox, LOG_STREAM_QUIET_MS, buffer, size, ret_length);
}

static void free_stream(void *context) {
        LogStream *stream = context;

        file_closep(&stream->fd);
        event_outbox_clear(&stream->outbox);
        free(stream->source.path);
        free(stream->source.topic);
        if (stream->source.free)
                stream->source.free(stream->source.context);
        free(stream);
}

void log_stream_answer(Response *response, LogStreamSource *source) {
        LogStream *stream = xcalloc(1, sizeof(*stream));

        stream->source = *source;
        *source = (LogStreamSource){ 0 };
        stream->offset = stream->source.offset;
        stream->fd = -1;
        text_append(&stream->outbox.pending, "retry: 1000\n\n");
        response_events(
                response, &(ResponseStream){ .read = read_stream,
                                             .free = free_stream,
                                             .context = stream,
                                             .topic = stream->source.topic });
}

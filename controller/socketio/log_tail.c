#include "socketio/log_tail.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "socketio/log_html.h"
#include "socketio/socket_packet.h"

/* HTML comes in small batches, for each begins as if no panel were open. */
enum { RAW_BYTES = 16 * 1024, HTML_BYTES = 4 * 1024, HTML_BATCH_BYTES = 1000 };

struct LogTail {
        int fd;
        uint64_t offset;
        LogTailMode mode;
};

LogTail *log_tail_open(char *path, uint64_t offset, LogTailMode mode, Error **err) {
        CLEANUP(free) char *owned = path;
        int fd = open(owned, O_RDONLY | O_CLOEXEC);

        if (fd < 0) {
                error_set(err, ERROR_NOT_FOUND, "No log file yet.");
                return NULL;
        }
        LogTail *tail = xcalloc(1, sizeof(*tail));
        *tail = (LogTail){ .fd = fd, .offset = offset, .mode = mode };
        return tail;
}

void log_tail_free(LogTail *tail) {
        if (!tail)
                return;
        file_closep(&tail->fd);
        free(tail);
}

/* Up to the newline behind so many bytes, or the last before. */
static size_t whole_lines(const char *bytes, size_t length, size_t wanted) {
        const char *newline = wanted < length ? memchr(bytes + wanted, '\n', length - wanted) : NULL;

        if (!newline)
                newline = memrchr(bytes, '\n', length);
        return newline ? (size_t) (newline - bytes) + 1 : 0;
}

static void set_content(const LogTail *tail, Document *event, const char *bytes, size_t length) {
        CLEANUP(text_clear) Text html = { 0 };

        if (tail->mode == LOG_TAIL_RAW) {
                CLEANUP(free) char *encoded = base64_encode(bytes, length);

                document_set_string(event, "raw", encoded);
                return;
        }
        log_html_append(&html, bytes, length);
        document_set_string(event, "html", html.data);
}

char *log_tail_next(LogTail *tail) {
        char block[RAW_BYTES];
        size_t size = tail->mode == LOG_TAIL_RAW ? RAW_BYTES : HTML_BYTES;
        ssize_t length = pread(tail->fd, block, size, (off_t) tail->offset);

        if (length <= 0)
                return NULL;
        size_t taken = whole_lines(
                block, (size_t) length, tail->mode == LOG_TAIL_RAW ? (size_t) length : HTML_BATCH_BYTES);
        if (taken == 0 && (size_t) length < size)
                return NULL;
        if (taken == 0)
                taken = size; /* a line longer than that */
        Document *event = document_object();
        set_content(tail, event, block, taken);
        document_set_int(event, "last_pos", (int64_t) tail->offset);
        tail->offset += taken;
        return socket_packet_event("job", event);
}

char *log_tail_error(LogTailMode mode, const char *sentence) {
        Document *event = document_object();

        if (mode == LOG_TAIL_RAW) {
                document_set(event, "raw", document_null());
                document_set_string(event, "error", sentence);
        } else {
                CLEANUP(free)
                char *html = xasprintf(
                        "<div class=\"panel panel-danger\"><div class=\"panel-heading\">ERROR: "
                        "%s</div></div>",
                        sentence);
                document_set_string(event, "html", html);
        }
        document_set_int(event, "last_pos", 0);
        return socket_packet_event("job", event);
}

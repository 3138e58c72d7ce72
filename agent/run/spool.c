#include "run/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "run/line_cutter.h"

enum {
        OWN_LINES_BYTES = 64 << 10, /* past the limit the agent's own lines still fit */
        IN_FLIGHT_BYTES = 1 << 20,  /* handed out and not acknowledged */
};

typedef struct Position {
        uint64_t line;
        uint64_t offset;
} Position;

struct Spool {
        pthread_mutex_t lock; /* guards everything below */
        int fd;
        uint64_t max_bytes;
        void (*on_lines)(void *context); /* read-only after spool_listen() */
        void *context;
        Position end, sent, acknowledged;
        LineCutter cutter;
        bool dirty; /* written since the last fdatasync */
        bool limit_told;
        uint64_t lost; /* bytes not written because the disk was full */
};

static uint64_t count_lines(const char *bytes, size_t length) {
        uint64_t count = 0;
        const char *end = bytes + length;

        for (const char *at = bytes; (at = memchr(at, '\n', (size_t) (end - at))); at++)
                count++;
        return count;
}

static bool pread_some(int fd, char *buffer, size_t length, uint64_t offset, size_t *ret, Error **err) {
        ssize_t got = 0;

        do
                got = pread(fd, buffer, length, (off_t) offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
                return error_set(err, ERROR_INTERNAL, "read of the log spool: %s", strerror(errno));
        *ret = (size_t) got;
        return true;
}

/* A line that was only half written when the machine died was never handed out: it is cut off. */
static bool scan_end(Spool *spool, Error **err) {
        char buffer[32 << 10];
        uint64_t offset = 0;
        size_t got = 0;

        do {
                if (!pread_some(spool->fd, buffer, sizeof(buffer), offset, &got, err))
                        return false;
                const char *last = got > 0 ? memrchr(buffer, '\n', got) : NULL;
                if (last)
                        spool->end.offset = offset + (uint64_t) (last - buffer) + 1;
                spool->end.line += count_lines(buffer, got);
                offset += got;
        } while (got > 0);
        if (offset != spool->end.offset && ftruncate(spool->fd, (off_t) spool->end.offset) < 0)
                return error_set(err, ERROR_INTERNAL, "repair of the log spool: %s", strerror(errno));
        return true;
}

Spool *spool_open(const char *path, uint64_t max_bytes, Error **err) {
        int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
                error_set(err, ERROR_UNAVAILABLE, "log spool %s: %s", path, strerror(errno));
                return NULL;
        }

        CLEANUP(spool_free) Spool *spool = xcalloc(1, sizeof(*spool));
        pthread_mutex_init(&spool->lock, NULL);
        spool->fd = fd;
        spool->max_bytes = max_bytes;
        if (!scan_end(spool, err))
                return NULL;
        return TAKE(spool);
}

void spool_listen(Spool *spool, void (*on_lines)(void *context), void *context) {
        spool->on_lines = on_lines;
        spool->context = context;
}

static void unlock_and_tell(Spool *spool, uint64_t end_before) {
        bool more = spool->end.offset != end_before;

        pthread_mutex_unlock(&spool->lock);
        if (more && spool->on_lines)
                spool->on_lines(spool->context);
}

void spool_free(Spool *spool) {
        if (!spool)
                return;
        close(spool->fd);
        pthread_mutex_destroy(&spool->lock);
        free(spool);
}

/* Whole lines only: what does not fit on the disk is taken back, so that the stream stays what was counted.
 */
static void write_lines(Spool *spool, const char *lines, size_t length) {
        CLEANUP(error_free) Error *ignored = NULL;

        if (length == 0)
                return;
        if (!file_write_all(spool->fd, lines, length, &ignored)) {
                spool->lost += length;
                if (ftruncate(spool->fd, (off_t) spool->end.offset) < 0)
                        spool->lost += length;
                return;
        }
        spool->end.offset += length;
        spool->end.line += count_lines(lines, length);
        spool->dirty = true;
}

static void write_text(Spool *spool, const Text *lines) {
        if (spool->lost > 0) {
                CLEANUP(free)
                char *note = xasprintf(
                        "(no space left on the instance: %llu bytes of output were lost here)\n",
                        (unsigned long long) spool->lost);
                uint64_t lost = spool->lost;

                spool->lost = 0;
                write_lines(spool, note, strlen(note));
                if (spool->lost > 0) {
                        spool->lost = lost + lines->length;
                        return;
                }
        }
        write_lines(spool, lines->data, lines->length);
}

static bool past_limit(Spool *spool) {
        if (spool->end.offset < spool->max_bytes)
                return false;
        if (!spool->limit_told) {
                CLEANUP(text_clear) Text note = { 0 };

                text_appendf(
                        &note, "(output limit of %llu bytes reached: the rest is dropped)\n",
                        (unsigned long long) spool->max_bytes);
                spool->limit_told = true;
                write_text(spool, &note);
        }
        return true;
}

void spool_append(Spool *spool, const void *bytes, size_t length) {
        CLEANUP(text_clear) Text lines = { 0 };

        pthread_mutex_lock(&spool->lock);
        uint64_t end_before = spool->end.offset;
        if (!past_limit(spool)) {
                line_cutter_feed(&spool->cutter, bytes, length, &lines);
                write_text(spool, &lines);
        }
        unlock_and_tell(spool, end_before);
}

static void end_line_locked(Spool *spool) {
        CLEANUP(text_clear) Text lines = { 0 };

        line_cutter_end(&spool->cutter, &lines);
        write_text(spool, &lines);
}

void spool_end_line(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        uint64_t end_before = spool->end.offset;
        end_line_locked(spool);
        unlock_and_tell(spool, end_before);
}

void spool_say(Spool *spool, const char *format, ...) {
        CLEANUP(free) char *line = NULL;
        CLEANUP(text_clear) Text lines = { 0 };
        LineCutter cutter = { 0 };
        va_list args;

        va_start(args, format);
        line = xvasprintf(format, args);
        va_end(args);
        line_cutter_feed(&cutter, line, strlen(line), &lines);
        line_cutter_end(&cutter, &lines);

        pthread_mutex_lock(&spool->lock);
        uint64_t end_before = spool->end.offset;
        end_line_locked(spool);
        if (spool->end.offset + lines.length <= spool->max_bytes + OWN_LINES_BYTES)
                write_text(spool, &lines);
        unlock_and_tell(spool, end_before);
}

void spool_batch_clear(SpoolBatch *batch) {
        free(batch->lines);
        *batch = (SpoolBatch){ 0 };
}

static bool next_batch_locked(Spool *spool, size_t max_bytes, SpoolBatch *ret, Error **err) {
        uint64_t left = spool->end.offset - spool->sent.offset;
        size_t wanted = left < max_bytes ? (size_t) left : max_bytes, got = 0;

        if (wanted == 0 || spool->sent.offset - spool->acknowledged.offset >= IN_FLIGHT_BYTES)
                return true;
        if (spool->dirty && fdatasync(spool->fd) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "sync of the log spool: %s", strerror(errno));
        spool->dirty = false;

        CLEANUP(free) char *lines = xcalloc(1, wanted + 1);
        if (!pread_some(spool->fd, lines, wanted, spool->sent.offset, &got, err))
                return false;
        const char *last = got > 0 ? memrchr(lines, '\n', got) : NULL;
        if (!last)
                return error_set(err, ERROR_INTERNAL, "the log spool was changed by someone else");

        ret->length = (size_t) (last - lines) + 1;
        ret->first_line = spool->sent.line;
        ret->line_count = (uint32_t) count_lines(lines, ret->length);
        ret->lines = TAKE(lines);
        spool->sent.line += ret->line_count;
        spool->sent.offset += ret->length;
        ret->stream_bytes = spool->sent.offset;
        return true;
}

bool spool_next_batch(Spool *spool, size_t max_bytes, SpoolBatch *ret, Error **err) {
        *ret = (SpoolBatch){ 0 };
        pthread_mutex_lock(&spool->lock);
        bool ok = next_batch_locked(spool, max_bytes > LINE_MAX_BYTES ? max_bytes : LINE_MAX_BYTES, ret, err);
        pthread_mutex_unlock(&spool->lock);
        return ok;
}

/* Moves position forward to the start of the given line, which exists. */
static bool advance(Spool *spool, Position *position, uint64_t line, Error **err) {
        char buffer[16 << 10];

        while (position->line < line) {
                size_t got = 0;
                if (!pread_some(spool->fd, buffer, sizeof(buffer), position->offset, &got, err))
                        return false;
                if (got == 0)
                        return error_set(err, ERROR_INTERNAL, "the log spool is shorter than it was");
                const char *at = buffer, *end = buffer + got, *newline = NULL;
                while (position->line < line && (newline = memchr(at, '\n', (size_t) (end - at)))) {
                        position->line++;
                        at = newline + 1;
                }
                position->offset += position->line < line ? got : (size_t) (at - buffer);
        }
        return true;
}

bool spool_acknowledge(Spool *spool, uint64_t next_line, Error **err) {
        pthread_mutex_lock(&spool->lock);
        uint64_t line = next_line < spool->end.line ? next_line : spool->end.line;
        bool ok = advance(spool, &spool->acknowledged, line, err);
        /* After a restart the controller may have more than this process knows to have sent. */
        if (spool->sent.line < spool->acknowledged.line)
                spool->sent = spool->acknowledged;
        pthread_mutex_unlock(&spool->lock);
        return ok;
}

void spool_rewind(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        spool->sent = spool->acknowledged;
        pthread_mutex_unlock(&spool->lock);
}

uint64_t spool_bytes(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        uint64_t bytes = spool->end.offset;
        pthread_mutex_unlock(&spool->lock);
        return bytes;
}

bool spool_all_sent(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        bool all = spool->sent.offset == spool->end.offset;
        pthread_mutex_unlock(&spool->lock);
        return all;
}

bool spool_all_acknowledged(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        bool all = spool->acknowledged.offset == spool->end.offset;
        pthread_mutex_unlock(&spool->lock);
        return all;
}

void spool_discard(Spool *spool) {
        pthread_mutex_lock(&spool->lock);
        if (ftruncate(spool->fd, 0) == 0)
                spool->end = spool->sent = spool->acknowledged = (Position){ 0 };
        pthread_mutex_unlock(&spool->lock);
}

#include "notify/job_log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { GZIP_WINDOW = 15 + 16, TAIL_BYTES = 16 << 10, LINE_BYTES = 400 };

void log_attachment_clear(LogAttachment *attachment) {
        free(attachment->name);
        free(attachment->bytes);
        *attachment = (LogAttachment){ 0 };
}

/* At most the last max bytes; *ret is NULL when there is no file. */
static bool read_end(
        const char *path, size_t max, char **ret, size_t *ret_length, uint64_t *ret_offset, Error **err) {
        CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
        CLEANUP(free) char *bytes = NULL;
        struct stat status;
        size_t length = 0;

        *ret = NULL;
        if (fd < 0 && errno == ENOENT)
                return true;
        if (fd < 0 || fstat(fd, &status) < 0)
                return error_set(err, ERROR_INTERNAL, "read '%s': %s", path, strerror(errno));
        off_t start = status.st_size > (off_t) max ? status.st_size - (off_t) max : 0;
        size_t wanted = (size_t) (status.st_size - start);
        bytes = xcalloc(wanted + 1, 1);
        while (length < wanted) {
                ssize_t got = pread(fd, bytes + length, wanted - length, start + (off_t) length);

                if (got < 0 && errno != EINTR)
                        return error_set(err, ERROR_INTERNAL, "read '%s': %s", path, strerror(errno));
                if (got == 0)
                        break;
                length += got > 0 ? (size_t) got : 0;
        }
        *ret = TAKE(bytes);
        *ret_length = length;
        *ret_offset = (uint64_t) start;
        return true;
}

static bool compress_bytes(const char *bytes, size_t length, void **ret, size_t *ret_length, Error **err) {
        z_stream stream = { 0 };

        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
            Z_OK)
                return error_set(err, ERROR_INTERNAL, "compress a log: out of memory");
        size_t room = deflateBound(&stream, length);
        CLEANUP(free) unsigned char *out = xcalloc(room, 1);
        stream.next_in = (z_const Bytef *) bytes;
        stream.avail_in = (uInt) length; /* bounded by LOG_ATTACHED_MAX */
        stream.next_out = out;
        stream.avail_out = (uInt) room;
        int code = deflate(&stream, Z_FINISH);
        *ret_length = room - stream.avail_out;
        (void) deflateEnd(&stream);
        if (code != Z_STREAM_END)
                return error_set(err, ERROR_INTERNAL, "compress a log: zlib says %d", code);
        *ret = TAKE(out);
        return true;
}

bool log_attachment_read(const char *logs_folder, const char *job_id, LogAttachment *ret, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s.txt", logs_folder, job_id);
        CLEANUP(log_attachment_clear) LogAttachment made = { .type = "text/plain; charset=utf-8" };
        CLEANUP(free) char *bytes = NULL;
        size_t length = 0;

        *ret = (LogAttachment){ 0 };
        if (!read_end(path, LOG_ATTACHED_MAX, &bytes, &length, &made.left_out, err))
                return false;
        if (!bytes)
                return true;
        if (length > LOG_ATTACHED_PLAIN) {
                made.name = xasprintf("%s.txt.gz", job_id);
                made.type = "application/gzip";
                if (!compress_bytes(bytes, length, &made.bytes, &made.length, err))
                        return false;
        } else {
                made.name = xasprintf("%s.txt", job_id);
                made.bytes = TAKE(bytes);
                made.length = length;
        }
        *ret = made;
        made = (LogAttachment){ 0 };
        return true;
}

/* Length of the escape sequence that begins here, 0 when none does. */
static size_t escape_length(const char *at) {
        size_t length = 2;

        if (at[0] != '\033' || at[1] != '[')
                return 0;
        length += strspn(at + 2, "0123456789;?");
        return at[length] ? length + 1 : length;
}

static void append_line(Text *text, const char *line, size_t length) {
        const char *end = line + length;
        size_t written = 0;

        if (text->length > 0)
                text_append(text, "\n");
        while (line < end && written < LINE_BYTES) {
                size_t escape = escape_length(line);

                if (escape > 0) {
                        line += escape;
                        continue;
                }
                text_append_bytes(text, (unsigned char) *line < ' ' ? " " : line, 1);
                line++;
                written++;
        }
        if (line < end)
                text_append(text, "…");
}

/* Where the last count lines begin. */
static const char *find_lines(const char *bytes, size_t length, unsigned count) {
        const char *at = bytes + length;

        while (at > bytes)
                if (at[-1] == '\n' && count-- == 0)
                        return at;
                else
                        at--;
        return at;
}

char *log_last_lines(const char *logs_folder, const char *job_id, unsigned count) {
        CLEANUP(free) char *path = xasprintf("%s/%s.txt", logs_folder, job_id);
        CLEANUP(error_free) Error *unreadable = NULL;
        CLEANUP(text_clear) Text lines = { 0 };
        CLEANUP(free) char *bytes = NULL;
        uint64_t offset = 0;
        size_t length = 0;

        if (!read_end(path, TAIL_BYTES, &bytes, &length, &offset, &unreadable) || !bytes)
                return xstrdup("");
        while (length > 0 && bytes[length - 1] == '\n')
                length--;
        bytes[length] = '\0';
        for (const char *at = find_lines(bytes, length, count - 1); at < bytes + length;) {
                size_t line = strcspn(at, "\n");

                append_line(&lines, at, line);
                at += line + 1;
        }
        return text_take(&lines);
}

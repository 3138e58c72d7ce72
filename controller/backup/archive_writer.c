#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "backup/tar.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "json/document.h"

enum { COPY_BYTES = 256 << 10, END_BLOCKS = 2 };

struct ArchiveWriter {
        int fd;
        ArchiveProgress progress;
        Document *files;
        uint8_t buffer[COPY_BYTES];
};

void archive_facts_clear(ArchiveFacts *facts) {
        free(facts->version);
        free(facts->made);
        *facts = (ArchiveFacts){ 0 };
}

ArchiveWriter *archive_writer_new(const char *path, const ArchiveProgress *progress, Error **err) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0) {
                error_set(
                        err, errno == ENOSPC ? ERROR_UNAVAILABLE : ERROR_FORBIDDEN, "write %s: %s", path,
                        strerror(errno));
                return NULL;
        }
        ArchiveWriter *writer = xcalloc(1, sizeof(*writer));
        writer->fd = fd;
        writer->progress = progress ? *progress : (ArchiveProgress){ 0 };
        writer->files = document_array();
        return writer;
}

void archive_writer_free(ArchiveWriter *writer) {
        if (!writer)
                return;
        close(writer->fd);
        document_free(writer->files);
        free(writer);
}

static bool put_header(ArchiveWriter *writer, const char *name, uint64_t size, unsigned mode, Error **err) {
        TarEntry entry = { .size = size, .mode = mode };
        uint8_t block[TAR_BLOCK_BYTES];

        if (strlen(name) > TAR_PATH_MAX)
                return error_set(err, ERROR_INVALID, "'%s' cannot be named in an archive", name);
        memcpy(entry.path, name, strlen(name) + 1);
        return tar_header_make(&entry, clock_now_us(), block, err) &&
               file_write_all(writer->fd, block, sizeof(block), err);
}

static bool put_padding(const ArchiveWriter *writer, uint64_t size, Error **err) {
        static const uint8_t zeros[TAR_BLOCK_BYTES];

        return file_write_all(writer->fd, zeros, (size_t) tar_padding(size), err);
}

static bool copy(ArchiveWriter *writer, const char *name, int fd, uint64_t size, Sha256 *hash, Error **err) {
        for (uint64_t left = size; left > 0;) {
                size_t wanted = left < COPY_BYTES ? (size_t) left : COPY_BYTES;
                ssize_t got = read(fd, writer->buffer, wanted);

                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "read %s: %m", name);
                if (got == 0)
                        return error_set(
                                err, ERROR_UNAVAILABLE, "%s became shorter while it was read; try again",
                                name);
                sha256_update(hash, writer->buffer, (size_t) got);
                if (!file_write_all(writer->fd, writer->buffer, (size_t) got, err))
                        return false;
                left -= (uint64_t) got;
                if (writer->progress.tell)
                        writer->progress.tell(writer->progress.context, (uint64_t) got);
        }
        return true;
}

bool archive_writer_add(
        ArchiveWriter *writer, const char *name, int fd, uint64_t size, unsigned mode, Error **err) {
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t sum[SHA256_BYTES];

        if (!put_header(writer, name, size, mode, err) || !copy(writer, name, fd, size, hash, err) ||
            !put_padding(writer, size, err))
                return false;
        sha256_finish(hash, sum);
        CLEANUP(free) char *word = hex_encode(sum, sizeof(sum));
        Document *file = document_object();
        document_set_string(file, "path", name);
        document_set_int(file, "size", (int64_t) size);
        document_set_string(file, "sha256", word);
        document_append(writer->files, file);
        return true;
}

static bool put_text(ArchiveWriter *writer, const char *name, const char *text, Error **err) {
        size_t length = strlen(text);

        return put_header(writer, name, length, 0600, err) && file_write_all(writer->fd, text, length, err) &&
               put_padding(writer, length, err);
}

bool archive_writer_finish(ArchiveWriter *writer, const ArchiveFacts *facts, Error **err) {
        static const uint8_t end[END_BLOCKS * TAR_BLOCK_BYTES];
        CLEANUP(document_free) Document *manifest = document_object();

        document_set_int(manifest, "format", ARCHIVE_FORMAT);
        document_set_string(manifest, "version", facts->version);
        document_set_string(manifest, "made", facts->made);
        document_set_int(manifest, "schema", facts->schema);
        document_set_bool(manifest, "without_packages", facts->without_packages);
        document_set(manifest, "files", TAKE(writer->files));
        writer->files = document_array();
        CLEANUP(free) char *text = document_text(manifest);
        CLEANUP(free) char *sum = crypto_sha256_hex(text, strlen(text));
        CLEANUP(free) char *sum_line = xasprintf("%s  %s\n", sum, ARCHIVE_MANIFEST);
        return put_text(writer, ARCHIVE_MANIFEST, text, err) &&
               put_text(writer, ARCHIVE_MANIFEST_SUM, sum_line, err) &&
               file_write_all(writer->fd, end, sizeof(end), err) &&
               (fsync(writer->fd) == 0 || error_set(err, ERROR_UNAVAILABLE, "write the backup: %m"));
}

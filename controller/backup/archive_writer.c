#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "json/document.h"

enum { COPY_BYTES = 256 << 10 };

struct ArchiveWriter {
        int fd;
        struct archive *tar;
        Error *problem; /* of writing the file */
        ArchiveProgress progress;
        Document *files;
        uint8_t buffer[COPY_BYTES];
};

void archive_facts_clear(ArchiveFacts *facts) {
        free(facts->version);
        free(facts->made);
        *facts = (ArchiveFacts){ 0 };
}

/* The library knows but a number of what went wrong. */
static la_ssize_t write_bytes(struct archive *tar, void *context, const void *bytes, size_t length) {
        ArchiveWriter *writer = context;

        (void) tar;
        if (!writer->problem && file_write_all(writer->fd, bytes, length, &writer->problem))
                return (la_ssize_t) length;
        return -1;
}

static bool fail(ArchiveWriter *writer, Error **err) {
        if (!writer->problem)
                return error_set(
                        err, ERROR_INTERNAL, "write the backup: %s", archive_error_string(writer->tar));
        if (err)
                *err = TAKE(writer->problem);
        return false;
}

void archive_writer_free(ArchiveWriter *writer) {
        if (!writer)
                return;
        archive_write_free(writer->tar);
        close(writer->fd);
        document_free(writer->files);
        error_free(writer->problem);
        free(writer);
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
        writer->tar = archive_write_new();
        if (!writer->tar)
                abort(); /* as out of memory */
        /* Plain tar, with more only where a name or a size is too long for it; as long as what is in it. */
        if (archive_write_set_format_pax_restricted(writer->tar) != ARCHIVE_OK ||
            archive_write_set_bytes_in_last_block(writer->tar, 1) != ARCHIVE_OK ||
            archive_write_open(writer->tar, writer, NULL, write_bytes, NULL) != ARCHIVE_OK) {
                fail(writer, err);
                archive_writer_free(writer);
                return NULL;
        }
        return writer;
}

static bool put_header(ArchiveWriter *writer, const char *name, uint64_t size, unsigned mode, Error **err) {
        struct archive_entry *entry = archive_entry_new2(writer->tar);

        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, (mode_t) mode);
        archive_entry_set_size(entry, (int64_t) size);
        archive_entry_set_mtime(entry, clock_now_us() / 1000000, 0);
        int result = archive_write_header(writer->tar, entry);
        archive_entry_free(entry);
        return result == ARCHIVE_OK || fail(writer, err);
}

static bool put_bytes(ArchiveWriter *writer, const void *bytes, size_t length, Error **err) {
        return archive_write_data(writer->tar, bytes, length) == (la_ssize_t) length || fail(writer, err);
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
                if (!put_bytes(writer, writer->buffer, (size_t) got, err))
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

        if (!put_header(writer, name, size, mode, err) || !copy(writer, name, fd, size, hash, err))
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

        return put_header(writer, name, length, 0600, err) && put_bytes(writer, text, length, err);
}

bool archive_writer_finish(ArchiveWriter *writer, const ArchiveFacts *facts, Error **err) {
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
               (archive_write_close(writer->tar) == ARCHIVE_OK || fail(writer, err)) &&
               (fsync(writer->fd) == 0 || error_set(err, ERROR_UNAVAILABLE, "write the backup: %m"));
}

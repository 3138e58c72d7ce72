#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/archive.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "json/document.h"

enum { READ_BYTES = 256 << 10, MANIFEST_MAX_BYTES = 128 << 20, MODE_BITS = 0777 };

typedef struct Entry {
        const char *path;
        uint64_t size;
        unsigned mode;
} Entry;

typedef struct Reader {
        int fd;
        struct archive *tar;
        const ArchiveVisitor *visitor; /* NULL: it is only proved */
        const ArchiveProgress *progress;
        Document *found;    /* as the manifest should list them */
        Document *manifest; /* NULL: it did not come yet */
        char *manifest_sum; /* the line that has to follow it */
        bool proved;        /* it has followed */
        uint64_t bytes;
        uint8_t buffer[READ_BYTES];
} Reader;

static void reader_clearp(Reader **reader) {
        archive_read_free((*reader)->tar);
        if ((*reader)->fd >= 0)
                close((*reader)->fd);
        document_free((*reader)->found);
        document_free((*reader)->manifest);
        free((*reader)->manifest_sum);
        free(*reader);
}

/* What the library says it is: mostly that it ends in the middle. */
static bool fail(const Reader *reader, Error **err) {
        return error_set(
                err, ERROR_INVALID, "it is cut off or damaged, take another backup: %s",
                archive_error_string(reader->tar) ? archive_error_string(reader->tar) : "no archive");
}

/* All of it, or INVALID: an archive does not end in the middle. */
static bool read_exactly(const Reader *reader, void *ret, size_t length, Error **err) {
        for (size_t done = 0; done < length;) {
                la_ssize_t got = archive_read_data(reader->tar, (char *) ret + done, length - done);

                if (got <= 0)
                        return fail(reader, err);
                done += (size_t) got;
        }
        return true;
}

static void note(Reader *reader, const Entry *entry, Sha256 *hash) {
        uint8_t sum[SHA256_BYTES];
        Document *file = document_object();

        sha256_finish(hash, sum);
        CLEANUP(free) char *word = hex_encode(sum, sizeof(sum));
        document_set_string(file, "path", entry->path);
        document_set_int(file, "size", (int64_t) entry->size);
        document_set_string(file, "sha256", word);
        document_append(reader->found, file);
        reader->bytes += entry->size;
}

static bool read_file(Reader *reader, const Entry *entry, Error **err) {
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        const ArchiveVisitor *visitor = reader->visitor;

        if (visitor && !visitor->begin(visitor->context, entry->path, entry->size, entry->mode, err))
                return false;
        for (uint64_t left = entry->size; left > 0;) {
                size_t piece = left < READ_BYTES ? (size_t) left : READ_BYTES;

                if (!read_exactly(reader, reader->buffer, piece, err))
                        return false;
                sha256_update(hash, reader->buffer, piece);
                if (visitor && !visitor->bytes(visitor->context, reader->buffer, piece, err))
                        return false;
                if (reader->progress && reader->progress->tell)
                        reader->progress->tell(reader->progress->context, piece);
                left -= piece;
        }
        note(reader, entry, hash);
        return !visitor || visitor->end(visitor->context, err);
}

/* Caller frees; NULL with *err. */
static char *read_text(Reader *reader, const Entry *entry, Error **err) {
        if (entry->size > MANIFEST_MAX_BYTES) {
                error_set(err, ERROR_INVALID, "its manifest is too long");
                return NULL;
        }
        CLEANUP(free) char *text = xcalloc(1, (size_t) entry->size + 1);
        if (!read_exactly(reader, text, (size_t) entry->size, err))
                return NULL;
        return TAKE(text);
}

static bool read_manifest(Reader *reader, const Entry *entry, Error **err) {
        CLEANUP(free) char *text = read_text(reader, entry, err);

        if (!text)
                return false;
        CLEANUP(free) char *sum = crypto_sha256_hex(text, (size_t) entry->size);
        reader->manifest_sum = xasprintf("%s  %s\n", sum, ARCHIVE_MANIFEST);
        reader->manifest = document_parse(text, (size_t) entry->size, err);
        return reader->manifest || error_prefix(err, "its manifest");
}

static bool read_manifest_sum(Reader *reader, const Entry *entry, Error **err) {
        CLEANUP(free) char *text = read_text(reader, entry, err);

        if (!text)
                return false;
        reader->proved = text_equal(entry->path, ARCHIVE_MANIFEST_SUM) && !reader->proved &&
                         text_equal(text, reader->manifest_sum);
        return reader->proved ||
               error_set(err, ERROR_INVALID, "it is damaged: its manifest is not what it was");
}

static bool read_entry(Reader *reader, const Entry *entry, Error **err) {
        if (reader->manifest)
                return read_manifest_sum(reader, entry, err);
        return text_equal(entry->path, ARCHIVE_MANIFEST) ? read_manifest(reader, entry, err)
                                                         : read_file(reader, entry, err);
}

/* Relative, every part with a name, none of them "." or "..", nothing unprintable. */
static bool path_is_safe(const char *path) {
        for (const char *part = path;;) {
                size_t length = strcspn(part, "/");

                if (length == 0 || (length == 1 && part[0] == '.') ||
                    (length == 2 && strncmp(part, "..", 2) == 0))
                        return false;
                for (size_t i = 0; i < length; i++)
                        if ((unsigned char) part[i] < ' ' || (unsigned char) part[i] > '~')
                                return false;
                if (!part[length])
                        return true;
                part += length + 1;
        }
}

/* Plain files alone. */
static bool take_entry(struct archive_entry *found, Entry *ret, Error **err) {
        const char *path = archive_entry_pathname(found);

        if (!path || archive_entry_filetype(found) != AE_IFREG || archive_entry_hardlink(found) ||
            !archive_entry_size_is_set(found) || archive_entry_size(found) < 0 || !path_is_safe(path))
                return error_set(err, ERROR_INVALID, "it holds something that no backup holds");
        *ret = (Entry){ path, (uint64_t) archive_entry_size(found), archive_entry_perm(found) & MODE_BITS };
        return true;
}

static bool read_entries(Reader *reader, Error **err) {
        struct archive_entry *found = NULL;
        Entry entry;

        for (;;) {
                int result = archive_read_next_header(reader->tar, &found);

                if (result == ARCHIVE_EOF)
                        return reader->proved ||
                               error_set(err, ERROR_INVALID, "it has no manifest: it was never finished");
                if (result != ARCHIVE_OK)
                        return fail(reader, err);
                if (!take_entry(found, &entry, err) || !read_entry(reader, &entry, err))
                        return false;
        }
}

static bool open_tar(Reader *reader, Error **err) {
        reader->tar = archive_read_new();
        if (!reader->tar)
                abort(); /* as out of memory */
        return (archive_read_support_format_tar(reader->tar) == ARCHIVE_OK &&
                archive_read_open_fd(reader->tar, reader->fd, READ_BYTES) == ARCHIVE_OK) ||
               fail(reader, err);
}

static bool compare(const Reader *reader, Error **err) {
        const Document *listed = document_get(reader->manifest, "files");

        if (document_get_int(reader->manifest, "format") != ARCHIVE_FORMAT)
                return error_set(
                        err, ERROR_INVALID,
                        "its format is %lld, this program knows %d; use the one that made it",
                        (long long) document_get_int(reader->manifest, "format"), ARCHIVE_FORMAT);
        if (document_count(listed) != document_count(reader->found))
                return error_set(
                        err, ERROR_INVALID, "it is damaged: %zu files, and its manifest lists %zu",
                        document_count(reader->found), document_count(listed));
        for (size_t i = 0; i < document_count(listed); i++)
                if (!document_equal(document_at(listed, i), document_at(reader->found, i)))
                        return error_set(
                                err, ERROR_INVALID, "it is damaged: %s is not what its manifest says",
                                document_get_string(document_at(reader->found, i), "path"));
        return true;
}

static void tell_facts(const Reader *reader, ArchiveFacts *ret) {
        archive_facts_clear(ret);
        ret->version = xstrdup(document_get_string(reader->manifest, "version"));
        ret->made = xstrdup(document_get_string(reader->manifest, "made"));
        ret->schema = document_get_int(reader->manifest, "schema");
        ret->without_packages = document_get_bool(reader->manifest, "without_packages");
        ret->files = document_count(reader->found);
        ret->bytes = reader->bytes;
}

bool archive_read(
        const char *path, const ArchiveVisitor *visitor, const ArchiveProgress *progress, ArchiveFacts *ret,
        Error **err) {
        CLEANUP(reader_clear) Reader *reader = xcalloc(1, sizeof(*reader));

        reader->visitor = visitor;
        reader->progress = progress;
        reader->found = document_array();
        reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (reader->fd < 0)
                return error_set(
                        err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_FORBIDDEN, "%s: %s", path,
                        strerror(errno));
        if (!open_tar(reader, err) || !read_entries(reader, err) || !compare(reader, err))
                return error_prefix(err, "%s", path);
        tell_facts(reader, ret);
        return true;
}

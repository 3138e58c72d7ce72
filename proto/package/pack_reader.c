#include "package/pack_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "package/frame.h"
#include "package/manifest.h"

enum { READ_BYTES = 256 << 10 };

/* The contents of the pack as one stream. */
typedef struct Reader {
        const Ghost__Manifest *manifest;
        int pack;
        uint8_t *packed, *content;
        size_t next_frame;
        size_t used, available; /* of content */
} Reader;

static bool read_exactly(int file, void *ret, size_t length, uint64_t offset, Error **err) {
        for (size_t done = 0; done < length;) {
                ssize_t got = pread(file, (uint8_t *) ret + done, length - done, (off_t) (offset + done));
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot read the pack: %m");
                if (got == 0)
                        return error_set(err, ERROR_INVALID, "package is damaged: the pack is too short");
                done += (size_t) got;
        }
        return true;
}

static bool next_frame(Reader *reader, Error **err) {
        if (reader->next_frame == reader->manifest->n_frames)
                return error_set(err, ERROR_INVALID, "package is damaged: the pack holds too little");
        const Ghost__Frame *frame = reader->manifest->frames[reader->next_frame++];
        reader->used = 0;
        reader->available = frame->content_length;
        return read_exactly(reader->pack, reader->packed, frame->length, frame->offset, err) &&
               frame_decompress(reader->packed, frame->length, reader->content, frame->content_length, err);
}

static bool make_file(Reader *reader, const char *folder, const Ghost__Entry *entry, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, entry->path);
        CLEANUP(file_close) int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t digest[SHA256_BYTES];

        if (file < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", path);
        for (uint64_t left = entry->size; left > 0;) {
                if (reader->used == reader->available && !next_frame(reader, err))
                        return false;
                size_t part = reader->available - reader->used;
                if (part > left)
                        part = (size_t) left;
                sha256_update(hash, reader->content + reader->used, part);
                if (!file_write_all(file, reader->content + reader->used, part, err))
                        return false;
                reader->used += part;
                left -= part;
        }
        sha256_finish(hash, digest);
        if (memcmp(digest, entry->sha256.data, SHA256_BYTES) != 0)
                return error_set(
                        err, ERROR_INVALID, "package is damaged: '%s' has not its hash", entry->path);
        return fchmod(file, entry->mode) == 0 ||
               error_set(err, ERROR_INTERNAL, "cannot set the mode of %s: %m", path);
}

static bool make_contents(Reader *reader, const char *folder, Error **err) {
        for (size_t i = 0; i < reader->manifest->n_entries; i++) {
                const Ghost__Entry *entry = reader->manifest->entries[i];
                CLEANUP(free) char *path = xasprintf("%s/%s", folder, entry->path);
                if (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER && mkdir(path, 0700) < 0)
                        return error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", path);
                if (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE &&
                    !make_file(reader, folder, entry, err))
                        return false;
        }
        return true;
}

/* Links last, so that nothing is ever written through one; modes of folders from the deepest up, so that a
 * read-only one can still be filled. */
static bool make_links_and_modes(const Ghost__Manifest *manifest, const char *folder, Error **err) {
        for (size_t i = manifest->n_entries; i-- > 0;) {
                const Ghost__Entry *entry = manifest->entries[i];
                CLEANUP(free) char *path = xasprintf("%s/%s", folder, entry->path);
                if (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_LINK && symlink(entry->target, path) < 0)
                        return error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", path);
                if (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER && chmod(path, entry->mode) < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot set the mode of %s: %m", path);
        }
        return true;
}

bool pack_unpack(const Ghost__Manifest *manifest, const char *pack_file, const char *folder, Error **err) {
        CLEANUP(file_close) int pack = open(pack_file, O_RDONLY | O_CLOEXEC);
        CLEANUP(free) uint8_t *packed = xcalloc(1, FRAME_PACKED_MAX);
        CLEANUP(free) uint8_t *content = xcalloc(1, FRAME_CONTENT_MAX);
        Reader reader = { .manifest = manifest, .pack = pack, .packed = packed, .content = content };

        if (pack < 0)
                return error_set(err, ERROR_NOT_FOUND, "cannot open %s: %m", pack_file);
        return make_contents(&reader, folder, err) && make_links_and_modes(manifest, folder, err);
}

bool pack_verify(const Ghost__Manifest *manifest, const char *pack_file, Error **err) {
        CLEANUP(file_close) int pack = open(pack_file, O_RDONLY | O_CLOEXEC);
        CLEANUP(free) uint8_t *bytes = xcalloc(1, READ_BYTES);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t digest[SHA256_BYTES];
        struct stat facts;

        if (pack < 0 || fstat(pack, &facts) < 0)
                return error_set(err, ERROR_NOT_FOUND, "cannot open %s: %m", pack_file);
        if ((uint64_t) facts.st_size != manifest->pack_bytes)
                return error_set(err, ERROR_INVALID, "package is damaged: the pack has not its length");
        for (uint64_t done = 0; done < manifest->pack_bytes;) {
                uint64_t left = manifest->pack_bytes - done;
                size_t part = left < READ_BYTES ? (size_t) left : READ_BYTES;
                if (!read_exactly(pack, bytes, part, done, err))
                        return false;
                sha256_update(hash, bytes, part);
                done += part;
        }
        sha256_finish(hash, digest);
        return memcmp(digest, manifest->pack_sha256.data, SHA256_BYTES) == 0 ||
               error_set(err, ERROR_INVALID, "package is damaged: the pack has not its hash");
}

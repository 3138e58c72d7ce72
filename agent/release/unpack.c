#include "release/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/frame.h"
#include "package/manifest.h"
#include "release/former_files.h"
#include "release/tree_walk.h"

enum { MARGIN_BYTES = 4 << 20 };

typedef struct Unpack {
        const UnpackSpec *spec;
        int root;      /* the release's folder */
        int kept;      /* folder of the kept files; -1: none */
        size_t next;   /* entry not yet begun */
        int fd;        /* file being written; -1: none, or one that was kept */
        uint64_t left; /* bytes of it still to come */
        Sha256 *hash;
} Unpack;

bool unpack_check_space(const char *folder, uint64_t needed_bytes, Error **err) {
        uint64_t free_bytes = 0;

        if (!file_free_bytes(folder, &free_bytes, err))
                return false;
        if (needed_bytes <= UINT64_MAX - MARGIN_BYTES && needed_bytes + MARGIN_BYTES <= free_bytes)
                return true;
        return error_set(
                err, ERROR_UNAVAILABLE, "disk full: needs %llu MB, %llu MB free on %s",
                (unsigned long long) (needed_bytes + MARGIN_BYTES + (1 << 20) - 1) >> 20,
                (unsigned long long) free_bytes >> 20, folder);
}

static bool entry_error(const Ghost__Entry *entry, const char *what, Error **err) {
        ErrorKind kind = errno == ENOSPC || errno == EDQUOT ? ERROR_UNAVAILABLE : ERROR_INTERNAL;

        return error_set(err, kind, "%s '%s': %s", what, entry->path, strerror(errno));
}

/* The folder that holds the entry, opened part by part: a link on the way, from wherever it came, ends the
 * walk. */
static int open_parent(const Unpack *unpack, const Ghost__Entry *entry, const char **ret_name, Error **err) {
        int folder = tree_open_parent(unpack->root, entry->path, ret_name);

        if (folder < 0)
                entry_error(entry, "folder of", err);
        return folder;
}

static bool give_owner(const Unpack *unpack, int fd, const Ghost__Entry *entry, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;

        if (geteuid() == 0 && fchown(fd, manifest->uid, manifest->gid) < 0)
                return entry_error(entry, "owner of", err);
        return true;
}

static bool give_owner_and_mode(const Unpack *unpack, int fd, const Ghost__Entry *entry, Error **err) {
        if (!give_owner(unpack, fd, entry, err))
                return false;
        if (fchmod(fd, entry->mode & 0777) < 0)
                return entry_error(entry, "mode of", err);
        return true;
}

static bool make_link(
        const Unpack *unpack, const Ghost__Entry *entry, int folder, const char *name, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;

        if (!manifest_link_stays_inside(entry->path, entry->target))
                return error_set(
                        err, ERROR_FORBIDDEN, "link '%s' to '%s' leaves the release", entry->path,
                        entry->target);
        if (symlinkat(entry->target, folder, name) < 0)
                return entry_error(entry, "link", err);
        if (geteuid() == 0 && fchownat(folder, name, manifest->uid, manifest->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return entry_error(entry, "owner of", err);
        return true;
}

static bool make_folder(
        const Unpack *unpack, const Ghost__Entry *entry, int folder, const char *name, Error **err) {
        if (mkdirat(folder, name, 0700) < 0)
                return entry_error(entry, "folder", err);
        CLEANUP(file_close) int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return entry_error(entry, "folder", err);
        return give_owner(unpack, fd, entry, err);
}

static bool finish_file(Unpack *unpack, Error **err) {
        const Ghost__Entry *entry = unpack->spec->manifest->entries[unpack->next - 1];
        CLEANUP(file_close) int fd = unpack->fd;
        uint8_t hash[SHA256_BYTES];

        unpack->fd = -1;
        sha256_finish(unpack->hash, hash);
        sha256_free(TAKE(unpack->hash));
        if (entry->sha256.len != SHA256_BYTES || memcmp(hash, entry->sha256.data, SHA256_BYTES) != 0)
                return error_set(
                        err, ERROR_INVALID, "package is damaged: '%s' is not what the manifest's hash says",
                        entry->path);
        return give_owner_and_mode(unpack, fd, entry, err);
}

static bool is_kept(const Unpack *unpack, size_t entry) {
        return unpack->kept >= 0 && unpack->spec->plan->kept[entry];
}

/* Its hash was checked when it was copied, into a folder that is ours alone. */
static bool take_kept(Unpack *unpack, const Ghost__Entry *entry, int folder, const char *name, Error **err) {
        CLEANUP(free) char *kept = former_files_name(unpack->next - 1);
        CLEANUP(file_close) int fd = openat(unpack->kept, kept, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || renameat(unpack->kept, kept, folder, name) < 0)
                return entry_error(entry, "kept file", err);
        unpack->left = entry->size;
        return give_owner_and_mode(unpack, fd, entry, err);
}

static bool begin_file(Unpack *unpack, const Ghost__Entry *entry, int folder, const char *name, Error **err) {
        if (entry->mode & 06000)
                return error_set(err, ERROR_FORBIDDEN, "'%s' is a set-user-id file", entry->path);
        if (is_kept(unpack, unpack->next - 1))
                return take_kept(unpack, entry, folder, name, err);
        unpack->fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (unpack->fd < 0)
                return entry_error(entry, "file", err);
        unpack->left = entry->size;
        unpack->hash = sha256_new();
        return entry->size > 0 || finish_file(unpack, err);
}

static bool make_entry(Unpack *unpack, const Ghost__Entry *entry, Error **err) {
        const char *name = NULL;
        CLEANUP(file_close) int folder = open_parent(unpack, entry, &name, err);

        if (folder < 0)
                return false;
        switch (entry->type) {
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE:
                return begin_file(unpack, entry, folder, name, err);
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER:
                return make_folder(unpack, entry, folder, name, err);
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_LINK:
                return make_link(unpack, entry, folder, name, err);
        case _GHOST__ENTRY_TYPE_IS_INT_SIZE:
        default:
                return error_set(err, ERROR_FORBIDDEN, "'%s' is neither file, folder nor link", entry->path);
        }
}

/* Makes everything up to the next file that has content. */
static bool begin_next_file(Unpack *unpack, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;

        while (unpack->left == 0 && unpack->next < manifest->n_entries)
                if (!make_entry(unpack, manifest->entries[unpack->next++], err))
                        return false;
        return true;
}

static bool put(Unpack *unpack, const uint8_t *bytes, size_t length, Error **err) {
        const char *path = unpack->spec->manifest->entries[unpack->next - 1]->path;

        if (unpack->fd < 0)
                return true; /* it is there already */
        if (!bytes)
                return error_set(err, ERROR_INTERNAL, "'%s' is neither fetched nor kept", path);
        if (!file_write_all(unpack->fd, bytes, length, err))
                return error_prefix(err, "'%s'", path);
        sha256_update(unpack->hash, bytes, length);
        return true;
}

/* bytes NULL: of a frame that was not fetched. */
static bool take_content(Unpack *unpack, const uint8_t *bytes, size_t length, Error **err) {
        while (length > 0) {
                if (!begin_next_file(unpack, err))
                        return false;
                if (unpack->left == 0)
                        return error_set(
                                err, ERROR_INVALID, "package is damaged: it holds more than its files");
                size_t part = length < unpack->left ? length : (size_t) unpack->left;
                if (!put(unpack, bytes, part, err))
                        return false;
                unpack->left -= part;
                bytes = bytes ? bytes + part : NULL;
                length -= part;
                if (unpack->left == 0 && unpack->fd >= 0 && !finish_file(unpack, err))
                        return false;
        }
        return true;
}

static bool read_frame(int pack, const Ghost__Frame *frame, uint8_t *ret, Error **err) {
        for (size_t done = 0; done < frame->length;) {
                ssize_t got = pread(pack, ret + done, frame->length - done, (off_t) (frame->offset + done));
                if (got <= 0)
                        return error_set(
                                err, ERROR_INTERNAL, "read of the pack: %s",
                                got < 0 ? strerror(errno) : "too short");
                done += (size_t) got;
        }
        return true;
}

static bool is_fetched(const Unpack *unpack, size_t frame) {
        return !unpack->spec->plan || unpack->spec->plan->needed[frame];
}

static bool take_frames(Unpack *unpack, int pack, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;
        CLEANUP(free) uint8_t *packed = xcalloc(1, FRAME_PACKED_MAX);
        CLEANUP(free) uint8_t *content = xcalloc(1, FRAME_CONTENT_MAX);

        for (size_t i = 0; i < manifest->n_frames; i++) {
                const Ghost__Frame *frame = manifest->frames[i];
                if (unpack->spec->cancelled && atomic_load(unpack->spec->cancelled))
                        return error_set(err, ERROR_CANCELLED, "cancelled while unpacking");
                if (frame->length > FRAME_PACKED_MAX || frame->content_length > FRAME_CONTENT_MAX)
                        return error_set(err, ERROR_INVALID, "package is damaged: frame %zu is too long", i);
                if (!is_fetched(unpack, i)) {
                        if (!take_content(unpack, NULL, frame->content_length, err))
                                return false;
                        continue;
                }
                if (!read_frame(pack, frame, packed, err) ||
                    !frame_decompress(packed, frame->length, content, frame->content_length, err) ||
                    !take_content(unpack, content, frame->content_length, err))
                        return false;
        }
        return true;
}

/* Last, and from the innermost out: a folder may forbid writing. */
static bool set_folder_modes(const Unpack *unpack, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;

        for (size_t i = manifest->n_entries; i-- > 0;) {
                const Ghost__Entry *entry = manifest->entries[i];
                const char *name = NULL;
                if (entry->type != GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER)
                        continue;
                CLEANUP(file_close) int folder = open_parent(unpack, entry, &name, err);
                if (folder < 0)
                        return false;
                if (fchmodat(folder, name, entry->mode & 03777, 0) < 0)
                        return entry_error(entry, "mode of", err);
        }
        return true;
}

static bool unpack_all(Unpack *unpack, int pack, Error **err) {
        const Ghost__Manifest *manifest = unpack->spec->manifest;

        if (!take_frames(unpack, pack, err) || !begin_next_file(unpack, err))
                return false;
        if (unpack->left > 0)
                return error_set(
                        err, ERROR_INVALID, "package is damaged: it ends within '%s'",
                        manifest->entries[unpack->next - 1]->path);
        if (!set_folder_modes(unpack, err))
                return false;
        if (geteuid() == 0 && fchown(unpack->root, manifest->uid, manifest->gid) < 0)
                return error_set(
                        err, ERROR_INTERNAL, "owner of %s: %s", unpack->spec->folder, strerror(errno));
        if (fchmod(unpack->root, 0755) < 0 || syncfs(unpack->root) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", unpack->spec->folder, strerror(errno));
        return true;
}

static bool open_folders(Unpack *unpack, Error **err) {
        const UnpackSpec *spec = unpack->spec;

        if (mkdir(spec->folder, 0700) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", spec->folder, strerror(errno));
        unpack->root = open(spec->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (unpack->root < 0)
                return error_set(err, ERROR_INTERNAL, "%s: %s", spec->folder, strerror(errno));
        if (!spec->plan)
                return true;
        unpack->kept = open(spec->kept, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return unpack->kept >= 0 || error_set(err, ERROR_INTERNAL, "%s: %s", spec->kept, strerror(errno));
}

bool unpack_release(const UnpackSpec *spec, Error **err) {
        Unpack unpack = { .spec = spec, .root = -1, .kept = -1, .fd = -1 };
        CLEANUP(file_close) int pack = open(spec->pack, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        if (pack < 0)
                return error_set(err, ERROR_INTERNAL, "%s: %s", spec->pack, strerror(errno));
        bool ok = open_folders(&unpack, err) && unpack_all(&unpack, pack, err);
        file_closep(&unpack.fd);
        file_closep(&unpack.root);
        file_closep(&unpack.kept);
        sha256_free(unpack.hash);
        return ok;
}

#include "package/pack_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

enum { ENTRIES_MAX = 200000, READ_BYTES = 256 << 10, ZSTD_LEVEL = 3 };

typedef struct Writer {
        const PackSpec *spec;
        Ghost__Manifest *manifest;
        size_t entry_room, frame_room;
        uint64_t path_bytes; /* of the manifest as it grows */
        int file;
        Sha256 *pack_hash;
        uint8_t *content, *packed;
        size_t content_length;
} Writer;

static bool stopped(const Writer *writer, Error **err) {
        const PackSpec *spec = writer->spec;

        if (spec->cancelled && spec->cancelled(spec->context)) {
                error_set(err, ERROR_CANCELLED, "packing was stopped");
                return true;
        }
        return false;
}

static bool add_entry(Writer *writer, const char *path, const struct stat *facts, Error **err) {
        Ghost__Manifest *manifest = writer->manifest;

        writer->path_bytes += strlen(path) + 64;
        if (manifest->n_entries == ENTRIES_MAX || writer->path_bytes > MANIFEST_MAX_BYTES / 2)
                return error_set(
                        err, ERROR_INVALID, "the release has more than %d files and folders", ENTRIES_MAX);
        if (manifest->n_entries == writer->entry_room) {
                writer->entry_room = writer->entry_room ? writer->entry_room * 2 : 256;
                manifest->entries = xrealloc(manifest->entries, writer->entry_room * sizeof(Ghost__Entry *));
        }
        Ghost__Entry *entry = xcalloc(1, sizeof(*entry));
        ghost__entry__init(entry);
        entry->path = xstrdup(path);
        manifest->entries[manifest->n_entries++] = entry;

        if (S_ISDIR(facts->st_mode)) {
                entry->type = GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER;
                entry->mode = facts->st_mode & 03777;
        } else if (S_ISLNK(facts->st_mode)) {
                entry->type = GHOST__ENTRY_TYPE__ENTRY_TYPE_LINK;
                entry->mode = 0777;
        } else {
                entry->type = GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE;
                entry->mode = facts->st_mode & 0777;
        }
        return true;
}

static bool read_link(Writer *writer, const char *full, const char *path, Error **err) {
        Ghost__Entry *entry = writer->manifest->entries[writer->manifest->n_entries - 1];
        char target[MANIFEST_PATH_MAX + 2];
        ssize_t length = readlink(full, target, sizeof(target) - 1);

        if (length < 0)
                return error_set(err, ERROR_INTERNAL, "cannot read link %s: %m", path);
        target[length] = '\0';
        if (!manifest_link_stays_inside(path, target))
                return error_set(
                        err, ERROR_INVALID, "link '%s' to '%.200s' leaves the release", path, target);
        entry->target = xstrdup(target);
        return true;
}

/* One name found in a folder; folders are queued. */
static bool take_name(Writer *writer, const char *path, StringList *folders, Error **err) {
        CLEANUP(free) char *full = xasprintf("%s/%s", writer->spec->folder, path);
        struct stat facts;

        if (!manifest_path_valid(path))
                return error_set(err, ERROR_INVALID, "path '%.200s' is too long", path);
        if (lstat(full, &facts) < 0)
                return error_set(err, ERROR_INTERNAL, "cannot look at %s: %m", path);
        if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode) && !S_ISLNK(facts.st_mode))
                return error_set(
                        err, ERROR_INVALID, "'%s' is neither file, folder nor link: it cannot be released",
                        path);
        if (!add_entry(writer, path, &facts, err))
                return false;
        if (S_ISDIR(facts.st_mode))
                string_list_add(folders, path);
        return !S_ISLNK(facts.st_mode) || read_link(writer, full, path, err);
}

static bool walk_folder(Writer *writer, const char *folder, StringList *folders, Error **err) {
        CLEANUP(free) char *full = xasprintf("%s/%s", writer->spec->folder, folder);
        DIR *names = opendir(full);
        bool ok = true;

        if (!names)
                return error_set(err, ERROR_INTERNAL, "cannot read folder %s: %m", full);
        for (const struct dirent *name; ok && (name = readdir(names));) {
                if (text_equal(name->d_name, ".") || text_equal(name->d_name, "..") ||
                    (writer->spec->exclude_git && text_equal(name->d_name, ".git")))
                        continue;
                CLEANUP(free) char *path = xasprintf("%s%s%s", folder, *folder ? "/" : "", name->d_name);
                ok = !stopped(writer, err) && take_name(writer, path, folders, err);
        }
        closedir(names);
        return ok;
}

static int by_path(const void *a, const void *b) {
        const Ghost__Entry *const *left = a, *const *right = b;

        return strcmp((*left)->path, (*right)->path);
}

static bool collect(Writer *writer, Error **err) {
        CLEANUP(string_list_clear) StringList folders = { 0 };

        string_list_add(&folders, "");
        for (size_t i = 0; i < folders.count; i++)
                if (!walk_folder(writer, folders.items[i], &folders, err))
                        return false;
        if (writer->manifest->n_entries > 0)
                qsort(writer->manifest->entries, writer->manifest->n_entries, sizeof(Ghost__Entry *),
                      by_path);
        return true;
}

static bool flush_frame(Writer *writer, Error **err) {
        Ghost__Manifest *manifest = writer->manifest;
        size_t length = 0;

        if (writer->content_length == 0)
                return true;
        if (!frame_compress(
                    writer->content, writer->content_length, ZSTD_LEVEL, writer->packed, &length, err) ||
            !file_write_all(writer->file, writer->packed, length, err))
                return false;
        sha256_update(writer->pack_hash, writer->packed, length);

        if (manifest->n_frames == writer->frame_room) {
                writer->frame_room = writer->frame_room ? writer->frame_room * 2 : 64;
                manifest->frames = xrealloc(manifest->frames, writer->frame_room * sizeof(Ghost__Frame *));
        }
        Ghost__Frame *frame = xcalloc(1, sizeof(*frame));
        ghost__frame__init(frame);
        frame->offset = manifest->pack_bytes;
        frame->length = (uint32_t) length;
        frame->content_length = (uint32_t) writer->content_length;
        manifest->frames[manifest->n_frames++] = frame;
        manifest->pack_bytes += length;
        manifest->content_bytes += writer->content_length;
        writer->content_length = 0;
        return !stopped(writer, err);
}

/* Reads until the frame is full or the file ends. */
static bool fill_frame(
        Writer *writer, int file, Ghost__Entry *entry, Sha256 *hash, bool *ret_end, Error **err) {
        while (writer->content_length < FRAME_CONTENT_MAX) {
                size_t room = FRAME_CONTENT_MAX - writer->content_length;
                uint8_t *place = writer->content + writer->content_length;
                ssize_t got = read(file, place, room < READ_BYTES ? room : READ_BYTES);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", entry->path);
                if (got == 0) {
                        *ret_end = true;
                        return true;
                }
                sha256_update(hash, place, (size_t) got);
                writer->content_length += (size_t) got;
                entry->size += (uint64_t) got;
        }
        return true;
}

static bool pack_file(Writer *writer, Ghost__Entry *entry, Error **err) {
        CLEANUP(free) char *full = xasprintf("%s/%s", writer->spec->folder, entry->path);
        CLEANUP(file_close) int file = open(full, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();

        if (file < 0)
                return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", entry->path);
        for (bool end = false; !end;) {
                if (!fill_frame(writer, file, entry, hash, &end, err))
                        return false;
                if (writer->content_length == FRAME_CONTENT_MAX && !flush_frame(writer, err))
                        return false;
        }
        entry->sha256.data = xcalloc(1, SHA256_BYTES);
        entry->sha256.len = SHA256_BYTES;
        sha256_finish(hash, entry->sha256.data);
        return !stopped(writer, err);
}

static bool write_pack(Writer *writer, Error **err) {
        Ghost__Manifest *manifest = writer->manifest;

        for (size_t i = 0; i < manifest->n_entries; i++)
                if (manifest->entries[i]->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE &&
                    !pack_file(writer, manifest->entries[i], err))
                        return false;
        if (!flush_frame(writer, err))
                return false;
        if (fsync(writer->file) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot keep %s: %m", writer->spec->pack_file);
        manifest->pack_sha256.data = xcalloc(1, SHA256_BYTES);
        manifest->pack_sha256.len = SHA256_BYTES;
        sha256_finish(writer->pack_hash, manifest->pack_sha256.data);
        return true;
}

bool pack_write(const PackSpec *spec, Ghost__Manifest *ret, Error **err) {
        CLEANUP(free) uint8_t *content = xcalloc(1, FRAME_CONTENT_MAX);
        CLEANUP(free) uint8_t *packed = xcalloc(1, FRAME_PACKED_MAX);
        CLEANUP(sha256_free) Sha256 *pack_hash = sha256_new();
        CLEANUP(file_close)
        int file = open(spec->pack_file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        Writer writer = { .spec = spec,
                          .manifest = ret,
                          .file = file,
                          .pack_hash = pack_hash,
                          .content = content,
                          .packed = packed };

        if (file < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot write %s: %m", spec->pack_file);
        ret->format = MANIFEST_FORMAT;
        if (collect(&writer, err) && write_pack(&writer, err))
                return true;
        unlink(spec->pack_file);
        return false;
}

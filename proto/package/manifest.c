#include "package/manifest.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "package/frame.h"

static bool is_dots(const char *part, size_t length) {
        return (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.');
}

bool manifest_path_valid(const char *path) {
        if (strlen(path) > MANIFEST_PATH_MAX)
                return false;
        for (const char *part = path;; part++) {
                size_t length = strcspn(part, "/");
                if (length == 0 || length > 255 || is_dots(part, length))
                        return false;
                part += length;
                if (*part == '\0')
                        return true;
        }
}

bool manifest_link_stays_inside(const char *path, const char *target) {
        size_t depth = 0;

        for (; *path; path++)
                depth += *path == '/';
        if (target[0] == '\0' || target[0] == '/' || strlen(target) > MANIFEST_PATH_MAX)
                return false;
        bool in_front = true;
        for (const char *part = target;;) {
                size_t length = strcspn(part, "/");
                bool up = length == 2 && part[0] == '.' && part[1] == '.';
                if (up && (!in_front || depth-- == 0))
                        return false;
                in_front = in_front && (up || length == 0 || is_dots(part, length));
                part += length;
                if (*part++ == '\0')
                        return true;
        }
}

static int compare_path(const void *key, const void *member) {
        const Ghost__Entry *const *entry = member;

        return strcmp(key, (*entry)->path);
}

static bool below_a_folder(const Ghost__Manifest *manifest, const char *path) {
        char parent[MANIFEST_PATH_MAX + 1];
        const char *slash = strrchr(path, '/');

        if (!slash)
                return true;
        memcpy(parent, path, (size_t) (slash - path));
        parent[slash - path] = '\0';
        Ghost__Entry **found =
                bsearch(parent, manifest->entries, manifest->n_entries, sizeof(Ghost__Entry *), compare_path);
        return found && (*found)->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER;
}

static bool check_kind(const Ghost__Entry *entry, Error **err) {
        switch (entry->type) {
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE:
                if (entry->sha256.len != SHA256_BYTES)
                        return error_set(err, ERROR_INVALID, "'%s' has no hash", entry->path);
                if (entry->mode & 06000)
                        return error_set(
                                err, ERROR_INVALID, "'%s' is a set-user-id or set-group-id file",
                                entry->path);
                return true;
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_FOLDER:
                return true;
        case GHOST__ENTRY_TYPE__ENTRY_TYPE_LINK:
                return manifest_link_stays_inside(entry->path, entry->target) ||
                       error_set(
                               err, ERROR_INVALID, "link '%s' to '%s' leaves the release", entry->path,
                               entry->target);
        case _GHOST__ENTRY_TYPE_IS_INT_SIZE:
        default:
                return error_set(err, ERROR_INVALID, "'%s' is neither file, folder nor link", entry->path);
        }
}

static bool check_entry(const Ghost__Entry *entry, const char *before, Error **err) {
        if (!manifest_path_valid(entry->path))
                return error_set(
                        err, ERROR_INVALID, "path '%.200s' leaves the release or is not plain", entry->path);
        if (strcmp(before, entry->path) >= 0)
                return error_set(err, ERROR_INVALID, "'%.200s' is not in order", entry->path);
        if (entry->mode > 07777)
                return error_set(err, ERROR_INVALID, "'%.200s' has no valid mode", entry->path);
        return check_kind(entry, err);
}

static bool check_entries(const Ghost__Manifest *manifest, Error **err) {
        const char *before = "";
        uint64_t content_bytes = 0;
        bool adds_up = true;

        for (size_t i = 0; i < manifest->n_entries && adds_up; i++) {
                const Ghost__Entry *entry = manifest->entries[i];
                if (!check_entry(entry, before, err))
                        return false;
                if (entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE)
                        adds_up = !__builtin_add_overflow(content_bytes, entry->size, &content_bytes);
                before = entry->path;
        }
        if (!adds_up || content_bytes != manifest->content_bytes)
                return error_set(err, ERROR_INVALID, "the sizes of the files do not add up");
        for (size_t i = 0; i < manifest->n_entries; i++)
                if (!below_a_folder(manifest, manifest->entries[i]->path))
                        return error_set(
                                err, ERROR_INVALID, "'%s' is not in a folder of the release",
                                manifest->entries[i]->path);
        return true;
}

static bool check_frames(const Ghost__Manifest *manifest, Error **err) {
        uint64_t offset = 0, content_bytes = 0;

        for (size_t i = 0; i < manifest->n_frames; i++) {
                const Ghost__Frame *frame = manifest->frames[i];
                bool plain = frame->offset == offset && frame->length > 0 &&
                             frame->length <= FRAME_PACKED_MAX && frame->content_length > 0 &&
                             frame->content_length <= FRAME_CONTENT_MAX;
                if (!plain)
                        return error_set(
                                err, ERROR_INVALID, "frame %zu is not where or as long as it must be", i);
                offset += frame->length;
                content_bytes += frame->content_length;
        }
        if (offset != manifest->pack_bytes || content_bytes != manifest->content_bytes)
                return error_set(err, ERROR_INVALID, "the frames do not add up");
        return manifest->pack_sha256.len == SHA256_BYTES ||
               error_set(err, ERROR_INVALID, "the pack has no hash");
}

bool manifest_check(const Ghost__Manifest *manifest, Error **err) {
        if (manifest->format != MANIFEST_FORMAT)
                return error_set(
                        err, ERROR_INVALID, "manifest format %u is not known here", manifest->format);
        if (manifest->module[0] == '\0' || manifest->path[0] != '/')
                return error_set(err, ERROR_INVALID, "the manifest names no module or no target path");
        return check_entries(manifest, err) && check_frames(manifest, err);
}

Ghost__Manifest *manifest_unpack(const void *bytes, size_t length, Error **err) {
        Ghost__Manifest *manifest =
                length <= MANIFEST_MAX_BYTES ? ghost__manifest__unpack(NULL, length, bytes) : NULL;

        if (!manifest) {
                error_set(err, ERROR_INVALID, "the manifest cannot be read");
                return NULL;
        }
        if (manifest_check(manifest, err))
                return manifest;
        ghost__manifest__free_unpacked(manifest, NULL);
        return NULL;
}

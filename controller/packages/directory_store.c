/* The package store that is a folder. The manifest is put last: a package whose manifest is there is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "package/manifest.h"
#include "packages/package_store.h"

enum { COPY_BYTES = 256 << 10, SIGNATURE_MAX_BYTES = 4096 };

typedef struct DirectoryStore {
        PackageStore store;
        char *folder;
} DirectoryStore;

static char *part_path(PackageStore *store, const char *sha256, const char *part) {
        return xasprintf("%s/%.2s/%s.%s", ((DirectoryStore *) store)->folder, sha256, sha256, part);
}

static bool copy_file(const char *from, const char *to, Error **err) {
        CLEANUP(file_close) int source = open(from, O_RDONLY | O_CLOEXEC);
        CLEANUP(file_close)
        int target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        CLEANUP(free) char *bytes = xcalloc(1, COPY_BYTES);

        if (source < 0 || target < 0)
                return error_set(
                        err, ERROR_UNAVAILABLE, "cannot copy %s to %s: %s", from, to,
                        errno == ENOSPC ? "no space left on the disk" : "it cannot be opened");
        for (ssize_t got = 1; got > 0;) {
                got = read(source, bytes, COPY_BYTES);
                if (got < 0 && errno == EINTR) {
                        got = 1;
                        continue;
                }
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", from);
                if (got > 0 && !file_write_all(target, bytes, (size_t) got, err))
                        return error_prefix(err, "%s", to);
        }
        return fsync(target) == 0 || error_set(err, ERROR_UNAVAILABLE, "cannot write %s: %m", to);
}

static bool put_pack(PackageStore *store, const char *sha256, const char *pack_file, Error **err) {
        CLEANUP(free) char *path = part_path(store, sha256, "pack");
        CLEANUP(free) char *temporary = xasprintf("%s.new", path);

        if (rename(pack_file, path) == 0)
                return true;
        if (errno != EXDEV)
                return error_set(
                        err, ERROR_UNAVAILABLE, "cannot put %s into the package store: %m", pack_file);
        if (!copy_file(pack_file, temporary, err)) {
                unlink(temporary);
                return false;
        }
        return rename(temporary, path) == 0 || error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", path);
}

static bool directory_remove(PackageStore *store, const char *sha256, Error **err) {
        static const char *const parts[] = { "manifest", "signature", "pack" };

        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                CLEANUP(free) char *path = part_path(store, sha256, parts[i]);
                if (unlink(path) < 0 && errno != ENOENT)
                        return error_set(err, ERROR_INTERNAL, "cannot remove %s: %m", path);
        }
        return true;
}

static bool put_parts(
        PackageStore *store, const char *sha256, const StoredManifest *manifest, const char *pack_file,
        Error **err) {
        CLEANUP(free) char *signature_path = part_path(store, sha256, "signature");
        CLEANUP(free) char *manifest_path = part_path(store, sha256, "manifest");

        return put_pack(store, sha256, pack_file, err) &&
               file_write_atomic(
                       signature_path, manifest->signature, manifest->signature_length, 0600, err) &&
               file_write_atomic(manifest_path, manifest->manifest, manifest->manifest_length, 0600, err);
}

static bool directory_put(
        PackageStore *store, const char *sha256, const StoredManifest *manifest, const char *pack_file,
        Error **err) {
        CLEANUP(free) char *manifest_path = part_path(store, sha256, "manifest");
        CLEANUP(free) char *folder = xasprintf("%s/%.2s", ((DirectoryStore *) store)->folder, sha256);

        if (!file_make_folders(folder, 0700, err))
                return false;
        bool was_there = file_exists(manifest_path);
        if (put_parts(store, sha256, manifest, pack_file, err))
                return true;
        if (!was_there) {
                CLEANUP(error_free) Error *ignored = NULL;
                directory_remove(store, sha256, &ignored);
        }
        return error_prefix(err, "package store");
}

static bool read_part(
        PackageStore *store, const char *sha256, const char *part, size_t max_bytes, void **ret,
        size_t *ret_length, Error **err) {
        CLEANUP(free) char *path = part_path(store, sha256, part);
        CLEANUP(error_free) Error *failed = NULL;

        if (file_read(path, max_bytes, (char **) ret, ret_length, &failed))
                return true;
        return error_set(
                err, error_kind(failed), "package %.12s%s%s", sha256,
                error_kind(failed) == ERROR_NOT_FOUND ? " is not in the package store" : ": ",
                error_kind(failed) == ERROR_NOT_FOUND ? "" : error_message(failed));
}

static bool directory_get_manifest(
        PackageStore *store, const char *sha256, StoredManifest *ret, Error **err) {
        if (read_part(
                    store, sha256, "manifest", MANIFEST_MAX_BYTES, &ret->manifest, &ret->manifest_length,
                    err) &&
            read_part(
                    store, sha256, "signature", SIGNATURE_MAX_BYTES, &ret->signature, &ret->signature_length,
                    err))
                return true;
        stored_manifest_clear(ret);
        return false;
}

static bool directory_read(
        PackageStore *store, const char *sha256, uint64_t offset, void *ret, size_t length,
        size_t *ret_length, Error **err) {
        CLEANUP(free) char *path = part_path(store, sha256, "pack");
        CLEANUP(file_close) int file = open(path, O_RDONLY | O_CLOEXEC);

        if (offset > INT64_MAX)
                return error_set(err, ERROR_INVALID, "there is no such offset in a pack");
        if (file < 0)
                return error_set(
                        err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_INTERNAL,
                        "package %.12s has no pack in the package store", sha256);
        for (*ret_length = 0; *ret_length < length;) {
                ssize_t got =
                        pread(file, (char *) ret + *ret_length, length - *ret_length,
                              (off_t) (offset + *ret_length));
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return error_set(err, ERROR_INTERNAL, "cannot read %s: %m", path);
                if (got == 0)
                        break;
                *ret_length += (size_t) got;
        }
        return true;
}

static void directory_free(PackageStore *store) {
        free(((DirectoryStore *) store)->folder);
        free(store);
}

static const PackageStoreFunctions directory_functions = {
        .put = directory_put,
        .get_manifest = directory_get_manifest,
        .read = directory_read,
        .remove = directory_remove,
        .free = directory_free,
};

PackageStore *directory_package_store_new(const char *folder, Error **err) {
        if (!file_make_folders(folder, 0700, err))
                return NULL;
        DirectoryStore *store = xcalloc(1, sizeof(*store));
        store->store.functions = &directory_functions;
        store->folder = xstrdup(folder);
        return &store->store;
}

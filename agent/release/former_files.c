#include "release/former_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "release/tree_walk.h"

enum { BLOCK_BYTES = 256 << 10 };

/* A file of a former release; into its manifest. */
typedef struct Former {
        const Ghost__Entry *entry;
        size_t release;
} Former;

struct FormerFiles {
        const Ghost__Manifest *manifest; /* of the new release; borrowed */
        StringList trees;                /* of the former releases, the newest first */
        Ghost__Manifest **manifests;     /* beside them */
        Former *files;                   /* sorted by hash, of the same hash the newest first */
        size_t count;
};

void former_files_free(FormerFiles *files) {
        if (!files)
                return;
        for (size_t i = 0; i < files->trees.count; i++)
                ghost__manifest__free_unpacked(files->manifests[i], NULL);
        free(files->manifests);
        free(files->files);
        string_list_clear(&files->trees);
        free(files);
}

char *former_files_name(size_t entry) {
        return xasprintf("%zu", entry);
}

static bool has_content(const Ghost__Entry *entry) {
        return entry->type == GHOST__ENTRY_TYPE__ENTRY_TYPE_FILE && entry->size > 0 &&
               entry->sha256.len == SHA256_BYTES;
}

static int compare_hash(const void *a, const void *b) {
        const Former *left = a, *right = b;

        return memcmp(left->entry->sha256.data, right->entry->sha256.data, SHA256_BYTES);
}

static int compare_former(const void *a, const void *b) {
        const Former *left = a, *right = b;
        int order = compare_hash(a, b);

        return order != 0 ? order : (left->release > right->release) - (left->release < right->release);
}

static void add_release(FormerFiles *files, Ghost__Manifest *manifest, const char *tree) {
        size_t release = files->trees.count;

        files->manifests = xrealloc(files->manifests, (release + 1) * sizeof(*files->manifests));
        files->manifests[release] = manifest;
        string_list_add(&files->trees, tree);
        files->files =
                xrealloc(files->files, (files->count + manifest->n_entries + 1) * sizeof(*files->files));
        for (size_t i = 0; i < manifest->n_entries; i++)
                if (has_content(manifest->entries[i]))
                        files->files[files->count++] = (Former){ manifest->entries[i], release };
}

/* The first of those with the hash; NULL: none. */
static const Former *find(const FormerFiles *files, const Ghost__Entry *entry) {
        const Former wanted = { .entry = entry };
        const Former *found =
                files->count ? bsearch(&wanted, files->files, files->count, sizeof(wanted), compare_hash)
                             : NULL;

        while (found && found > files->files && compare_hash(found - 1, &wanted) == 0)
                found--;
        return found;
}

FormerFiles *former_files_find(
        const Releases *releases, const char *module, const Ghost__Manifest *manifest, PackPlan *plan) {
        FormerFiles *files = xcalloc(1, sizeof(*files));
        CLEANUP(string_list_clear) StringList names = { 0 };

        files->manifest = manifest;
        releases_on_disk(releases, module, &names);
        for (size_t i = names.count; i-- > 0;) {
                CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
                CLEANUP(error_free) Error *ignored = NULL;
                Ghost__Manifest *former = releases_manifest(releases, module, names.items[i], &ignored);
                releases_paths(releases, module, names.items[i], &paths);
                if (former)
                        add_release(files, former, paths.tree);
        }
        if (files->count)
                qsort(files->files, files->count, sizeof(*files->files), compare_former);
        for (size_t i = 0; i < manifest->n_entries; i++)
                plan->kept[i] = has_content(manifest->entries[i]) && find(files, manifest->entries[i]);
        return files;
}

/* ---- copying ---- */

static int open_former(const FormerFiles *files, const Former *former) {
        const char *name = NULL;
        struct stat facts;
        CLEANUP(file_close)
        int tree = open(files->trees.items[former->release], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(file_close) int folder = tree < 0 ? -1 : tree_open_parent(tree, former->entry->path, &name);
        int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        if (fd >= 0 && (fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode) ||
                        (uint64_t) facts.st_size != former->entry->size)) {
                close(fd);
                fd = -1;
        }
        return fd;
}

/* Reads `from` to its end, at most `size` bytes; writes them to `to` unless that is -1. True when they have
 * the hash. *err only when writing fails. */
static bool hash_bytes(int from, int to, const Ghost__Entry *entry, Error **err) {
        CLEANUP(free) uint8_t *block = xcalloc(1, BLOCK_BYTES);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t is[SHA256_BYTES];
        uint64_t done = 0;

        for (ssize_t got; (got = read(from, block, BLOCK_BYTES)) > 0; done += (uint64_t) got) {
                if ((uint64_t) got > entry->size - done)
                        return false; /* it grows */
                if (to >= 0 && !file_write_all(to, block, (size_t) got, err))
                        return false;
                sha256_update(hash, block, (size_t) got);
        }
        sha256_finish(hash, is);
        return done == entry->size && memcmp(is, entry->sha256.data, SHA256_BYTES) == 0;
}

/* What is hashed is the copy, or the very bytes that are written to it. */
static bool copy_one(int from, int to, const Ghost__Entry *entry, Error **err) {
        if (ioctl(to, FICLONE, from) == 0)
                return hash_bytes(to, -1, entry, err);
        return hash_bytes(from, to, entry, err);
}

static bool keep(const FormerFiles *files, int folder, size_t entry, bool *ret_kept, Error **err) {
        const Ghost__Entry *wanted = files->manifest->entries[entry];
        CLEANUP(free) char *name = former_files_name(entry);
        CLEANUP(error_free) Error *problem = NULL;

        *ret_kept = false;
        const Former *end = files->files + files->count;
        for (const Former *former = find(files, wanted);
             former && former < end &&
             memcmp(former->entry->sha256.data, wanted->sha256.data, SHA256_BYTES) == 0;
             former++) {
                CLEANUP(file_close) int from = open_former(files, former);
                if (from < 0)
                        continue;
                CLEANUP(file_close)
                int to = openat(folder, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
                if (to < 0)
                        return error_set(
                                err, ERROR_UNAVAILABLE, "copy of '%s': %s", wanted->path, strerror(errno));
                *ret_kept = former->entry->size == wanted->size && copy_one(from, to, wanted, &problem);
                if (problem) {
                        *err = TAKE(problem);
                        return error_prefix(err, "copy of '%s'", wanted->path);
                }
                if (*ret_kept)
                        return true;
        }
        return true;
}

bool former_files_copy(
        const FormerFiles *files, const char *folder, const atomic_bool *cancelled, PackPlan *plan,
        Error **err) {
        if (!file_remove_tree(folder, err))
                return false;
        if (mkdir(folder, 0700) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", folder, strerror(errno));
        CLEANUP(file_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return error_set(err, ERROR_INTERNAL, "%s: %s", folder, strerror(errno));
        for (size_t i = 0; i < plan->entry_count; i++) {
                if (!plan->kept[i])
                        continue;
                if (cancelled && atomic_load(cancelled))
                        return error_set(err, ERROR_CANCELLED, "cancelled while copying");
                if (!keep(files, fd, i, &plan->kept[i], err))
                        return false;
        }
        return true;
}

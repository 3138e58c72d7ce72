/* file_remove_tree(): by descriptors, so that a link put in the way while it runs leads nowhere. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"

/* Folders nested deeper are first moved up, so that depth costs neither descriptors nor stack. */
enum { DEPTH_MAX = 64 };

typedef struct Removal {
        const char *path; /* for messages */
        int root;
        dev_t device;
        unsigned moved_count;
        bool again; /* something was moved up: the root has to be read once more */
} Removal;

static bool fail(Error **err, const Removal *removal, const char *name) {
        ErrorKind kind =
                errno == EACCES || errno == EPERM || errno == EROFS ? ERROR_FORBIDDEN : ERROR_INTERNAL;

        return error_set(err, kind, "remove '%s' in %s: %m", name, removal->path);
}

static void closedirp(DIR **folder) {
        if (*folder)
                closedir(*folder);
}

/* Opens a folder that may have been left without permission bits. -1 and errno when it cannot. */
static int open_folder(int parent, const char *name) {
        int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        char link[64];

        if (fd >= 0 || errno != EACCES)
                return fd;

        CLEANUP(file_close) int handle = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (handle < 0)
                return -1;
        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
        if (chmod(link, 0700) < 0)
                return -1;
        return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool remove_folder(Removal *removal, int parent, const char *name, int depth, Error **err);

static bool move_up(Removal *removal, int parent, const char *name, Error **err) {
        char moved[64];

        do
                (void) snprintf(moved, sizeof(moved), ".removing-%u", removal->moved_count++);
        while (renameat2(parent, name, removal->root, moved, RENAME_NOREPLACE) < 0 && errno == EEXIST);
        if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return error_set(
                        err, ERROR_INTERNAL, "remove '%s' in %s: too deep to move", name, removal->path);
        removal->again = true;
        return true;
}

static bool remove_entry(Removal *removal, int folder, const char *name, int depth, Error **err) {
        if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
                return true;
        if (errno != EISDIR && errno != EPERM) {
                struct stat facts;

                /* A folder without the write bit refuses; make it ours once and try again. */
                if (errno != EACCES || fchmod(folder, 0700) < 0 ||
                    fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) < 0)
                        return fail(err, removal, name);
                if (!S_ISDIR(facts.st_mode))
                        return unlinkat(folder, name, 0) == 0 || fail(err, removal, name);
        }
        if (depth >= DEPTH_MAX)
                return move_up(removal, folder, name, err);
        return remove_folder(removal, folder, name, depth, err);
}

/* Takes fd over. */
static bool empty_folder(Removal *removal, int fd, int depth, Error **err) {
        CLEANUP(closedir) DIR *folder = fdopendir(fd);

        if (!folder) {
                close(fd);
                return error_set(err, ERROR_INTERNAL, "read a folder in %s: %m", removal->path);
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (!remove_entry(removal, dirfd(folder), entry->d_name, depth, err))
                        return false;
        }
        return true;
}

static bool remove_folder(Removal *removal, int parent, const char *name, int depth, Error **err) {
        int fd = open_folder(parent, name);
        struct stat facts;

        if (fd < 0)
                return errno == ENOENT || fail(err, removal, name);
        if (fstat(fd, &facts) < 0 || facts.st_dev != removal->device) {
                close(fd);
                return error_set(
                        err, ERROR_CONFLICT, "remove '%s' in %s: another file system is mounted there", name,
                        removal->path);
        }
        if (!empty_folder(removal, fd, depth + 1, err))
                return false;
        if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                return fail(err, removal, name);
        return true;
}

static bool empty_root(const char *path, int root, Error **err) {
        Removal removal = { .path = path, .root = root };
        struct stat facts;

        if (fstat(root, &facts) < 0)
                return fail(err, &removal, ".");
        removal.device = facts.st_dev;
        do {
                int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (fd < 0)
                        return fail(err, &removal, ".");
                removal.again = false;
                if (!empty_folder(&removal, fd, 0, err))
                        return false;
        } while (removal.again);
        return true;
}

static bool root_failed(const char *path, Error **err) {
        ErrorKind kind = errno == EACCES || errno == EPERM ? ERROR_FORBIDDEN : ERROR_INTERNAL;

        return error_set(err, kind, "remove %s: %m", path);
}

bool file_remove_tree(const char *path, Error **err) {
        /* By itself, the last part of path is never followed; with a slash behind it, it would be. */
        CLEANUP(free) char *name = xstrdup(path);

        for (size_t length = strlen(name); length > 1 && name[length - 1] == '/';)
                name[--length] = '\0';

        if (unlink(name) == 0 || errno == ENOENT)
                return true;
        if (errno != EISDIR && errno != EPERM && errno != EACCES)
                return root_failed(name, err);

        CLEANUP(file_close) int root = open_folder(AT_FDCWD, name);
        if (root < 0)
                return root_failed(name, err);
        if (!empty_root(name, root, err))
                return false;
        return rmdir(name) == 0 || errno == ENOENT || root_failed(name, err);
}

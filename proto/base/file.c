#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

static ErrorKind kind_of(int code) {
        switch (code) {
        case ENOENT:
                return ERROR_NOT_FOUND;
        case EACCES:
        case EPERM:
        case EROFS:
                return ERROR_FORBIDDEN;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
                return ERROR_UNAVAILABLE;
        default:
                return ERROR_INTERNAL;
        }
}

/* "verb path: reason", from errno. */
static bool fail(Error **err, const char *verb, const char *path) {
        int code = errno;

        if (code == ENOSPC || code == EDQUOT)
                return error_set(
                        err, ERROR_UNAVAILABLE, "%s: no space left on the disk that holds %s", verb, path);
        return error_set(err, kind_of(code), "%s %s: %m", verb, path);
}

/* The folder that holds path. */
static char *folder_of(const char *path) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return xstrdup(".");
        return slash == path ? xstrdup("/") : xstrndup(path, (size_t) (slash - path));
}

bool file_make_folders(const char *path, mode_t mode, Error **err) {
        CLEANUP(free) char *part = xstrdup(path);
        struct stat facts;

        for (char *at = part + 1; *part; at++) {
                bool last = *at == '\0';

                if (*at != '/' && !last)
                        continue;
                *at = '\0';
                if (mkdir(part, mode) < 0 && errno != EEXIST)
                        return fail(err, "make folder", part);
                if (last)
                        break;
                *at = '/';
        }
        if (stat(path, &facts) < 0)
                return fail(err, "make folder", path);
        if (!S_ISDIR(facts.st_mode))
                return error_set(err, ERROR_CONFLICT, "make folder %s: a file of that name is there", path);
        return true;
}

/* Appends what is there to data, up to one byte more than max_bytes. Returns as read(2), without EINTR. */
static ssize_t read_more(int fd, Text *data, size_t max_bytes) {
        char buffer[16384];
        size_t wanted = max_bytes - data->length + 1;
        ssize_t count;

        do
                count = read(fd, buffer, wanted < sizeof(buffer) ? wanted : sizeof(buffer));
        while (count < 0 && errno == EINTR);
        if (count > 0)
                text_append_bytes(data, buffer, (size_t) count);
        return count;
}

bool file_read(const char *path, size_t max_bytes, char **ret, size_t *ret_length, Error **err) {
        CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return fail(err, "read", path);

        CLEANUP(text_clear) Text data = { 0 };
        ssize_t count;
        while ((count = read_more(fd, &data, max_bytes)) > 0)
                if (data.length > max_bytes)
                        return error_set(
                                err, ERROR_INVALID, "read %s: longer than %zu bytes", path, max_bytes);
        if (count < 0)
                return fail(err, "read", path);
        if (ret_length)
                *ret_length = data.length;
        *ret = text_take(&data);
        return true;
}

static bool write_failed(int fd, Error **err) {
        char link[64], path[4096];
        int code = errno;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof(path) - 1);
        path[length < 0 ? 0 : length] = '\0';
        if (code == ENOSPC || code == EDQUOT)
                return error_set(err, ERROR_UNAVAILABLE, "no space left on the disk that holds %s", path);
        errno = code;
        return error_set(err, kind_of(code), "write %s: %m", path);
}

bool file_write_all(int fd, const void *bytes, size_t length, Error **err) {
        const char *at = bytes;

        while (length > 0) {
                ssize_t count = write(fd, at, length);

                if (count < 0 && errno == EAGAIN) {
                        (void) poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
                        continue;
                }
                if (count < 0 && errno == EINTR)
                        continue;
                if (count < 0)
                        return write_failed(fd, err);
                at += count;
                length -= (size_t) count;
        }
        return true;
}

bool file_sync_folder(const char *path, Error **err) {
        CLEANUP(file_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || fsync(fd) < 0)
                return fail(err, "sync", path);
        return true;
}

static bool write_whole(
        int fd, const char *path, const void *bytes, size_t length, mode_t mode, Error **err) {
        if (fchmod(fd, mode) < 0)
                return fail(err, "set the mode of", path);
        if (!file_write_all(fd, bytes, length, err))
                return error_prefix(err, "write %s", path);
        return fsync(fd) == 0 || fail(err, "sync", path);
}

bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode, Error **err) {
        CLEANUP(free) char *folder = folder_of(path);
        CLEANUP(free) char *temporary = xasprintf("%s.XXXXXX", path);
        CLEANUP(file_close) int fd = mkostemp(temporary, O_CLOEXEC);

        if (fd < 0)
                return fail(err, "write", path);
        if (!write_whole(fd, path, bytes, length, mode, err) ||
            (rename(temporary, path) < 0 && !fail(err, "write", path))) {
                (void) unlink(temporary);
                return false;
        }
        return file_sync_folder(folder, err);
}

bool file_exists(const char *path) {
        struct stat facts;

        return lstat(path, &facts) == 0;
}

bool file_switch_link(const char *link_path, const char *target, Error **err) {
        CLEANUP(free) char *random = crypto_random_hex(8);
        CLEANUP(free) char *temporary = xasprintf("%s.%s", link_path, random);
        CLEANUP(free) char *folder = folder_of(link_path);

        if (symlink(target, temporary) < 0)
                return fail(err, "link", link_path);
        if (rename(temporary, link_path) < 0) {
                (void) fail(err, "link", link_path);
                (void) unlink(temporary);
                return false;
        }
        return file_sync_folder(folder, err);
}

bool file_free_bytes(const char *path, uint64_t *ret, Error **err) {
        struct statvfs facts;

        if (statvfs(path, &facts) < 0)
                return fail(err, "measure the free space of", path);
        *ret = (uint64_t) facts.f_bavail * facts.f_frsize;
        return true;
}

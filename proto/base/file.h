/* Files and folders, done so that a crash or a full disk leaves either the old or the new. Blocking. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/error.h"

static inline void file_closep(int *fd) {
        if (*fd >= 0)
                close(*fd);
}

/* mkdir -p; existing folders are left as they are. */
bool file_make_folders(const char *path, mode_t mode, Error **err);

/* Whole file in memory, NUL-terminated; longer than max_bytes is an error. Not there: NOT_FOUND. */
bool file_read(const char *path, size_t max_bytes, char **ret, size_t *ret_length, Error **err);

/* Temporary file beside it, fsync, rename, fsync of the folder. */
bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode, Error **err);

/* write(2) until all is written; a full disk is UNAVAILABLE "no space left on …". */
bool file_write_all(int fd, const void *bytes, size_t length, Error **err);
bool file_sync_folder(const char *path, Error **err);

/* rm -rf that never follows a link and stays inside path; absent is success. */
bool file_remove_tree(const char *path, Error **err);

bool file_exists(const char *path); /* anything, a dangling link too */

/* Points the symbolic link at target by a rename, so that there is no moment without it. */
bool file_switch_link(const char *link_path, const char *target, Error **err);

/* Bytes a non-root user may still write on the file system that holds path. */
bool file_free_bytes(const char *path, uint64_t *ret, Error **err);

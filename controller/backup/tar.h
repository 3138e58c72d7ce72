/* The archive format of backups: POSIX ustar with plain files alone, so that any tar can read one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { TAR_BLOCK_BYTES = 512, TAR_PATH_MAX = 255 };

typedef struct TarEntry {
        char path[TAR_PATH_MAX + 1]; /* relative, without "." and ".." */
        uint64_t size;
        unsigned mode; /* permission bits */
} TarEntry;

/* INVALID: the path does not fit into a header. */
bool tar_header_make(const TarEntry *entry, int64_t time_us, uint8_t ret[TAR_BLOCK_BYTES], Error **err);
/* *ret_end: the block of zeros at the end of an archive. INVALID: damaged, or something that no backup holds.
 */
bool tar_header_read(const uint8_t block[TAR_BLOCK_BYTES], TarEntry *ret, bool *ret_end, Error **err);

/* What follows the contents of a file of that size, up to the next block. */
static inline uint64_t tar_padding(uint64_t size) {
        return (TAR_BLOCK_BYTES - size % TAR_BLOCK_BYTES) % TAR_BLOCK_BYTES;
}

/* Relative, every part with a name, none of them "." or "..", nothing unprintable. */
bool tar_path_is_safe(const char *path);

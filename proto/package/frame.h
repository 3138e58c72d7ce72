/* One piece of a pack: an independent zstd frame of at most 1 MiB of content. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { FRAME_PACKED_MAX = (1 << 20) + (1 << 16) };

/* packed has room for FRAME_PACKED_MAX; length is at most FRAME_CONTENT_MAX of manifest.h. */
bool frame_compress(
        const void *content, size_t length, int level, void *packed, size_t *ret_length, Error **err);
/* Exactly content_length bytes must come out. */
bool frame_decompress(
        const void *packed, size_t packed_length, void *content, size_t content_length, Error **err);

#include "package/frame.h"

#include <zstd.h>

bool frame_compress(
        const void *content, size_t length, int level, void *packed, size_t *ret_length, Error **err) {
        size_t got = ZSTD_compress(packed, FRAME_PACKED_MAX, content, length, level);

        if (ZSTD_isError(got))
                return error_set(err, ERROR_INTERNAL, "compression: %s", ZSTD_getErrorName(got));
        *ret_length = got;
        return true;
}

bool frame_decompress(
        const void *packed, size_t packed_length, void *content, size_t content_length, Error **err) {
        size_t got = ZSTD_decompress(content, content_length, packed, packed_length);

        if (ZSTD_isError(got))
                return error_set(err, ERROR_INVALID, "package is damaged: %s", ZSTD_getErrorName(got));
        if (got != content_length)
                return error_set(err, ERROR_INVALID, "package is damaged: a frame holds less than it must");
        return true;
}

/* Reads a packed Manifest (wire/ghost.proto) and believes nothing in it before it is checked. Signatures are
 * the caller's: this says only that the manifest makes sense and that nothing in it leaves the release.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/ghost.pb-c.h"

enum {
        MANIFEST_FORMAT = 1,
        MANIFEST_MAX_BYTES = 64 << 20,
        MANIFEST_PATH_MAX = 4000,
        FRAME_CONTENT_MAX = 1 << 20,
};

/* Checked; INVALID says what is wrong. Caller frees with ghost__manifest__free_unpacked(). */
Ghost__Manifest *manifest_unpack(const void *bytes, size_t length, Error **err);
/* Entries strictly in strcmp() order, each below a folder that is an entry; sizes and frames add up; hashes
 * are there. */
bool manifest_check(const Ghost__Manifest *manifest, Error **err);

/* Relative, '/' between parts, no '.', '..' or empty part. */
bool manifest_path_valid(const char *path);
/* A link at path: relative, '..' only in front and not beyond the release. A '..' behind a name is refused,
 * because that name may be another link. */
bool manifest_link_stays_inside(const char *path, const char *target);

/* Makes the tree of a release from its pack. Every path is walked from the release's folder without following
 * any link, and every file is the size and hash that the signed manifest names, or the whole fails. Blocks.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "release/pack_plan.h"
#include "wire/ghost.pb-c.h"

typedef struct UnpackSpec {
        const Ghost__Manifest *manifest;
        const char *pack;     /* its file */
        const char *folder;   /* made by this call; must not exist */
        const PackPlan *plan; /* of the pack only what it needs is there; NULL: all */
        const char *kept;     /* with a plan: folder of the files that it keeps, which are taken from there */
        const atomic_bool *cancelled;
} UnpackSpec;

bool unpack_release(const UnpackSpec *spec, Error **err);
/* UNAVAILABLE "disk full: needs 12 MB, 3 MB free on /ghost" unless the content fits. */
bool unpack_check_space(const char *folder, uint64_t needed_bytes, Error **err);

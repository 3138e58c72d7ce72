/* Makes a package of a folder: the entries and frames of a manifest, and the pack. The same tree gives the
 * same bytes. No link is followed; device nodes, sockets, pipes and links that leave the folder are refused.
 * Blocks; one call per folder at a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/ghost.pb-c.h"

typedef struct PackSpec {
        const char *folder;
        const char *pack_file;            /* written here, replaced when it exists */
        bool exclude_git;                 /* everything called .git is left out */
        bool (*cancelled)(void *context); /* asked for every file and frame; NULL: never */
        void *context;
} PackSpec;

/* Fills entries, frames, pack_bytes, pack_sha256, content_bytes and format of ret, which was made by
 * ghost__manifest__init(); everything put in is freed by ghost__manifest__free_unpacked(). */
bool pack_write(const PackSpec *spec, Ghost__Manifest *ret, Error **err);

/* Reads a pack by its checked manifest: file contents through a callback, each verified against its hash.
 * For the controller (export, after_all_deploy); agents unpack by ranges of their own. Blocks. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "wire/ghost.pb-c.h"

/* Makes the tree below folder, which must exist and be empty. INVALID when the pack is not what the manifest
 * says; what was made so far stays and is the caller's to remove. */
bool pack_unpack(const Ghost__Manifest *manifest, const char *pack_file, const char *folder, Error **err);

/* Reads the whole pack and compares it with its length and hash. */
bool pack_verify(const Ghost__Manifest *manifest, const char *pack_file, Error **err);

/* Files of a new release that stand in former ones of the module on the instance's disk: found by the hashes
 * in their manifests, copied (by reflink where the file system can), and believed by the hash of the copy
 * alone: hooks and people change files in place. Never hard-linked, for the same reason. Blocks. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"
#include "release/pack_plan.h"
#include "release/releases.h"

typedef struct FormerFiles FormerFiles;

/* plan->kept becomes true for each entry whose content a former release should have. */
FormerFiles *former_files_find(
        const Releases *releases, const char *module, const Ghost__Manifest *manifest, PackPlan *plan);
void former_files_free(FormerFiles *files);
CLEANUP_DEFINE(FormerFiles, former_files_free);

/* Copies what plan->kept says into folder, made anew, each under its entry's number; what is not there any
 * more or has changed is not kept. False when there is no going on: cancelled, or the disk is full. */
bool former_files_copy(
        const FormerFiles *files, const char *folder, const atomic_bool *cancelled, PackPlan *plan,
        Error **err);

/* Of an entry in the folder; caller frees. */
char *former_files_name(size_t entry);

/* The releases of the instance's modules: <folder>/<module>/<first digits of the manifest's hash>/ is a
 * release's tree, beside it, with names that begin with a dot, are its signed manifest, its pack while it
 * comes, and the module's record.
 *
 * A deploy goes begin → install → switch → commit, or at any point roll_back; each is on disk before the
 * next, so that after a crash releases_recover() finds what was intended and puts the link back. One task at
 * a time per module; the states may be read at any time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "wire/ghost.pb-c.h"

typedef struct Releases Releases;

/* root: put in front of every target path; "" on an instance. */
Releases *releases_open(const char *folder, const char *root, Error **err);
void releases_free(Releases *releases);
CLEANUP_DEFINE(Releases, releases_free);
const char *releases_folder(const Releases *releases);

/* Names a folder: letters, digits, '.', '_', '-', not first a dot. */
bool releases_module_allowed(const char *module, Error **err);

typedef struct ReleasePaths {
        char *tree;     /* the release */
        char *unpacked; /* where it is made */
        char *pack;
        char *kept; /* copies of files that former releases had */
        char *manifest;
        char *target; /* the link, root included; NULL until the manifest is known */
} ReleasePaths;
void releases_paths(
        const Releases *releases, const char *module, const char *manifest_sha256, ReleasePaths *ret);
char *releases_target(const Releases *releases, const char *path);
void release_paths_clear(ReleasePaths *paths);
static inline void release_paths_clearp(ReleasePaths *paths) {
        release_paths_clear(paths);
}

/* Whole on disk and usable without fetching. */
bool releases_has(const Releases *releases, const char *module, const char *manifest_sha256);
/* Manifest hashes of the module's releases, the one used longest ago first. */
void releases_on_disk(const Releases *releases, const char *module, StringList *ret);
/* The signed manifest kept beside a release. Its signature was checked before it was kept. */
Ghost__Manifest *releases_manifest(
        const Releases *releases, const char *module, const char *manifest_sha256, Error **err);
/* Manifest hash of the release the link points to; NULL: none. Caller frees. */
char *releases_current(const Releases *releases, const char *module);

bool releases_begin(const Releases *releases, const char *module, const char *manifest_sha256, Error **err);
bool releases_keep_manifest(
        const Releases *releases, const char *module, const char *manifest_sha256,
        const Ghost__ManifestReply *reply, Error **err);
/* The tree at paths.unpacked becomes the release; the pack goes. */
bool releases_install(const Releases *releases, const char *module, const char *manifest_sha256, Error **err);
bool releases_switch(
        const Releases *releases, const char *module, const char *manifest_sha256, char **ret_moved_aside,
        Error **err);
typedef struct ReleaseCommit {
        const char *module;
        const char *manifest_sha256;
        const char *task_id; /* remembered, so that a restart can tell that this task was through */
        uint32_t keep;       /* of the other releases all but keep - 1 go; 0: all stay */
} ReleaseCommit;
/* The release is the current one. */
bool releases_commit(const Releases *releases, const ReleaseCommit *commit, Error **err);
/* True when that task has committed its release and nothing was begun since. */
bool releases_committed_by(const Releases *releases, const char *module, const char *task_id);
/* The link is as it was before releases_begin(), the intended release is gone unless it was there before.
 * ret_restored: hash of the release the link points to now; NULL: none. moved_aside: from releases_switch()
 * or NULL. */
bool releases_roll_back(
        const Releases *releases, const char *module, const char *moved_aside, char **ret_restored,
        bool *ret_was_switched, Error **err);
/* The module leaves the instance: its link and its releases go. */
bool releases_remove_module(const Releases *releases, const char *module, Error **err);

void releases_list_modules(const Releases *releases, StringList *ret);
/* True when a deploy of the module was interrupted. */
bool releases_interrupted(const Releases *releases, const char *module);
/* Removes what no record names: half made trees, packs. keep_packs: of tasks that will go on. */
void releases_sweep(const Releases *releases, const char *module, bool keep_packs);

/* As they stand; free with releases_free_states(). */
Ghost__ModuleState **releases_states(const Releases *releases, size_t *ret_count);
Ghost__ModuleState *releases_state(const Releases *releases, const char *module);
void releases_free_states(Ghost__ModuleState **states, size_t count);

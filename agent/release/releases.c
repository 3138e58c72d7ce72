#include "release/releases.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "package/manifest.h"
#include "release/module_record.h"
#include "release/switch.h"

enum { NAME_DIGITS = 16, MODULE_NAME_MAX = 128, MANIFEST_REPLY_MAX = 64 << 20 };

struct Releases {
        char *folder;
        char *root;
};

Releases *releases_open(const char *folder, const char *root, Error **err) {
        if (!file_make_folders(folder, 0755, err))
                return NULL;
        Releases *releases = xcalloc(1, sizeof(*releases));
        releases->folder = xstrdup(folder);
        releases->root = xstrdup(root ? root : "");
        return releases;
}

void releases_free(Releases *releases) {
        if (!releases)
                return;
        free(releases->folder);
        free(releases->root);
        free(releases);
}

const char *releases_folder(const Releases *releases) {
        return releases->folder;
}

bool releases_module_allowed(const char *module, Error **err) {
        bool allowed = module[0] && module[0] != '.' && strlen(module) <= MODULE_NAME_MAX;

        for (const char *at = module; *at && allowed; at++)
                allowed = isalnum((unsigned char) *at) || *at == '.' || *at == '_' || *at == '-';
        return allowed || error_set(err, ERROR_INVALID, "module name '%.64s' cannot name a folder", module);
}

/* ---- paths
 * ------------------------------------------------------------------------------------------------------ */

char *releases_target(const Releases *releases, const char *path) {
        char *target = xasprintf("%s%s", releases->root, path);

        for (size_t length = strlen(target); length > 1 && target[length - 1] == '/';)
                target[--length] = '\0';
        return target;
}

void releases_paths(
        const Releases *releases, const char *module, const char *manifest_sha256, ReleasePaths *ret) {
        const char *folder = releases->folder;

        *ret = (ReleasePaths){
                .tree = xasprintf("%s/%s/%.*s", folder, module, NAME_DIGITS, manifest_sha256),
                .unpacked = xasprintf("%s/%s/.%.*s.new", folder, module, NAME_DIGITS, manifest_sha256),
                .pack = xasprintf("%s/%s/.%.*s.pack", folder, module, NAME_DIGITS, manifest_sha256),
                .kept = xasprintf("%s/%s/.%.*s.kept", folder, module, NAME_DIGITS, manifest_sha256),
                .manifest = xasprintf("%s/%s/.%.*s.manifest", folder, module, NAME_DIGITS, manifest_sha256),
        };
}

void release_paths_clear(ReleasePaths *paths) {
        free(paths->tree);
        free(paths->unpacked);
        free(paths->pack);
        free(paths->kept);
        free(paths->manifest);
        free(paths->target);
        *paths = (ReleasePaths){ 0 };
}

static char *record_path(const Releases *releases, const char *module) {
        return xasprintf("%s/%s/.record", releases->folder, module);
}

static bool read_record(const Releases *releases, const char *module, ModuleRecord *ret, Error **err) {
        CLEANUP(free) char *file = record_path(releases, module);

        return module_record_read(file, ret, err);
}

static bool write_record(
        const Releases *releases, const char *module, const ModuleRecord *record, Error **err) {
        CLEANUP(free) char *file = record_path(releases, module);

        return module_record_write(file, record, err);
}

/* ---- what is there
 * ---------------------------------------------------------------------------------------------- */

bool releases_has(const Releases *releases, const char *module, const char *manifest_sha256) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        releases_paths(releases, module, manifest_sha256, &paths);
        return read_record(releases, module, &record, &ignored) &&
               string_list_contains(&record.releases, manifest_sha256) && file_exists(paths.tree) &&
               file_exists(paths.manifest);
}

void releases_on_disk(const Releases *releases, const char *module, StringList *ret) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        read_record(releases, module, &record, &ignored);
        *ret = record.releases;
        record.releases = (StringList){ 0 };
}

Ghost__Manifest *releases_manifest(
        const Releases *releases, const char *module, const char *manifest_sha256, Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(free) char *bytes = NULL;
        size_t length = 0;

        releases_paths(releases, module, manifest_sha256, &paths);
        if (!file_read(paths.manifest, MANIFEST_REPLY_MAX, &bytes, &length, err))
                return NULL;
        Ghost__ManifestReply *reply = ghost__manifest_reply__unpack(NULL, length, (uint8_t *) bytes);
        if (!reply) {
                error_set(err, ERROR_INTERNAL, "%s is damaged", paths.manifest);
                return NULL;
        }
        Ghost__Manifest *manifest = manifest_unpack(reply->manifest.data, reply->manifest.len, err);
        ghost__manifest_reply__free_unpacked(reply, NULL);
        return manifest;
}

char *releases_current(const Releases *releases, const char *module) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        return read_record(releases, module, &record, &ignored) ? TAKE(record.current) : NULL;
}

/* ---- a deploy
 * --------------------------------------------------------------------------------------------------- */

bool releases_begin(const Releases *releases, const char *module, const char *manifest_sha256, Error **err) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(free) char *folder = xasprintf("%s/%s", releases->folder, module);

        if (!file_make_folders(folder, 0755, err) || !read_record(releases, module, &record, err))
                return false;
        free(record.intent);
        record.intent = xstrdup(manifest_sha256);
        return write_record(releases, module, &record, err);
}

bool releases_keep_manifest(
        const Releases *releases, const char *module, const char *manifest_sha256,
        const Ghost__ManifestReply *reply, Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        Ghost__ManifestReply kept = GHOST__MANIFEST_REPLY__INIT; /* without the pack's URL, a secret */

        kept.manifest = reply->manifest;
        kept.signature = reply->signature;
        size_t length = ghost__manifest_reply__get_packed_size(&kept);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);
        releases_paths(releases, module, manifest_sha256, &paths);
        ghost__manifest_reply__pack(&kept, packed);
        return file_write_atomic(paths.manifest, packed, length, 0600, err);
}

bool releases_install(
        const Releases *releases, const char *module, const char *manifest_sha256, Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(free) char *folder = xasprintf("%s/%s", releases->folder, module);

        releases_paths(releases, module, manifest_sha256, &paths);
        if (!file_remove_tree(paths.tree, err))
                return false;
        if (rename(paths.unpacked, paths.tree) < 0)
                return error_set(err, ERROR_UNAVAILABLE, "rename to %s: %s", paths.tree, strerror(errno));
        return file_sync_folder(folder, err) && file_remove_tree(paths.pack, err) &&
               file_remove_tree(paths.kept, err);
}

static bool point(
        const Releases *releases, const char *module, const char *manifest_sha256, const char *path,
        char **ret_moved_aside, Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };

        releases_paths(releases, module, manifest_sha256, &paths);
        paths.target = releases_target(releases, path);
        const SwitchSpec spec = { paths.target, paths.tree, releases->folder };
        return switch_link(&spec, ret_moved_aside, err);
}

bool releases_switch(
        const Releases *releases, const char *module, const char *manifest_sha256, char **ret_moved_aside,
        Error **err) {
        Ghost__Manifest *manifest = releases_manifest(releases, module, manifest_sha256, err);
        if (!manifest)
                return false;

        bool ok = switch_path_allowed(manifest->path, err) &&
                  point(releases, module, manifest_sha256, manifest->path, ret_moved_aside, err);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok;
}

static bool remove_our_link(const Releases *releases, const char *path, Error **err) {
        CLEANUP(free) char *target = releases_target(releases, path);
        const SwitchSpec spec = { target, NULL, releases->folder };

        return switch_remove_link(&spec, err);
}

static char *link_at(const Releases *releases, const char *path) {
        CLEANUP(free) char *target = releases_target(releases, path);
        const SwitchSpec spec = { target, NULL, releases->folder };

        return switch_read_link(&spec);
}

/* Never the folder a link points to, whoever set that link. */
static bool delete_release(
        const Releases *releases, const char *module, const ModuleRecord *record, const char *manifest_sha256,
        Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(free) char *linked = record->path ? link_at(releases, record->path) : NULL;

        releases_paths(releases, module, manifest_sha256, &paths);
        if (text_equal(linked, paths.tree))
                return true;
        return file_remove_tree(paths.tree, err) && file_remove_tree(paths.unpacked, err) &&
               file_remove_tree(paths.kept, err) && file_remove_tree(paths.manifest, err);
}

static bool retire(
        const Releases *releases, const char *module, ModuleRecord *record, uint32_t keep, Error **err) {
        while (record->releases.count > keep) {
                CLEANUP(free) char *oldest = xstrdup(record->releases.items[0]);
                module_record_forget(record, oldest);
                if (!write_record(releases, module, record, err) ||
                    !delete_release(releases, module, record, oldest, err))
                        return false;
        }
        return true;
}

bool releases_commit(const Releases *releases, const ReleaseCommit *commit, Error **err) {
        const char *module = commit->module, *manifest_sha256 = commit->manifest_sha256;
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(free) char *old_path = NULL, *path = NULL;
        Ghost__Manifest *manifest = releases_manifest(releases, module, manifest_sha256, err);

        if (!manifest)
                return false;
        path = xstrdup(manifest->path);
        ghost__manifest__free_unpacked(manifest, NULL);
        if (!read_record(releases, module, &record, err))
                return false;

        old_path = TAKE(record.path);
        record.path = TAKE(path);
        free(record.current);
        record.current = xstrdup(manifest_sha256);
        record.switched_us = clock_now_us();
        free(TAKE(record.intent));
        free(record.task);
        record.task = xstrdup(commit->task_id);
        module_record_use(&record, manifest_sha256);
        if (!write_record(releases, module, &record, err))
                return false;
        if (old_path && !text_equal(old_path, record.path) && !remove_our_link(releases, old_path, err))
                return false;
        if (commit->keep > 0 && !retire(releases, module, &record, commit->keep, err))
                return false;
        releases_sweep(releases, module, false);
        return true;
}

bool releases_committed_by(const Releases *releases, const char *module, const char *task_id) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        return read_record(releases, module, &record, &ignored) && !record.intent &&
               text_equal(record.task, task_id);
}

/* ---- and back
 * --------------------------------------------------------------------------------------------------- */

static bool put_link_back(
        const Releases *releases, const char *module, const ModuleRecord *record, const char *path,
        const char *moved_aside, Error **err) {
        CLEANUP(free) char *ignored = NULL;

        if (record->current && text_equal(record->path, path))
                return point(releases, module, record->current, path, &ignored, err);
        if (!remove_our_link(releases, path, err))
                return false;
        if (moved_aside) {
                CLEANUP(free) char *target = releases_target(releases, path);
                if (rename(moved_aside, target) < 0)
                        return error_set(
                                err, ERROR_UNAVAILABLE, "rename %s back: %s", moved_aside, strerror(errno));
        }
        return true;
}

/* The manifest may be absent: then nothing was switched yet. */
static bool undo_switch(
        const Releases *releases, const char *module, const ModuleRecord *record, const char *moved_aside,
        bool *ret_was_switched, Error **err) {
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;
        Ghost__Manifest *manifest = releases_manifest(releases, module, record->intent, &ignored);

        if (!manifest)
                return true;
        releases_paths(releases, module, record->intent, &paths);
        CLEANUP(free) char *linked = link_at(releases, manifest->path);
        *ret_was_switched = text_equal(linked, paths.tree);
        bool ok = !*ret_was_switched ||
                  put_link_back(releases, module, record, manifest->path, moved_aside, err);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok;
}

bool releases_roll_back(
        const Releases *releases, const char *module, const char *moved_aside, char **ret_restored,
        bool *ret_was_switched, Error **err) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };

        *ret_restored = NULL;
        *ret_was_switched = false;
        if (!read_record(releases, module, &record, err))
                return false;
        if (record.intent && !text_equal(record.intent, record.current)) {
                if (!undo_switch(releases, module, &record, moved_aside, ret_was_switched, err))
                        return false;
                if (!string_list_contains(&record.releases, record.intent) &&
                    !delete_release(releases, module, &record, record.intent, err))
                        return false;
        }
        free(TAKE(record.intent));
        if (!write_record(releases, module, &record, err))
                return false;
        *ret_restored = TAKE(record.current);
        return true;
}

bool releases_remove_module(const Releases *releases, const char *module, Error **err) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(free) char *folder = xasprintf("%s/%s", releases->folder, module);

        if (!read_record(releases, module, &record, err))
                return false;
        if (record.path && !remove_our_link(releases, record.path, err))
                return false;
        return file_remove_tree(folder, err);
}

/* ---- lists
 * ------------------------------------------------------------------------------------------------------ */

void releases_list_modules(const Releases *releases, StringList *ret) {
        DIR *folder = opendir(releases->folder);

        for (struct dirent *entry; folder && (entry = readdir(folder));) {
                CLEANUP(free) char *record = record_path(releases, entry->d_name);
                if (entry->d_name[0] != '.' && file_exists(record))
                        string_list_add(ret, entry->d_name);
        }
        if (folder)
                closedir(folder);
}

bool releases_interrupted(const Releases *releases, const char *module) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;

        return read_record(releases, module, &record, &ignored) && record.intent;
}

static bool record_names(const ModuleRecord *record, const char *name) {
        size_t skip = name[0] == '.';

        for (size_t i = 0; i < record->releases.count; i++) {
                bool same = strncmp(name + skip, record->releases.items[i], NAME_DIGITS) == 0;
                bool whole = same && (skip ? text_ends_with(name, ".manifest") : name[NAME_DIGITS] == '\0');
                if (whole)
                        return true;
        }
        return false;
}

static bool may_go(
        const Releases *releases, const char *module, const ModuleRecord *record, const char *name,
        bool keep_packs) {
        CLEANUP(free) char *path = xasprintf("%s/%s/%s", releases->folder, module, name);
        CLEANUP(free) char *linked = record->path ? link_at(releases, record->path) : NULL;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".record") == 0)
                return false;
        if (keep_packs && text_ends_with(name, ".pack"))
                return false;
        return !record_names(record, name) && !text_equal(linked, path);
}

void releases_sweep(const Releases *releases, const char *module, bool keep_packs) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *path = xasprintf("%s/%s", releases->folder, module);

        if (!read_record(releases, module, &record, &problem) || record.intent)
                return;
        DIR *folder = opendir(path);
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
                CLEANUP(free) char *victim = xasprintf("%s/%s", path, entry->d_name);
                CLEANUP(error_free) Error *failure = NULL;
                if (may_go(releases, module, &record, entry->d_name, keep_packs) &&
                    !file_remove_tree(victim, &failure))
                        log_warn("%s, leaving it", error_message(failure));
        }
        if (folder)
                closedir(folder);
}

/* ---- states
 * ----------------------------------------------------------------------------------------------------- */

Ghost__ModuleState *releases_state(const Releases *releases, const char *module) {
        CLEANUP(module_record_clear) ModuleRecord record = { 0 };
        CLEANUP(error_free) Error *ignored = NULL, *unread = NULL;
        Ghost__ModuleState *state = xcalloc(1, sizeof(*state));

        ghost__module_state__init(state);
        read_record(releases, module, &record, &ignored);
        Ghost__Manifest *manifest =
                record.current ? releases_manifest(releases, module, record.current, &unread) : NULL;
        state->module = xstrdup(module);
        state->manifest_sha256 = xstrdup(record.current ? record.current : "");
        state->path = xstrdup(record.path ? record.path : "");
        state->revision = xstrdup(manifest ? manifest->revision : "");
        state->commit = xstrdup(manifest ? manifest->commit : "");
        state->switched_us = record.switched_us;
        if (manifest)
                ghost__manifest__free_unpacked(manifest, NULL);
        return state;
}

Ghost__ModuleState **releases_states(const Releases *releases, size_t *ret_count) {
        CLEANUP(string_list_clear) StringList modules = { 0 };

        releases_list_modules(releases, &modules);
        Ghost__ModuleState **states = xcalloc(modules.count + 1, sizeof(Ghost__ModuleState *));
        for (size_t i = 0; i < modules.count; i++)
                states[i] = releases_state(releases, modules.items[i]);
        *ret_count = modules.count;
        return states;
}

void releases_free_states(Ghost__ModuleState **states, size_t count) {
        for (size_t i = 0; i < count; i++)
                ghost__module_state__free_unpacked(states[i], NULL);
        free(states);
}

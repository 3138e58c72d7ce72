/* Back to a release that is on the instance: when a deploy failed here or elsewhere, or was cut by a crash.
 * The link is switched first, then the release's post_deploy runs again; nothing is fetched. */
#include "base/memory.h"
#include "tasks/modules.h"

bool module_post_deploy_again(
        Task *task, const char *module, const char *manifest_sha256, uint32_t timeout_ms, Error **err) {
        const ModuleHook hook = {
                .module = module,
                .manifest_sha256 = manifest_sha256,
                .name = "post_deploy",
                .timeout_ms = timeout_ms,
                .to_the_end = true,
        };
        Ghost__Manifest *manifest = releases_manifest(task->services->releases, module, manifest_sha256, err);
        if (!manifest)
                return false;

        bool ok = module_run_hook(task, &hook, manifest, err);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok;
}

bool module_put_back(Task *task, const ModuleBack *back, Error **err) {
        const char *module = back->module;
        CLEANUP(free) char *restored = NULL;
        bool was_switched = false;

        if (!releases_roll_back(
                    task->services->releases, module, back->moved_aside, &restored, &was_switched, err))
                return false;
        if (!was_switched)
                return true;
        task_stage(task, "restore");
        if (!restored) {
                spool_say(task->spool, "%s: the link is removed: there was no release before", module);
                return true;
        }
        spool_say(task->spool, "%s: the link is back on release %.12s", module, restored);
        return module_post_deploy_again(task, module, restored, back->hook_timeout_ms, err);
}

bool module_recover(Task *task, const char *module, uint32_t hook_timeout_ms, Error **err) {
        if (!releases_interrupted(task->services->releases, module))
                return true;
        const ModuleBack back = { .module = module, .hook_timeout_ms = hook_timeout_ms };

        return module_put_back(task, &back, err);
}

/* The link stays where it is: there is nothing better to go to. */
static bool check_health(Task *task, const Ghost__RestoreModule *spec, Error **err) {
        const ModuleHook what = { .module = spec->module, .manifest_sha256 = spec->manifest_sha256 };

        if (!spec->health)
                return true;
        Ghost__Manifest *manifest =
                releases_manifest(task->services->releases, spec->module, spec->manifest_sha256, err);
        if (!manifest)
                return false;
        bool ok = module_check_health(task, &what, spec->health, manifest, err);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok || error_prefix(err, "%s: release %.12s is back", spec->module, spec->manifest_sha256);
}

static bool restore_to(Task *task, const Ghost__RestoreModule *spec, Error **err) {
        const Releases *releases = task->services->releases;
        CLEANUP(free) char *moved_aside = NULL;
        const ReleaseCommit commit = {
                .module = spec->module,
                .manifest_sha256 = spec->manifest_sha256,
                .task_id = task->order->task_id,
        };

        if (!releases_has(releases, spec->module, spec->manifest_sha256))
                return error_set(
                        err, ERROR_NOT_FOUND, "%s: release %.12s is not on the instance any more",
                        spec->module, spec->manifest_sha256);
        if (!releases_begin(releases, spec->module, spec->manifest_sha256, err) ||
            !releases_switch(releases, spec->module, spec->manifest_sha256, &moved_aside, err) ||
            !releases_commit(releases, &commit, err))
                return false;
        if (moved_aside)
                spool_say(
                        task->spool, "%s: what was there is not ours: it is now %s", spec->module,
                        moved_aside);
        spool_say(task->spool, "%s: the link is back on release %.12s", spec->module, spec->manifest_sha256);
        return module_post_deploy_again(
                       task, spec->module, spec->manifest_sha256, spec->hook_timeout_ms, err) &&
               check_health(task, spec, err);
}

bool module_restore(Task *task, const Ghost__RestoreModule *spec, Error **err) {
        const Releases *releases = task->services->releases;
        CLEANUP(error_free) Error *problem = NULL;

        if (!releases_module_allowed(spec->module, err))
                return false;
        task_touches(task, spec->module);
        task_stage(task, "restore");
        if (!task_journal_mark_begun(task->services->journal, task->order->task_id, err))
                return false;
        /* Where the link goes now is decided here: a failing hook of the release in between does not matter.
         */
        if (!module_recover(task, spec->module, spec->hook_timeout_ms, &problem))
                spool_say(task->spool, "%s: %s", spec->module, error_message(problem));

        bool ok = true;
        if (spec->manifest_sha256[0]) {
                ok = restore_to(task, spec, err);
        } else {
                ok = releases_remove_module(releases, spec->module, err);
                if (ok)
                        spool_say(task->spool, "%s: link and releases are removed", spec->module);
        }
        if (task->services->on_modules_changed)
                task->services->on_modules_changed(task->services->context);
        return ok;
}

/* Deploy: get the package, make the release, pre_deploy, switch, post_deploy, health check; and back when
 * something fails. Until pre_deploy begins nothing on the instance has changed, and a restart goes on where
 * it was. */
#include <string.h>

#include "base/memory.h"
#include "tasks/modules.h"

typedef struct Deploy {
        Task *task;
        const Ghost__DeployModule *spec;
        Ghost__Manifest *manifest;
        char *moved_aside; /* what was at the target and not ours */
} Deploy;

/* A release that is on disk already is not fetched again. */
static bool get_release(Deploy *deploy, Error **err) {
        const Releases *releases = deploy->task->services->releases;
        const Ghost__DeployModule *spec = deploy->spec;
        const FetchSpec fetch = module_fetch_spec(deploy->task, spec);
        Ghost__ManifestReply *reply = NULL;

        task_stage(deploy->task, "fetch");
        if (releases_has(releases, spec->module, spec->manifest_sha256)) {
                deploy->manifest = releases_manifest(releases, spec->module, spec->manifest_sha256, err);
                if (!deploy->manifest)
                        return false;
                deploy->task->bytes_reused += deploy->manifest->content_bytes;
                spool_say(
                        deploy->task->spool, "%s: release %.12s is on the instance already", spec->module,
                        spec->manifest_sha256);
                return true;
        }
        if (!fetch_manifest(&fetch, &reply, &deploy->manifest, err))
                return false;
        bool ok = releases_keep_manifest(releases, spec->module, spec->manifest_sha256, reply, err) &&
                  module_make_release(deploy->task, spec, reply, deploy->manifest, err);
        ghost__manifest_reply__free_unpacked(reply, NULL);
        return ok;
}

static bool run_hook(Deploy *deploy, const char *name, Error **err) {
        const ModuleHook hook = {
                .module = deploy->spec->module,
                .manifest_sha256 = deploy->spec->manifest_sha256,
                .name = name,
                .timeout_ms = deploy->spec->hook_timeout_ms,
        };

        return task_check(deploy->task, err) && module_run_hook(deploy->task, &hook, deploy->manifest, err);
}

static bool check_health(Deploy *deploy, Error **err) {
        const ModuleHook what = {
                .module = deploy->spec->module,
                .manifest_sha256 = deploy->spec->manifest_sha256,
        };

        return module_check_health(deploy->task, &what, deploy->spec->health, deploy->manifest, err);
}

static bool switch_to(Deploy *deploy, Error **err) {
        const Ghost__DeployModule *spec = deploy->spec;
        Task *task = deploy->task;

        task_stage(task, "switch");
        if (!releases_switch(
                    task->services->releases, spec->module, spec->manifest_sha256, &deploy->moved_aside, err))
                return false;
        if (deploy->moved_aside)
                spool_say(
                        task->spool, "%s: what was at %s is not ours: it is now %s", spec->module,
                        deploy->manifest->path, deploy->moved_aside);
        spool_say(
                task->spool, "%s: %s points to %s (%.12s)", spec->module, deploy->manifest->path,
                deploy->manifest->revision, spec->manifest_sha256);
        return true;
}

static bool carry_out(Deploy *deploy, Error **err) {
        const Ghost__DeployModule *spec = deploy->spec;
        Task *task = deploy->task;
        const ReleaseCommit commit = {
                .module = spec->module,
                .manifest_sha256 = spec->manifest_sha256,
                .task_id = task->order->task_id,
                .keep = spec->keep_releases > 0 ? spec->keep_releases : 1,
        };

        return get_release(deploy, err) &&
               task_journal_mark_begun(task->services->journal, task->order->task_id, err) &&
               run_hook(deploy, "pre_deploy", err) && switch_to(deploy, err) &&
               run_hook(deploy, "post_deploy", err) && check_health(deploy, err) &&
               releases_commit(task->services->releases, &commit, err);
}

static void add_going_back(Error **err, const Error *problem) {
        CLEANUP(error_free) Error *first = TAKE(*err);

        error_set(err, error_kind(first), "%s; going back: %s", error_message(first), error_message(problem));
}

/* What failed is said first; what going back brings is said after it. */
static void go_back(Deploy *deploy, Error **err) {
        const ModuleBack back = {
                .module = deploy->spec->module,
                .moved_aside = deploy->moved_aside,
                .hook_timeout_ms = deploy->spec->hook_timeout_ms,
        };
        CLEANUP(error_free) Error *problem = NULL;

        error_prefix(err, "%s", deploy->spec->module);
        spool_say(deploy->task->spool, "%s", error_message(*err));
        if (module_put_back(deploy->task, &back, &problem))
                return;
        spool_say(deploy->task->spool, "%s: going back: %s", deploy->spec->module, error_message(problem));
        add_going_back(err, problem);
}

bool module_deploy(Task *task, const Ghost__DeployModule *spec, Error **err) {
        Deploy deploy = { .task = task, .spec = spec };
        const Releases *releases = task->services->releases;

        if (!releases_module_allowed(spec->module, err))
                return false;
        if (strlen(spec->manifest_sha256) != 64)
                return error_set(
                        err, ERROR_INVALID, "'%.80s' does not name a package", spec->manifest_sha256);
        task_touches(task, spec->module);
        if (!module_recover(task, spec->module, spec->hook_timeout_ms, err) ||
            !releases_begin(releases, spec->module, spec->manifest_sha256, err))
                return false;

        bool ok = carry_out(&deploy, err);
        if (!ok)
                go_back(&deploy, err);
        if (deploy.manifest)
                ghost__manifest__free_unpacked(deploy.manifest, NULL);
        free(deploy.moved_aside);
        if (task->services->on_modules_changed)
                task->services->on_modules_changed(task->services->context);
        return ok;
}

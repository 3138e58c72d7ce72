/* The hooks of a release, with the environment that the signed manifest describes. */
#include "base/memory.h"
#include "base/process.h"
#include "tasks/modules.h"

static void module_environment(const Task *task, const Ghost__Manifest *manifest, StringList *ret) {
        const char *const facts[][2] = {
                { "GHOST_APP", manifest->app_name },
                { "GHOST_ENV", manifest->env },
                { "GHOST_ROLE", manifest->role },
                { "GHOST_ENV_COLOR", manifest->color },
                { "GHOST_MODULE_NAME", manifest->module },
                { "GHOST_MODULE_PATH", manifest->path },
                { "GHOST_MODULE_REPO", manifest->repository },
                { "GHOST_MODULE_REV", manifest->revision },
                { "GHOST_MODULE_COMMIT", manifest->commit },
                { "GHOST_MODULE_COMMIT_MESSAGE", manifest->commit_message },
                { "GHOST_MODULE_USER", manifest->user },
        };

        task_environment(task, manifest->environment, manifest->n_environment, ret);
        for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
                task_environment_default(ret, facts[i][0], facts[i][1]);
}

bool module_run_hook(Task *task, const ModuleHook *hook, const Ghost__Manifest *manifest, Error **err) {
        CLEANUP(string_list_clear) StringList environment = { 0 };
        CLEANUP(release_paths_clear) ReleasePaths paths = { 0 };
        bool before = text_equal(hook->name, "pre_deploy");

        module_environment(task, manifest, &environment);
        releases_paths(task->services->releases, hook->module, hook->manifest_sha256, &paths);
        paths.target = releases_target(task->services->releases, manifest->path);
        const TaskHook run = {
                .module = hook->module,
                .name = hook->name,
                .content = hook->content ? *hook->content
                           : before      ? manifest->pre_deploy
                                         : manifest->post_deploy,
                .folder = before ? paths.tree : paths.target,
                .environment = &environment,
                .uid = manifest->hooks_as_owner ? (int64_t) manifest->uid : PROCESS_KEEP_ID,
                .gid = manifest->hooks_as_owner ? (int64_t) manifest->gid : PROCESS_KEEP_ID,
                .timeout_ms = hook->timeout_ms,
                .to_the_end = hook->to_the_end,
                .quiet = hook->content != NULL,
        };
        return task_run_hook(task, &run, err);
}

/* A release's tree: what the releases before it have is copied from them, only the rest is fetched. Whatever
 * goes wrong with that, the whole package is fetched instead. */
#include "base/file.h"
#include "base/memory.h"
#include "release/former_files.h"
#include "release/unpack.h"
#include "tasks/modules.h"

typedef struct Making {
        Task *task;
        const Ghost__DeployModule *spec;
        const Ghost__ManifestReply *reply;
        const Ghost__Manifest *manifest;
        ReleasePaths paths;
        PackPlan plan;
        uint64_t fetched;
} Making;

static void making_clearp(Making *making) {
        release_paths_clear(&making->paths);
        pack_plan_clear(&making->plan);
}

static void on_fetch(void *context, uint64_t done, uint64_t total) {
        const Task *task = context;

        if (task->services->on_progress)
                task->services->on_progress(
                        task->services->context, task->order->task_id, "fetch", done, total);
}

FetchSpec module_fetch_spec(Task *task, const Ghost__DeployModule *spec) {
        return (FetchSpec){
                .source = &task->services->source,
                .manifest_sha256 = spec->manifest_sha256,
                .module = spec->module,
                .release_key = task->services->release_key,
                .download_ca = task->services->download_ca,
                .deadline = task->deadline,
                .cancelled = task->cancelled,
                .on_progress = on_fetch,
                .context = task,
        };
}

/* content: what is still to be written of it. */
static bool check_space(const Making *making, uint64_t content, uint64_t pack, Error **err) {
        if (content > UINT64_MAX - pack)
                return error_set(err, ERROR_INVALID, "the manifest's sizes cannot be");
        return unpack_check_space(releases_folder(making->task->services->releases), content + pack, err);
}

/* plan NULL: all of the pack. */
static bool bring(Making *making, const PackPlan *plan, Error **err) {
        FetchSpec fetch = module_fetch_spec(making->task, making->spec);
        uint64_t fetched = 0;

        fetch.plan = plan;
        bool ok = fetch_pack(&fetch, making->reply, making->manifest, making->paths.pack, &fetched, err);
        making->fetched += fetched;
        if (!ok)
                return false;

        task_stage(making->task, "verify");
        const UnpackSpec unpack = {
                .manifest = making->manifest,
                .pack = making->paths.pack,
                .folder = making->paths.unpacked,
                .cancelled = making->task->cancelled,
                .plan = plan,
                .kept = making->paths.kept,
        };
        return file_remove_tree(making->paths.unpacked, err) && unpack_release(&unpack, err);
}

/* Fills the plan, with the files that it keeps already copied. */
static bool take_from_former(Making *making, Error **err) {
        const Releases *releases = making->task->services->releases;
        const Ghost__Manifest *manifest = making->manifest;
        PackPlan *plan = &making->plan;
        CLEANUP(former_files_free)
        FormerFiles *former = former_files_find(releases, making->spec->module, manifest, plan);

        pack_plan_reckon(plan, manifest);
        if (!check_space(making, manifest->content_bytes, plan->fetch_bytes, err))
                return false;
        if (plan->kept_bytes == 0)
                return true;
        if (!former_files_copy(former, making->paths.kept, making->task->cancelled, plan, err))
                return false;
        pack_plan_reckon(plan, manifest);
        return check_space(making, manifest->content_bytes - plan->kept_bytes, plan->fetch_bytes, err);
}

static bool bring_rest(Making *making, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;

        if (making->plan.kept_bytes == 0)
                return bring(making, NULL, err);
        if (bring(making, &making->plan, &problem))
                return true;
        if (error_kind(problem) != ERROR_INVALID) {
                *err = TAKE(problem);
                return false;
        }
        spool_say(
                making->task->spool, "%s: %s; all of it is fetched again", making->spec->module,
                error_message(problem));
        making->plan.kept_bytes = 0;
        return file_remove_tree(making->paths.pack, err) && file_remove_tree(making->paths.kept, err) &&
               check_space(making, making->manifest->content_bytes, making->manifest->pack_bytes, err) &&
               bring(making, NULL, err);
}

static char *size_text(uint64_t bytes) {
        if (bytes < 1024)
                return xasprintf("%u bytes", (unsigned) bytes);
        if (bytes < 1 << 20)
                return xasprintf("%.1f KiB", (double) bytes / 1024);
        return xasprintf("%.1f MiB", (double) bytes / (1 << 20));
}

static void say_what_came(const Making *making) {
        CLEANUP(free) char *fetched = size_text(making->fetched), *kept = size_text(making->plan.kept_bytes);

        if (making->plan.kept_bytes == 0)
                spool_say(making->task->spool, "%s: fetched %s", making->spec->module, fetched);
        else
                spool_say(
                        making->task->spool, "%s: fetched %s, %s were there already", making->spec->module,
                        fetched, kept);
}

bool module_make_release(
        Task *task, const Ghost__DeployModule *spec, const Ghost__ManifestReply *reply,
        const Ghost__Manifest *manifest, Error **err) {
        __attribute__((cleanup(making_clearp)))
        Making making = { .task = task, .spec = spec, .reply = reply, .manifest = manifest };
        const Releases *releases = task->services->releases;

        releases_paths(releases, spec->module, spec->manifest_sha256, &making.paths);
        pack_plan_init(&making.plan, manifest);
        bool ok = take_from_former(&making, err) && bring_rest(&making, err);
        task->bytes_fetched += making.fetched;
        if (!ok)
                return false;
        task->bytes_reused += making.plan.kept_bytes;
        say_what_came(&making);
        return releases_install(releases, spec->module, spec->manifest_sha256, err);
}

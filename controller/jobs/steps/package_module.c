#include "jobs/steps/package_module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "jobs/steps/module_environment.h"
#include "package/manifest.h"
#include "package/pack_reader.h"
#include "package/pack_writer.h"
#include "package/signing.h"
#include "sources/build_pack.h"
#include "sources/s3_source.h"

enum { SCRIPT_MAX_BYTES = 1 << 20 };

/* One module being packaged. */
typedef struct Packaging {
        JobContext *job;
        const Document *module;
        char *folder, *tree, *hooks, *scripts, *pack;
        GitRevision revision;
        StringList environment;
        Ghost__Manifest manifest;
} Packaging;

static void packaging_clear(Packaging *work) {
        free(work->folder);
        free(work->tree);
        free(work->hooks);
        free(work->scripts);
        free(work->pack);
        git_revision_clear(&work->revision);
        string_list_clear(&work->environment);
        Ghost__Manifest *manifest = xmemdup(&work->manifest, sizeof(work->manifest));
        ghost__manifest__free_unpacked(manifest, NULL); /* it frees the message itself too */
}
static inline void packaging_clearp(Packaging *work) {
        packaging_clear(work);
}

static bool make_folders(Packaging *work, Error **err) {
        work->folder = xasprintf(
                "%s/%s/%s", work->job->services->work_folder, work->job->id,
                document_get_string(work->module, "name"));
        work->tree = xasprintf("%s/tree", work->folder);
        work->hooks = xasprintf("%s/hooks", work->folder);
        work->scripts = xasprintf("%s/scripts", work->folder);
        work->pack = xasprintf("%s/pack", work->folder);
        return file_remove_tree(work->folder, err) && file_make_folders(work->hooks, 0755, err) &&
               file_make_folders(work->scripts, 0755, err);
}

static bool fetch_from_git(Packaging *work, const char *rev, Error **err) {
        JobContext *job = work->job;
        GitRequest request = { .url = module_repository(work->module),
                               .revision = rev,
                               .folder = work->tree,
                               .deadline = job->deadline,
                               .cancelled = job_should_stop,
                               .log = job_log_line,
                               .context = job };

        if (!git_mirrors_checkout(job->services->mirrors, &request, &work->revision, err))
                return false;
        job_log(job, "Module %s: revision %s is commit %s \"%s\"", document_get_string(work->module, "name"),
                work->revision.revision, work->revision.short_commit, work->revision.subject);
        return true;
}

/* There is no commit: its hash and subject stay empty. */
static bool fetch_from_s3(Packaging *work, const char *rev, Error **err) {
        JobContext *job = work->job;
        const S3SourceRequest request = { .url = module_repository(work->module),
                                          .revision = rev,
                                          .folder = work->tree,
                                          .region = document_get_string(job->app, "region"),
                                          .deadline = job->deadline,
                                          .cancelled = job_should_stop,
                                          .log = job_log_line,
                                          .context = job };

        work->revision =
                (GitRevision){ .commit = xstrdup(""), .short_commit = xstrdup(""), .subject = xstrdup("") };
        if (!s3_source_fetch(job->services->aws, &request, &work->revision.revision, err))
                return false;
        job_log(job, "Module %s: %s of %s", document_get_string(work->module, "name"),
                work->revision.revision, request.url);
        return true;
}

static bool fetch(Packaging *work, const char *rev, Error **err) {
        if (module_is_in_s3(work->module))
                return fetch_from_s3(work, rev, err);
        return fetch_from_git(work, rev, err);
}

static bool write_hook(Packaging *work, const char *name, Error **err) {
        const char *encoded = document_get_string(work->module, name);
        CLEANUP(free) char *path = xasprintf("%s/%s", work->hooks, name);
        CLEANUP(free) char *script = NULL;
        size_t length = 0;

        if (!*encoded)
                return true;
        return (base64_decode(encoded, &script, &length, err) &&
                file_write_atomic(path, script, length, 0755, err)) ||
               error_prefix(err, "%s", name);
}

static bool read_hook(Packaging *work, const char *name, ProtobufCBinaryData *ret, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", work->hooks, name);
        char *script = NULL;
        size_t length = 0;

        if (!file_exists(path))
                return true;
        if (!file_read(path, SCRIPT_MAX_BYTES, &script, &length, err))
                return error_prefix(err, "%s", name);
        ret->data = (uint8_t *) script;
        ret->len = length;
        return true;
}

static bool run_script(
        JobContext *job, const char *name, const void *script, size_t length, const BuildPackSpec *where,
        Error **err) {
        BuildPackSpec spec = *where;

        spec.name = name;
        spec.script = script;
        spec.length = length;
        spec.user = job->services->build_pack_user;
        spec.timeout_ms = job->services->limits.build_pack_timeout_ms;
        spec.output_max_bytes = job->services->limits.build_pack_output_bytes;
        spec.deadline = job->deadline;
        spec.cancelled = job_should_stop;
        spec.log = job_log_line;
        spec.context = job;
        job_log(job, "Running %s", name);
        return build_pack_run(&spec, err);
}

static bool build(Packaging *work, Error **err) {
        const char *encoded = document_get_string(work->module, "build_pack");
        const char *user = document_get_string(work->job->job, "user");
        CLEANUP(free) char *script = NULL;
        size_t length = 0;

        module_environment(work->job->app, work->module, &work->revision, user, &work->environment);
        CLEANUP(string_list_clear) StringList environment = { 0 };
        for (size_t i = 0; i < work->environment.count; i++)
                string_list_add(&environment, work->environment.items[i]);
        string_list_addf(&environment, "GHOST_HOOKS_DIR=%s", work->hooks);
        BuildPackSpec where = { .folder = work->tree,
                                .script_folder = work->scripts,
                                .environment = &environment };
        if (!*encoded)
                return true;
        return base64_decode(encoded, &script, &length, err) &&
               run_script(work->job, "build_pack", script, length, &where, err);
}

static void set_environment(Packaging *work) {
        Ghost__Manifest *manifest = &work->manifest;

        manifest->environment = xcalloc(work->environment.count, sizeof(Ghost__Variable *));
        for (size_t i = 0; i < work->environment.count; i++) {
                const char *item = work->environment.items[i];
                size_t name = strcspn(item, "=");
                Ghost__Variable *variable = xcalloc(1, sizeof(*variable));
                ghost__variable__init(variable);
                variable->name = xstrndup(item, name);
                variable->value = xstrdup(item + name + 1);
                manifest->environment[manifest->n_environment++] = variable;
        }
}

static void describe(Packaging *work) {
        Ghost__Manifest *manifest = &work->manifest;
        const Document *app = work->job->app;

        manifest->app_id = xstrdup(work->job->app_id);
        manifest->app_name = xstrdup(document_get_string(app, "name"));
        manifest->env = xstrdup(document_get_string(app, "env"));
        manifest->role = xstrdup(document_get_string(app, "role"));
        manifest->color = xstrdup(document_get_string(app, "blue_green.color"));
        manifest->module = xstrdup(document_get_string(work->module, "name"));
        manifest->path = xstrdup(document_get_string(work->module, "path"));
        manifest->repository = xstrdup(module_repository(work->module));
        manifest->revision = xstrdup(work->revision.revision);
        manifest->commit = xstrdup(work->revision.short_commit);
        manifest->commit_message = xstrdup(work->revision.subject);
        manifest->user = xstrdup(document_get_string(work->job->job, "user"));
        manifest->uid = (uint32_t) document_get_int(work->module, "uid");
        manifest->gid = (uint32_t) document_get_int(work->module, "gid");
        manifest->hooks_as_owner = work->job->services->limits.hooks_as_owner;
        manifest->created_us = clock_now_us();
        set_environment(work);
}

/* What a former run of the job, which did not live to say so, has put: nobody will ask for it. */
static bool remember_put(Packaging *work, const char *sha256, Error **err) {
        JobContext *job = work->job;
        CLEANUP(free) char *step = xasprintf("package.put:%s", work->manifest.module);
        CLEANUP(free) char *former = NULL;
        CLEANUP(error_free) Error *stays = NULL;

        if (!job_recall(job, step, &former, err))
                return false;
        if (former && !text_equal(former, sha256) &&
            !package_store_remove(job->services->packages, former, &stays))
                job_log(job, "Package %.12s, which was not finished, stays in the package store: %s", former,
                        error_message(stays));
        return job_remember(job, step, sha256, err);
}

static bool store_package(Packaging *work, char **ret_sha256, Error **err) {
        size_t length = ghost__manifest__get_packed_size(&work->manifest);
        CLEANUP(free) uint8_t *bytes = xcalloc(1, length + 1);
        uint8_t signature[ED25519_SIGNATURE_BYTES];

        ghost__manifest__pack(&work->manifest, bytes);
        manifest_sign(work->job->services->release_key, bytes, length, signature);
        StoredManifest stored = { .manifest = bytes,
                                  .manifest_length = length,
                                  .signature = signature,
                                  .signature_length = sizeof(signature) };
        CLEANUP(free) char *sha256 = crypto_sha256_hex(bytes, length);
        if (!remember_put(work, sha256, err) ||
            !package_store_put(work->job->services->packages, sha256, &stored, work->pack, err))
                return false;
        job_log(work->job, "Package %.12s: %zu files and folders, %llu bytes packed", sha256,
                work->manifest.n_entries, (unsigned long long) work->manifest.pack_bytes);
        *ret_sha256 = TAKE(sha256);
        return true;
}

static bool pack(Packaging *work, Error **err) {
        PackSpec spec = { .folder = work->tree,
                          .pack_file = work->pack,
                          .exclude_git = work->job->services->limits.exclude_git,
                          .cancelled = job_should_stop,
                          .context = work->job };

        return read_hook(work, "pre_deploy", &work->manifest.pre_deploy, err) &&
               read_hook(work, "post_deploy", &work->manifest.post_deploy, err) &&
               read_hook(work, "after_all_deploy", &work->manifest.after_all_deploy, err) &&
               pack_write(&spec, &work->manifest, err) && manifest_check(&work->manifest, err);
}

static bool make_package(Packaging *work, const char *rev, Document **ret, Error **err) {
        int64_t timestamp = clock_now_us() / 1000000;
        CLEANUP(free) char *sha256 = NULL;

        if (!make_folders(work, err) || !fetch(work, rev, err) || !write_hook(work, "pre_deploy", err) ||
            !write_hook(work, "post_deploy", err) || !write_hook(work, "after_all_deploy", err) ||
            !build(work, err))
                return false;
        describe(work);
        if (!pack(work, err) || !store_package(work, &sha256, err))
                return false;
        CLEANUP(free)
        char *name =
                xasprintf("%lld_%s_%s", (long long) timestamp, work->manifest.module, work->manifest.commit);
        *ret = document_object();
        document_set_string(*ret, "manifest_sha256", sha256);
        document_set_string(*ret, "revision", work->revision.revision);
        document_set_string(*ret, "commit", work->revision.short_commit);
        document_set_string(*ret, "commit_message", work->revision.subject);
        document_set_int(*ret, "timestamp", timestamp);
        document_set_string(*ret, "package", name);
        return true;
}

bool package_module(JobContext *job, const Document *module, const char *rev, Document **ret, Error **err) {
        CLEANUP(packaging_clear) Packaging work = { .job = job, .module = module };
        CLEANUP(free) char *step = xasprintf("package:%s", document_get_string(module, "name"));
        CLEANUP(free) char *known = NULL;

        ghost__manifest__init(&work.manifest);
        if (!job_recall(job, step, &known, err))
                return false;
        if (known) {
                *ret = document_parse(known, strlen(known), err);
                return *ret != NULL;
        }
        CLEANUP(error_free) Error *failed = NULL;
        if (!job_check(job, err))
                return false;
        job_progress_begin(job, "Packaging module %s", document_get_string(module, "name"));
        if (!make_package(&work, rev, ret, &failed))
                return job_fail(job, TAKE(failed), err);
        CLEANUP(free) char *text = document_text(*ret);
        return job_remember(job, step, text, err);
}

static bool make_tree(
        JobContext *job, const char *sha256, const Ghost__Manifest *manifest, const char *folder,
        Error **err) {
        CLEANUP(free) char *tree = xasprintf("%s/tree", folder);
        CLEANUP(free) char *scripts = xasprintf("%s/scripts", folder);
        CLEANUP(free) char *pack = xasprintf("%s/pack", folder);

        if (!file_make_folders(scripts, 0755, err))
                return false;
        if (file_exists(tree))
                return true;
        return file_make_folders(tree, 0755, err) &&
               package_store_copy_pack(job->services->packages, sha256, pack, err) &&
               pack_unpack(manifest, pack, tree, err);
}

static bool run_after_all(JobContext *job, const char *sha256, const Ghost__Manifest *manifest, Error **err) {
        CLEANUP(free)
        char *folder = xasprintf("%s/%s/%s", job->services->work_folder, job->id, manifest->module);
        CLEANUP(free) char *tree = xasprintf("%s/tree", folder);
        CLEANUP(free) char *scripts = xasprintf("%s/scripts", folder);
        CLEANUP(string_list_clear) StringList environment = { 0 };

        for (size_t i = 0; i < manifest->n_environment; i++)
                string_list_addf(
                        &environment, "%s=%s", manifest->environment[i]->name,
                        manifest->environment[i]->value);
        BuildPackSpec where = { .folder = tree, .script_folder = scripts, .environment = &environment };
        return make_tree(job, sha256, manifest, folder, err) &&
               run_script(
                       job, "after_all_deploy", manifest->after_all_deploy.data,
                       manifest->after_all_deploy.len, &where, err);
}

bool package_run_after_all(JobContext *job, const char *manifest_sha256, Error **err) {
        CLEANUP(stored_manifest_clear) StoredManifest stored = { 0 };
        CLEANUP(free) char *step = xasprintf("after_all_deploy:%s", manifest_sha256);
        CLEANUP(free) char *done = NULL;

        if (!job_recall(job, step, &done, err))
                return false;
        if (done)
                return true;
        if (!package_store_get_manifest(job->services->packages, manifest_sha256, &stored, err))
                return false;
        Ghost__Manifest *manifest = manifest_unpack(stored.manifest, stored.manifest_length, err);
        if (!manifest)
                return false;
        CLEANUP(error_free) Error *failed = NULL;
        bool ok =
                manifest->after_all_deploy.len == 0 || run_after_all(job, manifest_sha256, manifest, &failed);
        ghost__manifest__free_unpacked(manifest, NULL);
        return ok ? job_remember(job, step, "done", err) : job_fail(job, TAKE(failed), err);
}

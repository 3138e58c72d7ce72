#include "jobs/steps/image_content.h"

#include <stdlib.h>
#include <strings.h>

#include "base/file.h"
#include "base/memory.h"

/* Options are words: the form in which the clients send a switch. */
static bool option_is_true(const JobContext *job, size_t index, bool fallback) {
        const char *word = job_option(job, index);

        if (text_empty(word))
                return fallback;
        return strcasecmp(word, "true") == 0 || strcasecmp(word, "yes") == 0 || text_equal(word, "1");
}

/* A job that is resumed goes on with what it began with, whatever was pushed meanwhile. */
static bool check_out(
        void *context, const char *provisioner, const FeatureRepository *repository, char **ret_folder,
        Error **err) {
        AppImageContent *content = context;
        JobContext *job = content->ec2->job;
        CLEANUP(free) char *step = xasprintf("features.%s", provisioner), *pinned = NULL;
        CLEANUP(free)
        char *folder = xasprintf("%s/%s/features", job->services->work_folder, job->id);
        CLEANUP(git_revision_clear) GitRevision revision = { 0 };

        if (!job_recall(job, step, &pinned, err) || !file_make_folders(folder, 0755, err))
                return false;
        CLEANUP(free) char *tree = xasprintf("%s/%s", folder, provisioner);
        const GitRequest request = { .url = repository->url,
                                     .revision = pinned ? pinned : repository->revision,
                                     .folder = tree,
                                     .deadline = job->deadline,
                                     .cancelled = job_should_stop,
                                     .log = job_log_line,
                                     .context = job };
        if (!file_remove_tree(tree, err) || /* of a run before */
            !git_mirrors_checkout(job->services->mirrors, &request, &revision, err))
                return error_prefix(err, "features of %s", provisioner);
        job_log(job, "Features of %s: %s at %s (%s)", provisioner, repository->url, revision.short_commit,
                revision.subject);
        *ret_folder = TAKE(tree);
        return pinned || job_remember(job, step, revision.commit, err);
}

bool image_content_read(AppImageContent *ret, JobEc2 *ec2, Error **err) {
        const JobServices *services = ec2->job->services;
        const Document *list = document_get(ec2->job->app, "features");
        size_t count = document_count(list);

        *ret = (AppImageContent){ .ec2 = ec2, .features = xcalloc(count + 1, sizeof(*ret->features)) };
        for (size_t i = 0; i < count; i++) {
                const Document *feature = document_at(list, i);

                ret->features[i] = (ImageFeature){ .name = document_get_string(feature, "name"),
                                                   .version = document_get_string(feature, "version"),
                                                   .provisioner = document_get_string(feature, "provisioner"),
                                                   .parameters = document_get(feature, "parameters") };
        }
        if (!job_ec2_hook(ec2, "pre_buildimage", &ret->pre, err) ||
            !job_ec2_hook(ec2, "post_buildimage", &ret->post, err)) {
                image_content_clear(ret);
                return false;
        }
        ret->content = (ImageContent){
                .pre_buildimage = ret->pre,
                .post_buildimage = ret->post,
                .features = ret->features,
                .feature_count = count,
                .settings = &services->features,
                .skip_bootstrap = option_is_true(ec2->job, 0, services->skip_bootstrap),
                .environment = &ec2->environment,
                .check_out = check_out,
                .context = ret,
        };
        return true;
}

void image_content_clear(AppImageContent *content) {
        free(content->features);
        free(content->pre);
        free(content->post);
        *content = (AppImageContent){ 0 };
}

/* buildimage: bakes the application's image and makes it the one its instances start from. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/bake.h"
#include "jobs/steps/image_content.h"
#include "jobs/steps/image_retention.h"
#include "jobs/steps/job_scaling.h"
#include "jobs/steps/source_image.h"

enum { BUILDER_MARGIN_MS = 60 * 60 * 1000 };

/* On build_infos as they are now: somebody may have edited them while the image was baked. */
static Document *with_image(void *context, const Document *app) {
        const BakedImage *image = context;
        const Document *infos = document_get(app, "build_infos");
        Document *changed = infos ? document_copy(infos) : document_object();
        Document *members = document_object();

        document_set_string(changed, "ami_name", image->name);
        document_set(members, "build_infos", changed);
        document_set_string(members, "ami", image->id);
        return members;
}

/* What builds start from, pinned for this job. */
static bool resolve_source(JobEc2 *ec2, char **ret_id, Error **err) {
        const Document *app = ec2->job->app;
        const SourceImageSpec spec = {
                .id = document_get_string(app, "build_infos.source_ami"),
                .filter_owner = document_get_string(app, "build_infos.source_ami_filter.owner"),
                .filter_name = document_get_string(app, "build_infos.source_ami_filter.name"),
                .parameter = document_get_string(app, "build_infos.source_ami_parameter"),
                .instance_type = ec2->app.instance_type,
        };

        if (text_empty(spec.id) && text_empty(spec.filter_name) && text_empty(spec.parameter))
                return job_abort(ec2->job, err, "ERROR: no source AMI set in build_infos.source_ami");
        if (!source_image_resolve(&ec2->work, &spec, ret_id, err))
                return false;
        ec2->app.image_id = *ret_id;
        return true;
}

/* Every application's, in whatever account: an id is unique. */
static bool find_recorded_images(JobContext *job, StringList *ret, Error **err) {
        CLEANUP(document_free) Document *apps = NULL;

        if (!collection_find(job->services->store, COLLECTION_APPS, NULL, &apps, err))
                return false;
        for (size_t i = 0; i < document_count(apps); i++) {
                const char *image = document_get_string(document_at(apps, i), "ami");

                if (*image)
                        string_list_add(ret, image);
        }
        return true;
}

/* The image is made, whatever comes of the old ones. False: the controller is stopping in the middle of it.
 */
static bool remove_old_images(JobEc2 *ec2, const char *made, Error **err) {
        CLEANUP(string_list_clear) StringList recorded = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        const RetentionSpec spec = { .app = &ec2->app,
                                     .made = made,
                                     .keep = ec2->job->services->limits.keep_images,
                                     .recorded = &recorded };

        if (find_recorded_images(ec2->job, &recorded, &error) &&
            image_retention_apply(&ec2->work, &spec, &error))
                return true;
        if (work_interrupted(&ec2->work)) {
                *err = TAKE(error);
                return false;
        }
        job_log(ec2->job, "Old images were not removed: %s", error_message(error));
        return true;
}

/* The builder stands where build_infos says, and is of the type the job asks for. */
static void use_builder_settings(JobEc2 *ec2) {
        const Document *app = ec2->job->app;
        const char *type = document_get_string(ec2->job->job, "instance_type");
        const char *subnet = document_get_string(app, "build_infos.subnet_id");

        ec2->app.instance_type = text_empty(type) ? "t2.micro" : type;
        ec2->app.volume_count = ec2->builder_volume_count;
        ec2->app.public_ip = true;
        if (!text_empty(subnet)) {
                string_list_clear(&ec2->subnet_ids);
                string_list_add(&ec2->subnet_ids, subnet);
        }
}

/* The application has the image already: a group that cannot be changed does not take it away. */
static bool point_group(JobContext *job, const char *image_id, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;

        job_ec2_init(&ec2, job); /* not with the builder's settings */
        ec2.app.image_id = image_id;
        const ScalingGroupSpec spec = job_scaling_spec(&ec2);
        if (text_empty(spec.name) || scaling_group_update(&ec2.work, &spec, false, err))
                return true;
        if (error_kind(*err) != ERROR_CANCELLED)
                *ret_message = xasprintf(
                        "Autoscaling group update failed for [%s]: %s; the image %s was built", spec.name,
                        error_message(*err), image_id);
        return false;
}

static bool build_image_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        CLEANUP(baked_image_clear) BakedImage image = { 0 };
        CLEANUP(free) char *source_id = NULL;
        CLEANUP(image_content_clear) AppImageContent content = { 0 };

        job_ec2_init(&ec2, job);
        size_t volume_count = ec2.app.volume_count;
        use_builder_settings(&ec2);
        if (!resolve_source(&ec2, &source_id, err) || !image_content_read(&content, &ec2, err))
                return false;
        const BakeSpec spec = { .app = &ec2.app,
                                .content = &content.content,
                                .more_volumes = ec2.volumes + ec2.builder_volume_count,
                                .more_volume_count = volume_count - ec2.builder_volume_count,
                                .spot = document_get_bool(job->app, "build_infos.spot"),
                                .spot_max_price = document_get_string(job->app, "build_infos.spot_max_price"),
                                .lifetime_ms = job->services->limits.job_timeout_ms + BUILDER_MARGIN_MS };
        if (!bake_image(&ec2.work, &spec, &image, err) ||
            !job_change_document(job, COLLECTION_APPS, job->app_id, with_image, &image, err))
                return false;
        if (!point_group(job, image.id, ret_message, err) || !remove_old_images(&ec2, image.id, err))
                return false;
        *ret_message = xasprintf("Build image OK: [%s]", image.id);
        return true;
}

const Command command_build_image = {
        .name = "buildimage",
        .run = build_image_run,
};

#include "jobs/steps/source_image.h"

#include <stdlib.h>

#include "aws/ec2_image_search.h"
#include "aws/ec2_network.h"
#include "aws/ssm.h"
#include "base/memory.h"

#define STEP_SOURCE "bake.source"

static bool read_architectures(Ec2Work *work, const char *type, StringList *ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instance_types_clear) Ec2InstanceTypes types = { 0 };

        ec2_filters_add(&filters, "instance-type", type);
        if (!ec2_describe_instance_types(work->session, &filters, &types, err))
                return false;
        if (types.count == 0)
                return error_set(err, ERROR_NOT_FOUND, "there is no instance type %s in this region", type);
        for (size_t i = 0; i < types.items[0].architectures.count; i++)
                string_list_add(ret, types.items[0].architectures.items[i]);
        return true;
}

/* The newest one of that name which the instance type can run. */
static bool find_newest(
        Ec2Work *work, const SourceImageSpec *spec, const StringList *architectures, char **ret,
        Error **err) {
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        const Ec2ImageQuery query = { .owner = text_empty(spec->filter_owner) ? "self" : spec->filter_owner,
                                      .name_pattern = spec->filter_name };

        if (!ec2_find_images(work->session, &query, &images, err))
                return false;
        for (size_t i = 0; i < images.count; i++)
                if (string_list_contains(architectures, images.items[i].architecture)) {
                        *ret = xstrdup(images.items[i].id);
                        return true;
                }
        return error_set(
                err, ERROR_NOT_FOUND,
                "build_infos.source_ami_filter: no available image of '%s' is named '%s' and runs on %s",
                query.owner, spec->filter_name, spec->instance_type);
}

static bool find_source(
        Ec2Work *work, const SourceImageSpec *spec, const StringList *architectures, char **ret,
        Error **err) {
        if (!text_empty(spec->id)) {
                *ret = xstrdup(spec->id);
                return true;
        }
        if (!text_empty(spec->filter_name))
                return find_newest(work, spec, architectures, ret, err);
        return ssm_get_parameter(work->session, spec->parameter, ret, err) ||
               error_prefix(err, "build_infos.source_ami_parameter");
}

static bool check_source(
        Ec2Work *work, const SourceImageSpec *spec, const StringList *architectures, const char *id,
        Error **err) {
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };

        if (!ec2_describe_image(work->session, id, &image, err))
                return error_prefix(err, "source image");
        if (!text_equal(image.state, "available"))
                return error_set(err, ERROR_CONFLICT, "source image %s is %s", id, image.state);
        if (text_empty(image.root_device_name))
                return error_set(err, ERROR_CONFLICT, "source image %s has no root device", id);
        if (!string_list_contains(architectures, image.architecture))
                return error_set(
                        err, ERROR_INVALID,
                        "source image %s is made for %s, which instance type %s cannot run", id,
                        image.architecture, spec->instance_type);
        work_log(work, "Source image %s (%s)", id, image.name);
        return true;
}

bool source_image_resolve(Ec2Work *work, const SourceImageSpec *spec, char **ret_id, Error **err) {
        CLEANUP(string_list_clear) StringList architectures = { 0 };
        CLEANUP(free) char *id = NULL;

        if (!work->recall(work->context, STEP_SOURCE, &id, err))
                return false;
        if (!id) {
                if (!read_architectures(work, spec->instance_type, &architectures, err) ||
                    !find_source(work, spec, &architectures, &id, err) ||
                    !check_source(work, spec, &architectures, id, err) ||
                    !work->remember(work->context, STEP_SOURCE, id, err))
                        return false;
        }
        *ret_id = TAKE(id);
        return true;
}

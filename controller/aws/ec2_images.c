#include <stdlib.h>
#include <string.h>

#include "aws/ec2_form.h"
#include "base/memory.h"

enum { MIN_NAME_CHARACTERS = 3, MAX_NAME_CHARACTERS = 128 };

char *ec2_image_name(const char *wanted) {
        static const char allowed[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789()[] ./-'@_";
        CLEANUP(free) char *name = xstrndup(wanted, MAX_NAME_CHARACTERS);

        for (char *at = name; *at; at++)
                if (!strchr(allowed, *at))
                        *at = '-';
        return strlen(name) < MIN_NAME_CHARACTERS ? xasprintf("%s---", name) : TAKE(name);
}

static void read_image(const Xml *item, Ec2Image *ret) {
        const Xml *devices = xml_first(item, "blockDeviceMapping");

        *ret = (Ec2Image){
                .id = xml_text_copy(item, "imageId"),
                .name = xml_text_copy(item, "name"),
                .state = xml_text_copy(item, "imageState"),
                .state_reason_code = xml_text_copy(item, "stateReason/code"),
                .state_reason = xml_text_copy(item, "stateReason/message"),
                .root_device_name = xml_text_copy(item, "rootDeviceName"),
                .architecture = xml_text_copy(item, "architecture"),
                .owner_id = xml_text_copy(item, "imageOwnerId"),
                .creation_date = xml_text_copy(item, "creationDate"),
        };
        for (const Xml *device = xml_first(devices, "item"); device; device = xml_next(device, "item")) {
                const char *snapshot = xml_text(device, "ebs/snapshotId");

                if (!text_empty(snapshot))
                        string_list_add(&ret->snapshot_ids, snapshot);
        }
        ec2_read_tags(item, &ret->tags);
}

void ec2_image_clear(Ec2Image *image) {
        char **const strings[] = { &image->id,           &image->name,
                                   &image->state,        &image->state_reason_code,
                                   &image->state_reason, &image->root_device_name,
                                   &image->architecture, &image->owner_id,
                                   &image->creation_date };

        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
                free(*strings[i]);
        string_list_clear(&image->snapshot_ids);
        ec2_tags_clear(&image->tags);
        *image = (Ec2Image){ 0 };
}

void ec2_images_clear(Ec2Images *images) {
        for (size_t i = 0; i < images->count; i++)
                ec2_image_clear(&images->items[i]);
        free(images->items);
        *images = (Ec2Images){ 0 };
}

static void add_image(void *context, const Xml *item) {
        Ec2Images *images = context;

        images->items = xrealloc(images->items, (images->count + 1) * sizeof(*images->items));
        read_image(item, &images->items[images->count++]);
}

bool ec2_read_images(AwsSession *session, const AwsForm *form, bool sized, Ec2Images *ret, Error **err) {
        Ec2Images found = { 0 };
        const Ec2Pages pages = {
                "DescribeImages", form, sized, "imagesSet/item", "imageId", add_image, &found
        };

        if (!ec2_read_pages(session, &pages, err)) {
                ec2_images_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool ec2_describe_own_images(AwsSession *session, const Ec2Filters *filters, Ec2Images *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!ec2_filters_check(filters, err))
                return error_prefix(err, "DescribeImages");
        form_add(&form, "self", "Owner.1");
        ec2_form_add_filters(&form, filters);
        return ec2_read_images(session, &form, true, ret, err);
}

bool ec2_describe_image(AwsSession *session, const char *id, Ec2Image *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };

        if (text_empty(id))
                return error_set(err, ERROR_INVALID, "DescribeImages: an image id is needed");
        form_add(&form, id, "ImageId.1");
        if (!ec2_read_images(session, &form, false, &images, err))
                return false;
        if (images.count == 0)
                return error_set(err, ERROR_NOT_FOUND, "image %s does not exist", id);
        *ret = images.items[0];
        images.items[0] = (Ec2Image){ 0 };
        return true;
}

/* The name is taken: ours from an earlier try, or somebody else's. */
static bool adopt_image(AwsSession *session, const Ec2ImageSpec *spec, char **ret_image_id, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        const char *job = ec2_tags_value(spec->tags, "ghost:job");

        ec2_filters_add(&filters, "name", spec->name);
        if (!ec2_describe_own_images(session, &filters, &images, err))
                return false;
        for (size_t i = 0; i < images.count; i++)
                if (job && text_equal(ec2_tags_value(&images.items[i].tags, "ghost:job"), job)) {
                        *ret_image_id = xstrdup(images.items[i].id);
                        return true;
                }
        return error_set(
                err, ERROR_CONFLICT, "an image named '%s' exists and is not of this job", spec->name);
}

bool ec2_create_image(AwsSession *session, const Ec2ImageSpec *spec, char **ret_image_id, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(error_free) Error *error = NULL;

        form_add(&form, spec->instance_id, "InstanceId");
        ec2_form_add_devices(&form, spec->devices, spec->device_count);
        form_add(&form, spec->name, "Name");
        form_add(&form, spec->description, "Description");
        ec2_form_add_tags(&form, 1, "image", spec->tags);
        ec2_form_add_tags(&form, 2, "snapshot", spec->tags);
        if (!aws_call(session, &aws_ec2, "CreateImage", &form, &answer, &error)) {
                if (text_equal(session->failure.code, "InvalidAMIName.Duplicate"))
                        return adopt_image(session, spec, ret_image_id, err);
                *err = TAKE(error);
                return false;
        }
        const char *id = xml_text(answer, "imageId");
        if (text_empty(id))
                return error_set(err, ERROR_INTERNAL, "CreateImage: the answer names no image");
        *ret_image_id = xstrdup(id);
        return true;
}

bool ec2_deregister_image(AwsSession *session, const char *id, Error **err) {
        return ec2_remove_by_id(session, "DeregisterImage", "ImageId", id, err);
}

bool ec2_delete_snapshot(AwsSession *session, const char *id, Error **err) {
        return ec2_remove_by_id(session, "DeleteSnapshot", "SnapshotId", id, err);
}

static void add_snapshot(void *context, const Xml *item) {
        Ec2Snapshots *snapshots = context;

        snapshots->items = xrealloc(snapshots->items, (snapshots->count + 1) * sizeof(*snapshots->items));
        Ec2Snapshot *snapshot = &snapshots->items[snapshots->count++];
        *snapshot = (Ec2Snapshot){
                .id = xml_text_copy(item, "snapshotId"),
                .state = xml_text_copy(item, "status"),
                .progress = xml_text_copy(item, "progress"),
        };
        ec2_read_tags(item, &snapshot->tags);
}

void ec2_snapshots_clear(Ec2Snapshots *snapshots) {
        for (size_t i = 0; i < snapshots->count; i++) {
                free(snapshots->items[i].id);
                free(snapshots->items[i].state);
                free(snapshots->items[i].progress);
                ec2_tags_clear(&snapshots->items[i].tags);
        }
        free(snapshots->items);
        *snapshots = (Ec2Snapshots){ 0 };
}

bool ec2_describe_own_snapshots(
        AwsSession *session, const Ec2Filters *filters, Ec2Snapshots *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        Ec2Snapshots found = { 0 };
        const Ec2Pages pages = { "DescribeSnapshots", &form,        true,  "snapshotSet/item",
                                 "snapshotId",        add_snapshot, &found };

        if (!ec2_filters_check(filters, err))
                return error_prefix(err, "DescribeSnapshots");
        form_add(&form, "self", "Owner.1");
        ec2_form_add_filters(&form, filters);
        if (!ec2_read_pages(session, &pages, err)) {
                ec2_snapshots_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

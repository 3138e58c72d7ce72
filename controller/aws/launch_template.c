#include "aws/launch_template.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_form.h"
#include "base/crypto.h"
#include "base/memory.h"

enum { MAX_USER_DATA_BYTES = 16384 };

#define DATA "LaunchTemplateData."

static void add_devices(AwsForm *form, const LaunchTemplateData *data) {
        for (size_t i = 0; i < data->device_count; i++) {
                const Ec2BlockDevice *device = &data->devices[i];
                CLEANUP(free) char *start = xasprintf(DATA "BlockDeviceMapping.%zu", i + 1);

                form_add(form, device->name, "%s.DeviceName", start);
                if (device->size_gib > 0)
                        form_add_int(form, device->size_gib, "%s.Ebs.VolumeSize", start);
                form_add(form, device->type ? device->type : "gp3", "%s.Ebs.VolumeType", start);
                if (device->iops > 0)
                        form_add_int(form, device->iops, "%s.Ebs.Iops", start);
                form_add(form, "true", "%s.Ebs.DeleteOnTermination", start);
                form_add(form, "true", "%s.Ebs.Encrypted", start);
        }
}

/* No subnet: that is the group's to choose. */
static void add_network(AwsForm *form, const LaunchTemplateData *data) {
        form_add(form, "0", DATA "NetworkInterface.1.DeviceIndex");
        for (size_t i = 0; data->security_groups && i < data->security_groups->count; i++)
                form_add(
                        form, data->security_groups->items[i], DATA "NetworkInterface.1.SecurityGroupId.%zu",
                        i + 1);
        form_add_bool(form, data->public_ip, DATA "NetworkInterface.1.AssociatePublicIpAddress");
        form_add_bool(form, true, DATA "NetworkInterface.1.DeleteOnTermination");
}

static void add_tags(AwsForm *form, const LaunchTemplateData *data) {
        static const char *const tagged[] = { "instance", "volume", "network-interface" };

        if (!data->instance_tags || data->instance_tags->count == 0)
                return;
        for (size_t i = 0; i < sizeof(tagged) / sizeof(tagged[0]); i++) {
                CLEANUP(free) char *start = xasprintf(DATA "TagSpecification.%zu", i + 1);

                form_add(form, tagged[i], "%s.ResourceType", start);
                for (size_t j = 0; j < data->instance_tags->count; j++) {
                        form_add(form, data->instance_tags->items[j].key, "%s.Tag.%zu.Key", start, j + 1);
                        form_add(form, data->instance_tags->items[j].value, "%s.Tag.%zu.Value", start, j + 1);
                }
        }
}

static void add_data(AwsForm *form, const LaunchTemplateData *data) {
        form_add(form, data->image_id, DATA "ImageId");
        form_add(form, data->instance_type, DATA "InstanceType");
        form_add(form, data->key_name, DATA "KeyName");
        form_add(form, data->instance_profile, DATA "IamInstanceProfile.Name");
        if (!text_empty(data->user_data)) {
                CLEANUP(free) char *encoded = base64_encode(data->user_data, strlen(data->user_data));

                form_add(form, encoded, DATA "UserData");
        }
        form_add_bool(form, data->monitoring, DATA "Monitoring.Enabled");
        form_add(form, "required", DATA "MetadataOptions.HttpTokens");
        if (data->tags_in_metadata)
                form_add(form, "enabled", DATA "MetadataOptions.InstanceMetadataTags");
        add_network(form, data);
        add_devices(form, data);
        add_tags(form, data);
}

/* What is sent is what counts, so that nothing that is sent can be forgotten here. */
char *launch_template_hash(const LaunchTemplateData *data) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        add_data(&form, data);
        return crypto_sha256_hex(form.body.data, form.body.length);
}

static bool check(const LaunchTemplateData *data, Error **err) {
        return !data->user_data || strlen(data->user_data) <= MAX_USER_DATA_BYTES ||
               error_set(
                       err, ERROR_INVALID, "user data is longer than the %d bytes EC2 takes",
                       MAX_USER_DATA_BYTES);
}

/* ---- templates ---- */

void launch_template_clear(LaunchTemplate *launch_template) {
        free(launch_template->id);
        free(launch_template->name);
        ec2_tags_clear(&launch_template->tags);
        *launch_template = (LaunchTemplate){ 0 };
}

static void read_template(const Xml *item, LaunchTemplate *ret) {
        *ret = (LaunchTemplate){
                .id = xml_text_copy(item, "launchTemplateId"),
                .name = xml_text_copy(item, "launchTemplateName"),
                .default_version = xml_int(item, "defaultVersionNumber"),
                .latest_version = xml_int(item, "latestVersionNumber"),
        };
        ec2_read_tags(item, &ret->tags);
}

bool ec2_create_launch_template(
        AwsSession *session, const LaunchTemplateSpec *spec, LaunchTemplate *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(free) char *hash = launch_template_hash(spec->data);

        if (!check(spec->data, err))
                return false;
        form_add(&form, spec->name, "LaunchTemplateName");
        form_add(&form, hash, "VersionDescription");
        form_add(&form, spec->client_token, "ClientToken");
        add_data(&form, spec->data);
        ec2_form_add_tags(&form, 1, "launch-template", spec->tags);
        if (!aws_call(session, &aws_ec2, "CreateLaunchTemplate", &form, &answer, err))
                return false;
        read_template(xml_first(answer, "launchTemplate"), ret);
        return true;
}

bool ec2_find_launch_template(AwsSession *session, const char *name, LaunchTemplate *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };

        ec2_filters_add(&filters, "launch-template-name", name); /* an unknown one is simply not there */
        ec2_form_add_filters(&form, &filters);
        if (!aws_call(session, &aws_ec2, "DescribeLaunchTemplates", &form, &answer, err))
                return false;
        const Xml *item = xml_find(answer, "launchTemplates/item");
        if (!item)
                return error_set(err, ERROR_NOT_FOUND, "there is no launch template '%s'", name);
        read_template(item, ret);
        return true;
}

bool ec2_delete_launch_template(AwsSession *session, const char *id, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(error_free) Error *why = NULL;

        form_add(&form, id, "LaunchTemplateId");
        if (aws_call(session, &aws_ec2, "DeleteLaunchTemplate", &form, &answer, &why) ||
            session->failure.class == AWS_ERROR_NOT_FOUND)
                return true;
        *err = TAKE(why);
        return false;
}

/* ---- versions ---- */

void launch_template_versions_clear(LaunchTemplateVersions *versions) {
        for (size_t i = 0; i < versions->count; i++) {
                free(versions->items[i].description);
                free(versions->items[i].image_id);
                free(versions->items[i].instance_type);
        }
        free(versions->items);
        *versions = (LaunchTemplateVersions){ 0 };
}

bool ec2_create_launch_template_version(
        AwsSession *session, const char *id, const char *client_token, const LaunchTemplateData *data,
        int64_t *ret_number, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(free) char *hash = launch_template_hash(data);

        if (!check(data, err))
                return false;
        form_add(&form, id, "LaunchTemplateId");
        form_add(&form, hash, "VersionDescription");
        form_add(&form, client_token, "ClientToken");
        add_data(&form, data);
        if (!aws_call(session, &aws_ec2, "CreateLaunchTemplateVersion", &form, &answer, err))
                return false;
        *ret_number = xml_int(xml_first(answer, "launchTemplateVersion"), "versionNumber");
        return *ret_number > 0 ||
               error_set(err, ERROR_INTERNAL, "CreateLaunchTemplateVersion: the answer names no version");
}

static void add_version(void *context, const Xml *item) {
        LaunchTemplateVersions *ret = context;

        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        ret->items[ret->count++] = (LaunchTemplateVersion){
                .number = xml_int(item, "versionNumber"),
                .description = xml_text_copy(item, "versionDescription"),
                .image_id = xml_text_copy(item, "launchTemplateData/imageId"),
                .instance_type = xml_text_copy(item, "launchTemplateData/instanceType"),
                .is_default = xml_bool(item, "defaultVersion"),
        };
}

bool ec2_describe_launch_template_versions(
        AwsSession *session, const char *id, LaunchTemplateVersions *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        LaunchTemplateVersions found = { 0 };
        const Ec2Pages pages = { "DescribeLaunchTemplateVersions",
                                 &form,
                                 false,
                                 "launchTemplateVersionSet/item",
                                 "versionNumber",
                                 add_version,
                                 &found };

        form_add(&form, id, "LaunchTemplateId");
        form_add_int(&form, 200, "MaxResults");
        if (!ec2_read_pages(session, &pages, err)) {
                launch_template_versions_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool ec2_set_default_launch_template_version(
        AwsSession *session, const char *id, int64_t number, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, id, "LaunchTemplateId");
        form_add_int(&form, number, "SetDefaultVersion");
        return aws_call(session, &aws_ec2, "ModifyLaunchTemplate", &form, &answer, err);
}

/* Each version has an answer of its own inside a success. */
static bool check_deleted(const Xml *answer, Error **err) {
        const Xml *set = xml_first(answer, "unsuccessfullyDeletedLaunchTemplateVersionSet");

        for (const Xml *item = xml_first(set, "item"); item; item = xml_next(item, "item")) {
                const char *code = xml_text(item, "responseError/code");
                const char *words = xml_text(item, "responseError/message");

                if (!text_equal(code, "launchTemplateVersionDoesNotExist") &&
                    !text_equal(code, "launchTemplateIdDoesNotExist"))
                        return error_set(
                                err, ERROR_CONFLICT, "DeleteLaunchTemplateVersions: version %lld: %s: %s",
                                xml_int(item, "versionNumber"), code ? code : "?", words ? words : "");
        }
        return true;
}

bool ec2_delete_launch_template_versions(
        AwsSession *session, const char *id, const int64_t *numbers, size_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        if (count == 0)
                return true;
        form_add(&form, id, "LaunchTemplateId");
        for (size_t i = 0; i < count; i++)
                form_add_int(&form, numbers[i], "LaunchTemplateVersion.%zu", i + 1);
        return aws_call(session, &aws_ec2, "DeleteLaunchTemplateVersions", &form, &answer, err) &&
               check_deleted(answer, err);
}

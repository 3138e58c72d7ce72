/* EC2: images, snapshots, launch templates. */
#include <stdlib.h>

#include "aws/ec2_image_search.h"
#include "aws/launch_template.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

enum { VERSIONS_MAX = 8 };

static bool create_image(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(ec2_tags_clear) Ec2Tags tags = specified_tags(in);
        CLEANUP(free) char *id = NULL;
        const Ec2ImageSpec spec = { .instance_id = text_of(in, "InstanceId"),
                                    .name = text_of(in, "Name"),
                                    .description = text_of(in, "Description"),
                                    .tags = &tags };

        if (!ec2_create_image(session, &spec, &id, err))
                return false;
        *ret = named("ImageId", id);
        return true;
}

/* One by its id, ours by filters, or an owner's. */
static bool describe_images(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "ImageIds");
        CLEANUP(string_list_clear) StringList owners = texts_of(in, "Owners");
        CLEANUP(ec2_filters_clear) Ec2Filters filters = filters_of(in);
        CLEANUP(ec2_images_clear) Ec2Images found = { 0 };
        CLEANUP(ec2_image_clear) Ec2Image one = { 0 };
        const Ec2ImageQuery query = { .owner = first_of(&owners),
                                      .name_pattern = text_of(in, "NamePattern") };
        bool good;

        if (*query.name_pattern)
                good = ec2_find_images(session, &query, &found, err);
        else if (owners.count > 0)
                good = ec2_describe_own_images(session, &filters, &found, err);
        else
                good = ec2_describe_image(session, first_of(&ids), &one, err);
        if (!good)
                return false;
        *ret = counted(one.id ? 1 : found.count);
        document_set_string(*ret, "State", one.id ? one.state : found.count ? found.items[0].state : "");
        return true;
}

static bool deregister_image(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_deregister_image(session, text_of(in, "ImageId"), err);
}

static bool copy_image(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(ec2_tags_clear) Ec2Tags tags = specified_tags(in);
        CLEANUP(free) char *id = NULL;
        const Ec2CopySpec spec = { .source_region = text_of(in, "SourceRegion"),
                                   .source_image_id = text_of(in, "SourceImageId"),
                                   .name = text_of(in, "Name"),
                                   .description = text_of(in, "Description"),
                                   .client_token = text_of(in, "ClientToken"),
                                   .kms_key_id = text_of(in, "KmsKeyId"),
                                   .tags = &tags };

        if (!ec2_copy_image(session, &spec, &id, err))
                return false;
        *ret = named("ImageId", id);
        return true;
}

static StringList user_ids(const Document *list) {
        StringList ids = { 0 };

        for (size_t i = 0; i < document_count(list); i++)
                string_list_add(&ids, document_get_string(document_at(list, i), "UserId"));
        return ids;
}

static bool modify_image(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList add = user_ids(document_get(in, "LaunchPermission.Add"));
        CLEANUP(string_list_clear) StringList remove = user_ids(document_get(in, "LaunchPermission.Remove"));

        (void) ret;
        return ec2_change_launch_permission(session, text_of(in, "ImageId"), &add, &remove, err);
}

static bool describe_snapshots(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = filters_of(in);
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots found = { 0 };

        if (!ec2_describe_own_snapshots(session, &filters, &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool delete_snapshot(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_delete_snapshot(session, text_of(in, "SnapshotId"), err);
}

/* ---- launch templates ---- */

/* What the data borrows lives as long as its holder. */
typedef struct Data {
        LaunchTemplateData data;
        StringList groups;
        Ec2Tags tags;
        Ec2BlockDevice device;
} Data;

static void data_clearp(Data *data) {
        string_list_clear(&data->groups);
        ec2_tags_clear(&data->tags);
}

static void read_data(const Document *in, Data *ret) {
        const Document *data = document_get(in, "LaunchTemplateData");
        const Document *network = document_at(document_get(data, "NetworkInterfaces"), 0);
        const Document *mapping = document_at(document_get(data, "BlockDeviceMappings"), 0);

        *ret = (Data){ .groups = texts_of(data, "SecurityGroupIds"), .tags = specified_tags(data) };
        ret->device = (Ec2BlockDevice){ .name = text_of(mapping, "DeviceName"),
                                        .type = text_of(mapping, "Ebs.VolumeType"),
                                        .size_gib = document_get_int(mapping, "Ebs.VolumeSize") };
        ret->data = (LaunchTemplateData){
                .image_id = text_of(data, "ImageId"),
                .instance_type = text_of(data, "InstanceType"),
                .key_name = text_of(data, "KeyName"),
                .instance_profile = text_of(data, "IamInstanceProfile.Name"),
                .user_data = text_of(data, "UserData"),
                .security_groups = &ret->groups,
                .public_ip = document_get_bool(network, "AssociatePublicIpAddress"),
                .monitoring = document_get_bool(data, "Monitoring.Enabled"),
                .tags_in_metadata = *text_of(data, "MetadataOptions.InstanceMetadataTags") != '\0',
                .devices = &ret->device,
                .device_count = *ret->device.name ? 1 : 0,
                .instance_tags = &ret->tags,
        };
}

static bool create_template(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(ec2_tags_clear) Ec2Tags tags = specified_tags(in);
        CLEANUP(data_clear) Data data = { 0 };
        CLEANUP(launch_template_clear) LaunchTemplate made = { 0 };

        read_data(in, &data);
        const LaunchTemplateSpec spec = { .name = text_of(in, "LaunchTemplateName"),
                                          .client_token = text_of(in, "ClientToken"),
                                          .data = &data.data,
                                          .tags = &tags };
        if (!ec2_create_launch_template(session, &spec, &made, err))
                return false;
        *ret = named("LaunchTemplateId", made.id);
        return true;
}

static bool create_version(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(data_clear) Data data = { 0 };
        int64_t number = 0;

        read_data(in, &data);
        if (!ec2_create_launch_template_version(
                    session, text_of(in, "LaunchTemplateId"), text_of(in, "ClientToken"), &data.data, &number,
                    err))
                return false;
        *ret = document_object();
        document_set_int(*ret, "VersionNumber", number);
        return true;
}

static bool find_template(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList names = texts_of(in, "LaunchTemplateNames");
        CLEANUP(launch_template_clear) LaunchTemplate found = { 0 };

        if (!ec2_find_launch_template(session, first_of(&names), &found, err))
                return false;
        *ret = named("LaunchTemplateId", found.id);
        document_set_int(*ret, "DefaultVersionNumber", found.default_version);
        return true;
}

static bool describe_versions(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(launch_template_versions_clear) LaunchTemplateVersions found = { 0 };

        if (!ec2_describe_launch_template_versions(session, text_of(in, "LaunchTemplateId"), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool modify_template(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_set_default_launch_template_version(
                session, text_of(in, "LaunchTemplateId"), strtoll(text_of(in, "DefaultVersion"), NULL, 10),
                err);
}

static bool delete_template(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_delete_launch_template(session, text_of(in, "LaunchTemplateId"), err);
}

static bool delete_versions(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList versions = texts_of(in, "Versions");
        int64_t numbers[VERSIONS_MAX];

        (void) ret;
        for (size_t i = 0; i < versions.count && i < VERSIONS_MAX; i++)
                numbers[i] = strtoll(versions.items[i], NULL, 10);
        return ec2_delete_launch_template_versions(
                session, text_of(in, "LaunchTemplateId"), numbers, versions.count, err);
}

static const AwsCall calls[] = {
        { "ec2", "CreateImage", create_image },
        { "ec2", "DescribeImages", describe_images },
        { "ec2", "DeregisterImage", deregister_image },
        { "ec2", "CopyImage", copy_image },
        { "ec2", "ModifyImageAttribute", modify_image },
        { "ec2", "DescribeSnapshots", describe_snapshots },
        { "ec2", "DeleteSnapshot", delete_snapshot },
        { "ec2", "CreateLaunchTemplate", create_template },
        { "ec2", "CreateLaunchTemplateVersion", create_version },
        { "ec2", "DescribeLaunchTemplates", find_template },
        { "ec2", "DescribeLaunchTemplateVersions", describe_versions },
        { "ec2", "ModifyLaunchTemplate", modify_template },
        { "ec2", "DeleteLaunchTemplate", delete_template },
        { "ec2", "DeleteLaunchTemplateVersions", delete_versions },
};
const AwsCalls aws_calls_images = AWS_CALLS(calls);

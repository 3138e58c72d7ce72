/* EC2: instances, networks, volumes. */
#include <stdlib.h>

#include "aws/ec2_network.h"
#include "aws/ec2_status.h"
#include "aws/ec2_volumes.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

static bool run_instances(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *network = document_at(document_get(in, "NetworkInterfaces"), 0);
        const Document *mapping = document_at(document_get(in, "BlockDeviceMappings"), 0);
        CLEANUP(ec2_tags_clear) Ec2Tags tags = specified_tags(in);
        CLEANUP(string_list_clear) StringList groups = texts_of(in, "SecurityGroupIds");
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        const Ec2BlockDevice device = { .name = text_of(mapping, "DeviceName"),
                                        .type = text_of(mapping, "Ebs.VolumeType"),
                                        .size_gib = document_get_int(mapping, "Ebs.VolumeSize") };
        const Ec2RunSpec spec = {
                .image_id = text_of(in, "ImageId"),
                .instance_type = text_of(in, "InstanceType"),
                .client_token = text_of(in, "ClientToken"),
                .key_name = text_of(in, "KeyName"),
                .instance_profile = text_of(in, "IamInstanceProfile.Name"),
                .subnet_id = text_of(in, "SubnetId"),
                .private_ip = text_of(in, "PrivateIpAddress"),
                .security_groups = &groups,
                .public_ip = document_get_bool(network, "AssociatePublicIpAddress"),
                .user_data = text_of(in, "UserData"),
                .terminate_on_shutdown = *text_of(in, "InstanceInitiatedShutdownBehavior") != '\0',
                .monitoring = document_get_bool(in, "Monitoring.Enabled"),
                .tags_in_metadata = *text_of(in, "MetadataOptions.InstanceMetadataTags") != '\0',
                .devices = &device,
                .device_count = *device.name ? 1 : 0,
                .tags = &tags,
        };

        if (!ec2_run_instance(session, &spec, &instance, err))
                return false;
        *ret = named("InstanceId", instance.id);
        return true;
}

static bool describe_instances(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = filters_of(in);
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (!ec2_describe_instances(session, &filters, &found, err))
                return false;
        *ret = counted(found.count);
        if (found.count > 0) {
                document_set_string(*ret, "InstanceId", found.items[0].id);
                document_set_string(*ret, "State", ec2_instance_state_word(found.items[0].state));
                document_set_string(*ret, "SubnetId", found.items[0].subnet_id);
        }
        return true;
}

static bool describe_status(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");
        CLEANUP(ec2_status_clear) Ec2Status status = { 0 };

        if (!ec2_describe_status(session, first_of(&ids), &status, err))
                return false;
        *ret = named("InstanceId", status.id);
        document_set_string(*ret, "SystemStatus", status.system);
        document_set_string(*ret, "InstanceStatus", status.instance);
        return true;
}

static bool terminate_instances(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");

        (void) ret;
        return ec2_terminate_instances(session, &ids, err);
}

static bool stop_instances(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");

        (void) ret;
        return ec2_stop_instance(session, first_of(&ids), document_get_bool(in, "Force"), err);
}

static bool create_tags(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "Resources");
        CLEANUP(ec2_tags_clear) Ec2Tags tags = tags_of(document_get(in, "Tags"));

        (void) ret;
        return ec2_create_tags(session, &ids, &tags, err);
}

static bool get_console_output(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(free) char *output = NULL;

        if (!ec2_get_console_output(session, text_of(in, "InstanceId"), &output, err))
                return false;
        *ret = named("Output", output);
        return true;
}

/* A list by filters, and the name of its first row. */
#define LIST(function, type, describe, clear, member)                                                        \
        static bool function(AwsSession *session, const Document *in, Document **ret, Error **err) {         \
                CLEANUP(ec2_filters_clear) Ec2Filters filters = filters_of(in);                              \
                CLEANUP(clear) type found = { 0 };                                                           \
                                                                                                             \
                if (!describe(session, &filters, &found, err))                                               \
                        return false;                                                                        \
                *ret = counted(found.count);                                                                 \
                document_set_string(*ret, "First", found.count ? found.items[0].member : "");                \
                return true;                                                                                 \
        }
LIST(describe_regions, Ec2Regions, ec2_describe_regions, ec2_regions_clear, name)
LIST(describe_zones, Ec2Zones, ec2_describe_zones, ec2_zones_clear, name)
LIST(describe_vpcs, Ec2Vpcs, ec2_describe_vpcs, ec2_vpcs_clear, id)
LIST(describe_subnets, Ec2Subnets, ec2_describe_subnets, ec2_subnets_clear, id)
LIST(describe_groups, Ec2SecurityGroups, ec2_describe_security_groups, ec2_security_groups_clear, id)
LIST(describe_key_pairs, Ec2KeyPairs, ec2_describe_key_pairs, ec2_key_pairs_clear, name)
LIST(describe_types, Ec2InstanceTypes, ec2_describe_instance_types, ec2_instance_types_clear, name)
LIST(describe_interfaces, Ec2NetworkInterfaces, ec2_describe_network_interfaces, ec2_network_interfaces_clear,
     id)
LIST(describe_volumes, Ec2Volumes, ec2_describe_volumes, ec2_volumes_clear, id)

static bool describe_offerings(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList found = { 0 };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = filters_of(in);
        const char *zone = filters.count ? filters.items[0].values.items[0] : NULL;

        if (!ec2_list_offered_types(session, zone, &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool delete_interface(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_delete_network_interface(session, text_of(in, "NetworkInterfaceId"), err);
}

static bool delete_volume(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return ec2_delete_volume(session, text_of(in, "VolumeId"), err);
}

static const AwsCall calls[] = {
        { "ec2", "RunInstances", run_instances },
        { "ec2", "DescribeInstances", describe_instances },
        { "ec2", "DescribeInstanceStatus", describe_status },
        { "ec2", "TerminateInstances", terminate_instances },
        { "ec2", "StopInstances", stop_instances },
        { "ec2", "CreateTags", create_tags },
        { "ec2", "GetConsoleOutput", get_console_output },
        { "ec2", "DescribeRegions", describe_regions },
        { "ec2", "DescribeAvailabilityZones", describe_zones },
        { "ec2", "DescribeVpcs", describe_vpcs },
        { "ec2", "DescribeSubnets", describe_subnets },
        { "ec2", "DescribeSecurityGroups", describe_groups },
        { "ec2", "DescribeKeyPairs", describe_key_pairs },
        { "ec2", "DescribeInstanceTypes", describe_types },
        { "ec2", "DescribeInstanceTypeOfferings", describe_offerings },
        { "ec2", "DescribeNetworkInterfaces", describe_interfaces },
        { "ec2", "DeleteNetworkInterface", delete_interface },
        { "ec2", "DescribeVolumes", describe_volumes },
        { "ec2", "DeleteVolume", delete_volume },
};
const AwsCalls aws_calls_ec2 = AWS_CALLS(calls);

#include "aws/ec2_network.h"

#include <stddef.h>

#include "aws/ec2_rows.h"
#include "base/memory.h"

#define TABLE(set_name, is_sized, row, list)                                                                 \
        {                                                                                                    \
                .set = (set_name), .sized = (is_sized), .row_size = sizeof(row), .columns = (list),          \
                .column_count = sizeof(list) / sizeof((list)[0])                                             \
        }

static const Ec2Column regions_columns[] = {
        { "regionName", offsetof(Ec2Region, name), EC2_COLUMN_TEXT },
        { "regionEndpoint", offsetof(Ec2Region, endpoint), EC2_COLUMN_TEXT },
        { "optInStatus", offsetof(Ec2Region, opt_in_status), EC2_COLUMN_TEXT },
};
static const Ec2Table regions_table = TABLE("regionInfo", false, Ec2Region, regions_columns);

static const Ec2Column zones_columns[] = {
        { "zoneName", offsetof(Ec2Zone, name), EC2_COLUMN_TEXT },
        { "zoneId", offsetof(Ec2Zone, id), EC2_COLUMN_TEXT },
        { "zoneState", offsetof(Ec2Zone, state), EC2_COLUMN_TEXT },
        { "zoneType", offsetof(Ec2Zone, type), EC2_COLUMN_TEXT },
};
static const Ec2Table zones_table = TABLE("availabilityZoneInfo", false, Ec2Zone, zones_columns);

static const Ec2Column vpcs_columns[] = {
        { "vpcId", offsetof(Ec2Vpc, id), EC2_COLUMN_TEXT },
        { "cidrBlock", offsetof(Ec2Vpc, cidr), EC2_COLUMN_TEXT },
        { "state", offsetof(Ec2Vpc, state), EC2_COLUMN_TEXT },
        { "isDefault", offsetof(Ec2Vpc, is_default), EC2_COLUMN_BOOL },
        { "", offsetof(Ec2Vpc, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table vpcs_table = TABLE("vpcSet", true, Ec2Vpc, vpcs_columns);

static const Ec2Column subnets_columns[] = {
        { "subnetId", offsetof(Ec2Subnet, id), EC2_COLUMN_TEXT },
        { "vpcId", offsetof(Ec2Subnet, vpc_id), EC2_COLUMN_TEXT },
        { "cidrBlock", offsetof(Ec2Subnet, cidr), EC2_COLUMN_TEXT },
        { "availabilityZone", offsetof(Ec2Subnet, zone), EC2_COLUMN_TEXT },
        { "state", offsetof(Ec2Subnet, state), EC2_COLUMN_TEXT },
        { "availableIpAddressCount", offsetof(Ec2Subnet, free_addresses), EC2_COLUMN_INT },
        { "mapPublicIpOnLaunch", offsetof(Ec2Subnet, gives_public_ip), EC2_COLUMN_BOOL },
        { "", offsetof(Ec2Subnet, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table subnets_table = TABLE("subnetSet", true, Ec2Subnet, subnets_columns);

static const Ec2Column security_groups_columns[] = {
        { "groupId", offsetof(Ec2SecurityGroup, id), EC2_COLUMN_TEXT },
        { "groupName", offsetof(Ec2SecurityGroup, name), EC2_COLUMN_TEXT },
        { "groupDescription", offsetof(Ec2SecurityGroup, description), EC2_COLUMN_TEXT },
        { "vpcId", offsetof(Ec2SecurityGroup, vpc_id), EC2_COLUMN_TEXT },
        { "", offsetof(Ec2SecurityGroup, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table security_groups_table =
        TABLE("securityGroupInfo", true, Ec2SecurityGroup, security_groups_columns);

static const Ec2Column key_pairs_columns[] = {
        { "keyName", offsetof(Ec2KeyPair, name), EC2_COLUMN_TEXT },
        { "keyPairId", offsetof(Ec2KeyPair, id), EC2_COLUMN_TEXT },
        { "keyType", offsetof(Ec2KeyPair, type), EC2_COLUMN_TEXT },
        { "keyFingerprint", offsetof(Ec2KeyPair, fingerprint), EC2_COLUMN_TEXT },
        { "", offsetof(Ec2KeyPair, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table key_pairs_table = TABLE("keySet", false, Ec2KeyPair, key_pairs_columns);

static const Ec2Column instance_types_columns[] = {
        { "instanceType", offsetof(Ec2InstanceType, name), EC2_COLUMN_TEXT },
        { "vCpuInfo/defaultVCpus", offsetof(Ec2InstanceType, cpus), EC2_COLUMN_INT },
        { "memoryInfo/sizeInMiB", offsetof(Ec2InstanceType, memory_mib), EC2_COLUMN_INT },
        { "currentGeneration", offsetof(Ec2InstanceType, is_current), EC2_COLUMN_BOOL },
        { "burstablePerformanceSupported", offsetof(Ec2InstanceType, is_burstable), EC2_COLUMN_BOOL },
        { "processorInfo/supportedArchitectures", offsetof(Ec2InstanceType, architectures),
          EC2_COLUMN_TEXTS },
};
static const Ec2Table instance_types_table =
        TABLE("instanceTypeSet", false, Ec2InstanceType, instance_types_columns);

static const Ec2Column network_interfaces_columns[] = {
        { "networkInterfaceId", offsetof(Ec2NetworkInterface, id), EC2_COLUMN_TEXT },
        { "status", offsetof(Ec2NetworkInterface, state), EC2_COLUMN_TEXT },
        { "description", offsetof(Ec2NetworkInterface, description), EC2_COLUMN_TEXT },
        { "subnetId", offsetof(Ec2NetworkInterface, subnet_id), EC2_COLUMN_TEXT },
        { "vpcId", offsetof(Ec2NetworkInterface, vpc_id), EC2_COLUMN_TEXT },
        { "availabilityZone", offsetof(Ec2NetworkInterface, zone), EC2_COLUMN_TEXT },
        { "privateIpAddress", offsetof(Ec2NetworkInterface, private_ip), EC2_COLUMN_TEXT },
        { "attachment/instanceId", offsetof(Ec2NetworkInterface, instance_id), EC2_COLUMN_TEXT },
        { "", offsetof(Ec2NetworkInterface, tags), EC2_COLUMN_TAGS },
};
static const Ec2Table network_interfaces_table =
        TABLE("networkInterfaceSet", true, Ec2NetworkInterface, network_interfaces_columns);

static bool describe(
        AwsSession *session, const char *action, const Ec2Table *table, const Ec2Filters *filters,
        Ec2Rows *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (filters)
                ec2_form_add_filters(&form, filters);
        return ec2_rows_read(session, action, table, &form, ret, err);
}

bool ec2_describe_regions(AwsSession *session, const Ec2Filters *filters, Ec2Regions *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeRegions", &regions_table, filters, &rows, err);

        *ret = (Ec2Regions){ rows.items, rows.count };
        return good;
}

void ec2_regions_clear(Ec2Regions *list) {
        ec2_rows_clear(&regions_table, list->items, list->count);
        *list = (Ec2Regions){ 0 };
}

bool ec2_describe_zones(AwsSession *session, const Ec2Filters *filters, Ec2Zones *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeAvailabilityZones", &zones_table, filters, &rows, err);

        *ret = (Ec2Zones){ rows.items, rows.count };
        return good;
}

void ec2_zones_clear(Ec2Zones *list) {
        ec2_rows_clear(&zones_table, list->items, list->count);
        *list = (Ec2Zones){ 0 };
}

bool ec2_describe_vpcs(AwsSession *session, const Ec2Filters *filters, Ec2Vpcs *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeVpcs", &vpcs_table, filters, &rows, err);

        *ret = (Ec2Vpcs){ rows.items, rows.count };
        return good;
}

void ec2_vpcs_clear(Ec2Vpcs *list) {
        ec2_rows_clear(&vpcs_table, list->items, list->count);
        *list = (Ec2Vpcs){ 0 };
}

bool ec2_describe_subnets(AwsSession *session, const Ec2Filters *filters, Ec2Subnets *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeSubnets", &subnets_table, filters, &rows, err);

        *ret = (Ec2Subnets){ rows.items, rows.count };
        return good;
}

void ec2_subnets_clear(Ec2Subnets *list) {
        ec2_rows_clear(&subnets_table, list->items, list->count);
        *list = (Ec2Subnets){ 0 };
}

bool ec2_describe_security_groups(
        AwsSession *session, const Ec2Filters *filters, Ec2SecurityGroups *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeSecurityGroups", &security_groups_table, filters, &rows, err);

        *ret = (Ec2SecurityGroups){ rows.items, rows.count };
        return good;
}

void ec2_security_groups_clear(Ec2SecurityGroups *list) {
        ec2_rows_clear(&security_groups_table, list->items, list->count);
        *list = (Ec2SecurityGroups){ 0 };
}

bool ec2_describe_key_pairs(AwsSession *session, const Ec2Filters *filters, Ec2KeyPairs *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeKeyPairs", &key_pairs_table, filters, &rows, err);

        *ret = (Ec2KeyPairs){ rows.items, rows.count };
        return good;
}

void ec2_key_pairs_clear(Ec2KeyPairs *list) {
        ec2_rows_clear(&key_pairs_table, list->items, list->count);
        *list = (Ec2KeyPairs){ 0 };
}

bool ec2_describe_instance_types(
        AwsSession *session, const Ec2Filters *filters, Ec2InstanceTypes *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(session, "DescribeInstanceTypes", &instance_types_table, filters, &rows, err);

        *ret = (Ec2InstanceTypes){ rows.items, rows.count };
        return good;
}

void ec2_instance_types_clear(Ec2InstanceTypes *list) {
        ec2_rows_clear(&instance_types_table, list->items, list->count);
        *list = (Ec2InstanceTypes){ 0 };
}

bool ec2_describe_network_interfaces(
        AwsSession *session, const Ec2Filters *filters, Ec2NetworkInterfaces *ret, Error **err) {
        Ec2Rows rows = { 0 };
        bool good = describe(
                session, "DescribeNetworkInterfaces", &network_interfaces_table, filters, &rows, err);

        *ret = (Ec2NetworkInterfaces){ rows.items, rows.count };
        return good;
}

void ec2_network_interfaces_clear(Ec2NetworkInterfaces *list) {
        ec2_rows_clear(&network_interfaces_table, list->items, list->count);
        *list = (Ec2NetworkInterfaces){ 0 };
}

static void add_offering(void *context, const Xml *item) {
        string_list_take(context, xml_text_copy(item, "instanceType"));
}

bool ec2_list_offered_types(AwsSession *session, const char *zone, StringList *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        const Ec2Pages pages = { "DescribeInstanceTypeOfferings",
                                 &form,
                                 true,
                                 "instanceTypeOfferingSet/item",
                                 "instanceType",
                                 add_offering,
                                 ret };

        form_add(&form, text_empty(zone) ? "region" : "availability-zone", "LocationType");
        if (!text_empty(zone))
                ec2_filters_add(&filters, "location", zone);
        ec2_form_add_filters(&form, &filters);
        return ec2_read_pages(session, &pages, err);
}

bool ec2_delete_network_interface(AwsSession *session, const char *id, Error **err) {
        return ec2_remove_by_id(session, "DeleteNetworkInterface", "NetworkInterfaceId", id, err);
}

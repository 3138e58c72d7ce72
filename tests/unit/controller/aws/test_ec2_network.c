/* Networks, key pairs, types, volumes: what is sent, and what is understood of AWS's own answers. */
#include "harness/aws_case.h"

#include "aws/ec2_network.h"
#include "aws/ec2_volumes.h"

#define SET(name, items) "<AnyResponse><" name ">" items "</" name "></AnyResponse>"

static void filters_and_pages_are_sent(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<AnyResponse><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>"
                          "<availableIpAddressCount>251</availableIpAddressCount>"
                          "<mapPublicIpOnLaunch>true</mapPublicIpOnLaunch><tagSet><item><key>Name</key>"
                          "<value>left</value></item></tagSet></item></subnetSet><nextToken>n</"
                          "nextToken></AnyResponse>" },
                { 200, .body = SET("subnetSet", "<item><subnetId>subnet-2</subnetId></item>") },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_subnets_clear) Ec2Subnets subnets = { 0 };

        (void) state;
        ec2_filters_add(&filters, "vpc-id", "vpc-1");
        assert_ok(ec2_describe_subnets(&test.session, &filters, &subnets, err));
        assert_sent(&test, 0, "Action", "DescribeSubnets");
        assert_sent(&test, 0, "Filter.1.Name", "vpc-id");
        assert_sent(&test, 0, "Filter.1.Value.1", "vpc-1");
        assert_sent(&test, 0, "MaxResults", "1000");
        assert_sent(&test, 1, "NextToken", "n");
        assert_int_equal(subnets.count, 2);
        assert_int_equal(subnets.items[0].free_addresses, 251);
        assert_true(subnets.items[0].gives_public_ip);
        assert_string_equal(ec2_tags_value(&subnets.items[0].tags, "Name"), "left");
        assert_string_equal(subnets.items[1].zone, "");
}

static void types_tell_size_and_architectures(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body =
                          SET("instanceTypeSet",
                              "<item><instanceType>t3.micro</instanceType><currentGeneration>true</"
                              "currentGeneration>"
                              "<vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><memoryInfo><sizeInMiB>1024"
                              "</sizeInMiB></memoryInfo><processorInfo><supportedArchitectures>"
                              "<item>i386</item><item>x86_64</item></supportedArchitectures></processorInfo>"
                              "</item>") },
                { 200, .body =
                               SET("instanceTypeOfferingSet",
                                   "<item><instanceType>t3.micro</instanceType></item>") },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_instance_types_clear) Ec2InstanceTypes types = { 0 };
        CLEANUP(string_list_clear) StringList offered = { 0 };

        (void) state;
        assert_ok(ec2_describe_instance_types(&test.session, NULL, &types, err));
        assert_sent(&test, 0, "MaxResults", NULL); /* at most 100 are taken here */
        assert_int_equal(types.items[0].cpus, 2);
        assert_int_equal(types.items[0].memory_mib, 1024);
        assert_true(types.items[0].is_current);
        assert_true(string_list_contains(&types.items[0].architectures, "x86_64"));

        assert_ok(ec2_list_offered_types(&test.session, "eu-west-1a", &offered, err));
        assert_sent(&test, 1, "LocationType", "availability-zone");
        assert_sent(&test, 1, "Filter.1.Name", "location");
        assert_sent(&test, 1, "Filter.1.Value.1", "eu-west-1a");
        assert_true(string_list_contains(&offered, "t3.micro"));
}

static void a_failed_list_leaves_nothing(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet><nextToken>n</"
                               "nextToken></AnyResponse>" },
                { 403,
                  .body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>"
                          "</Error></Errors><RequestID>r</RequestID></Response>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_vpcs_clear) Ec2Vpcs vpcs = { 0 };

        (void) state;
        assert_fails(
                ERROR_FORBIDDEN, "DescribeVpcs: UnauthorizedOperation: no (request r)",
                ec2_describe_vpcs(&test.session, NULL, &vpcs, err));
        assert_int_equal(test.session.failure.class, AWS_ERROR_PERMISSION);
        assert_int_equal(vpcs.count, 0);
}

static void what_is_gone_is_removed(void **state) {
        static const ScriptedReply replies[] = {
                { 400,
                  .body = "<Response><Errors><Error><Code>InvalidVolume.NotFound</Code><Message>x</Message>"
                          "</Error></Errors></Response>" },
                { 400,
                  .body = "<Response><Errors><Error><Code>InvalidNetworkInterfaceID.NotFound</Code><Message>x"
                          "</Message></Error></Errors></Response>" },
                { 400, .body = "<Response><Errors><Error><Code>VolumeInUse</Code><Message>x</Message>"
                               "</Error></Errors><RequestID>r</RequestID></Response>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);

        (void) state;
        assert_ok(ec2_delete_volume(&test.session, "vol-1", err));
        assert_ok(ec2_delete_network_interface(&test.session, "eni-1", err));
        assert_fails(
                ERROR_CONFLICT, "DeleteVolume: VolumeInUse: x (request r)",
                ec2_delete_volume(&test.session, "vol-1", err));
        assert_sent(&test, 0, "VolumeId", "vol-1");
        assert_sent(&test, 1, "NetworkInterfaceId", "eni-1");
}

static void volumes_are_only_looked_for_by_filter(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body =
                               SET("volumeSet",
                                   "<item><volumeId>vol-1</volumeId><size>8</size><status>in-use</status>"
                                   "<attachmentSet><item><instanceId>i-1</instanceId></item></"
                                   "attachmentSet></item>") },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_volumes_clear) Ec2Volumes volumes = { 0 };

        (void) state;
        assert_fails(
                ERROR_INVALID, "DescribeVolumes: a search without a filter would find what is not ours",
                ec2_describe_volumes(&test.session, &filters, &volumes, err));
        ec2_filters_add_tag(&filters, "ghost:managed", "true");
        assert_ok(ec2_describe_volumes(&test.session, &filters, &volumes, err));
        assert_string_equal(volumes.items[0].instance_id, "i-1");
        assert_int_equal(volumes.items[0].size_gib, 8);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(filters_and_pages_are_sent),
                cmocka_unit_test(types_tell_size_and_architectures),
                cmocka_unit_test(a_failed_list_leaves_nothing),
                cmocka_unit_test(what_is_gone_is_removed),
                cmocka_unit_test(volumes_are_only_looked_for_by_filter),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Answers that AWS once gave, recorded by others, read by the product's own functions: as many things as
 * botocore finds in them, and the same first one. Refusals keep their codes and words. */
#include "harness/aws_calls.h"
#include "harness/aws_case.h"

#define REPLIES "vectors/aws/replies/"

static const struct Recording {
        const char *file, *service, *operation, *parameters;
        const char *list; /* in what botocore has read */
        const char *item,
                *answer; /* a member of its first item, and where the call has it; NULL: only counted */
} recordings[] = {
        { "ec2-describe-regions", "ec2", "DescribeRegions", "{}", "Regions", "RegionName", "First" },
        { "ec2-describe-availability-zones", "ec2", "DescribeAvailabilityZones", "{}", "AvailabilityZones",
          "ZoneName", "First" },
        { "ec2-describe-vpcs", "ec2", "DescribeVpcs", "{}", "Vpcs", "VpcId", "First" },
        { "ec2-describe-subnets", "ec2", "DescribeSubnets", "{}", "Subnets", "SubnetId", "First" },
        { "ec2-describe-security-groups", "ec2", "DescribeSecurityGroups", "{}", "SecurityGroups", "GroupId",
          "First" },
        { "ec2-describe-key-pairs", "ec2", "DescribeKeyPairs", "{}", "KeyPairs", "KeyName", "First" },
        { "ec2-describe-network-interfaces", "ec2", "DescribeNetworkInterfaces", "{}", "NetworkInterfaces",
          "NetworkInterfaceId", "First" },
        { "ec2-describe-volumes", "ec2", "DescribeVolumes",
          "{\"Filters\":[{\"Name\":\"volume-id\",\"Values\":[\"v\"]}]}", "Volumes", "VolumeId", "First" },
        { "ec2-describe-snapshots", "ec2", "DescribeSnapshots",
          "{\"Filters\":[{\"Name\":\"tag:a\",\"Values\":[\"b\"]}]}", "Snapshots", NULL, NULL },
        { "autoscaling-describe-auto-scaling-groups", "autoscaling", "DescribeAutoScalingGroups", "{}",
          "AutoScalingGroups", NULL, NULL },
        { "autoscaling-describe-auto-scaling-instances", "autoscaling", "DescribeAutoScalingInstances",
          "{\"InstanceIds\":[\"i-1\"]}", "AutoScalingInstances", "LifecycleState", "State" },
        { "autoscaling-describe-scaling-activities", "autoscaling", "DescribeScalingActivities",
          "{\"AutoScalingGroupName\":\"a\",\"MaxRecords\":20}", "Activities", NULL, NULL },
        { "elb-describe-load-balancers", "elb", "DescribeLoadBalancers", "{}", "LoadBalancerDescriptions",
          NULL, NULL },
        { "iam-list-instance-profiles", "iam", "ListInstanceProfiles", "{}", "InstanceProfiles",
          "InstanceProfileName", "First" },
};

/* *ret is botocore's reading; NULL: it is not there. Caller frees both. */
static char *read_recording(const char *name, json_t **ret) {
        CLEANUP(free) char *xml_path = xasprintf(REPLIES "%s.xml", name);
        CLEANUP(free) char *json_path = xasprintf(REPLIES "%s.json", name);
        CLEANUP(free) char *json = shared_file_read(json_path);

        *ret = json ? json_loads(json, 0, NULL) : NULL;
        return *ret ? shared_file_read(xml_path) : NULL;
}

static void check(const struct Recording *recording, const char *xml, const json_t *expected) {
        const ScriptedReply replies[] = { { 200, .body = xml } };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(document_free)
        Document *parameters = document_parse(recording->parameters, strlen(recording->parameters), &problem);
        CLEANUP(document_free) Document *answer = NULL;
        const AwsCall *call = aws_call_find(recording->service, recording->operation);
        const json_t *list = json_object_get(expected, recording->list);

        assert_non_null(call);
        assert_ok(call->run(&test.session, parameters, &answer, err));
        if (document_get_int(answer, "Count") != (int64_t) json_array_size(list))
                fail_msg(
                        "%s: %d found, botocore finds %zu", recording->file,
                        (int) document_get_int(answer, "Count"), json_array_size(list));
        if (recording->item && json_array_size(list) > 0)
                assert_string_equal(
                        document_get_string(answer, recording->answer),
                        json_string_value(json_object_get(json_array_get(list, 0), recording->item)));
}

static void what_aws_said_is_read(void **state) {
        size_t count = 0;

        (void) state;
        for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++) {
                json_t *expected = NULL;
                CLEANUP(free) char *xml = read_recording(recordings[i].file, &expected);

                if (xml) {
                        check(&recordings[i], xml, expected);
                        count++;
                }
                json_decref(expected);
        }
        print_message("# %zu recorded answers\n", count);
        if (count == 0)
                skip();
        assert_int_equal(count, sizeof(recordings) / sizeof(recordings[0]));
}

static void refusals_keep_their_words(void **state) {
        static const struct {
                const char *file, *service, *operation;
        } refusals[] = {
                { "errors/ec2-describe-instances", "ec2", "DescribeVpcs" },
                { "errors/autoscaling-delete-policy", "autoscaling", "DescribeAutoScalingGroups" },
                { "errors/elb-describe-load-balancers", "elb", "DescribeLoadBalancers" },
                { "errors/iam-get-user", "iam", "ListInstanceProfiles" },
                { "errors/sts-get-session-token", "sts", "GetCallerIdentity" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
                json_t *expected = NULL;
                CLEANUP(free) char *xml = read_recording(refusals[i].file, &expected);

                if (!xml)
                        skip();
                const ScriptedReply replies[] = { { 400, .body = xml } };
                CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(document_free) Document *answer = NULL, *none = document_object();
                const AwsCall *call = aws_call_find(refusals[i].service, refusals[i].operation);
                const json_t *said = json_object_get(expected, "Error");

                assert_false(call->run(&test.session, none, &answer, &error));
                assert_string_equal(
                        test.session.failure.code, json_string_value(json_object_get(said, "Code")));
                assert_non_null(
                        strstr(error_message(error), json_string_value(json_object_get(said, "Message"))));
                json_decref(expected);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_aws_said_is_read),
                cmocka_unit_test(refusals_keep_their_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

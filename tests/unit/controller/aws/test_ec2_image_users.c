/* Every way in which an image can still be launched is found. */
#include "harness/aws_case.h"

#include "aws/ec2_image_users.h"

#define VERSION(image) "<item><launchTemplateData><imageId>" image "</imageId></launchTemplateData></item>"
#define VERSIONS(items)                                                                                      \
        "<AnyResponse><launchTemplateVersionSet>" items "</launchTemplateVersionSet></AnyResponse>"
#define TEMPLATE(id, version) "<LaunchTemplateId>" id "</LaunchTemplateId><Version>" version "</Version>"

static const char groups[] =
        "<AnyResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>"
        "<member><LaunchTemplate>" TEMPLATE(
                "lt-1", "3") "</LaunchTemplate><Instances><member>"
                             "<LaunchTemplate>" TEMPLATE(
                                     "lt-1", "2") "</LaunchTemplate></member><member>"
                                                  "<LaunchConfigurationName>old</LaunchConfigurationName></"
                                                  "member></Instances></member>"
                                                  "<member><MixedInstancesPolicy><LaunchTemplate><"
                                                  "LaunchTemplateSpecification>" TEMPLATE(
                                                          "lt-1",
                                                          "3") "</"
                                                               "LaunchTemplateSpecification><"
                                                               "Overrides><member><"
                                                               "LaunchTemplateSpecification"
                                                               ">" TEMPLATE("lt-2", "1") "</"
                                                                                         "LaunchTempl"
                                                                                         "ateSpecific"
                                                                                         "ation></"
                                                                                         "member></"
                                                                                         "Overrides><"
                                                                                         "/LaunchTemp"
                                                                                         "late></"
                                                                                         "MixedInstan"
                                                                                         "cesPolicy><"
                                                                                         "/member>"
                                                                                         "<member><"
                                                                                         "LaunchConfi"
                                                                                         "gurationNam"
                                                                                         "e>old</"
                                                                                         "LaunchConfi"
                                                                                         "gurationNam"
                                                                                         "e></member>"
                                                                                         "</"
                                                                                         "AutoScaling"
                                                                                         "Groups></"
                                                                                         "DescribeAut"
                                                                                         "oScalingGro"
                                                                                         "upsResult><"
                                                                                         "/AnyResponse>";

static void all_that_launch_are_asked(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = VERSIONS(VERSION("ami-latest") VERSION("ami-default")) },
                { 200, .body = groups },
                { 200, .body = VERSIONS(VERSION("ami-3")) },
                { 400, .body = AWS_CASE_ERROR("InvalidLaunchTemplateId.VersionNotFound", "gone") },
                { 200, .body = VERSIONS(VERSION("ami-override")) },
                { 200,
                  .body = "<AnyResponse><DescribeLaunchConfigurationsResult><LaunchConfigurations><member>"
                          "<ImageId>ami-old</ImageId></member></LaunchConfigurations>"
                          "</DescribeLaunchConfigurationsResult></AnyResponse>" },
        };
        static const char *const expected[] = { "ami-latest", "ami-default", "ami-3", "ami-override",
                                                "ami-old" };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(string_list_clear) StringList images = { 0 };

        (void) state;
        assert_ok(ec2_find_image_users(&test.session, &images, err));
        assert_int_equal(images.count, sizeof(expected) / sizeof(expected[0]));
        for (size_t i = 0; i < images.count; i++)
                assert_string_equal(images.items[i], expected[i]);
        assert_int_equal(scripted_http_request_count(test.server), 6);
        assert_has(scripted_http_request(test.server, 0), "LaunchTemplateVersion.1=%24Latest");
        assert_has(scripted_http_request(test.server, 0), "LaunchTemplateVersion.2=%24Default");
        assert_has(scripted_http_request(test.server, 2), "LaunchTemplateId=lt-1");
        assert_has(scripted_http_request(test.server, 2), "LaunchTemplateVersion.1=3");
        assert_has(scripted_http_request(test.server, 3), "LaunchTemplateVersion.1=2");
        assert_has(scripted_http_request(test.server, 5), "LaunchConfigurationNames.member.1=old");
}

static void who_cannot_be_asked_is_a_failure(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = VERSIONS("") },
                { 403, .body = "<AnyResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></"
                               "AnyResponse>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(string_list_clear) StringList images = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        assert_false(ec2_find_image_users(&test.session, &images, &error));
        assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
        assert_int_equal(images.count, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_that_launch_are_asked),
                cmocka_unit_test(who_cannot_be_asked_is_a_failure),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

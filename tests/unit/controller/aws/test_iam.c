/* Instance profiles. */
#include "harness/aws_case.h"

#include "aws/iam.h"

#define PROFILE(name)                                                                                        \
        "<InstanceProfileName>" name "</InstanceProfileName><Arn>arn:aws:iam::1:instance-profile/" name      \
        "</Arn><Path>/</Path><Roles><member><RoleName>r</RoleName></member></Roles>"

static void all_pages_are_read(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<ListInstanceProfilesResponse><ListInstanceProfilesResult><InstanceProfiles><"
                               "member>" PROFILE("one") "</member></InstanceProfiles><IsTruncated>true</"
                                                        "IsTruncated><Marker>m"
                                                        "</Marker></ListInstanceProfilesResult></"
                                                        "ListInstanceProfilesResponse>" },
                { 200,
                  .body = "<ListInstanceProfilesResponse><ListInstanceProfilesResult><InstanceProfiles><"
                          "member>" PROFILE(
                                  "two") "</member></InstanceProfiles><IsTruncated>false</IsTruncated>"
                                         "</ListInstanceProfilesResult></ListInstanceProfilesResponse>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(iam_instance_profiles_clear) IamInstanceProfiles profiles = { 0 };

        (void) state;
        assert_ok(iam_list_instance_profiles(&test.session, "/ghost/", &profiles, err));
        assert_sent(&test, 0, "Version", "2010-05-08");
        assert_sent(&test, 0, "PathPrefix", "/ghost/");
        assert_sent(&test, 1, "Marker", "m");
        assert_int_equal(profiles.count, 2);
        assert_string_equal(profiles.items[1].name, "two");
        assert_string_equal(profiles.items[1].role_names.items[0], "r");
        /* One service for the partition: signed for its region, wherever the session works. */
        assert_non_null(strstr(scripted_http_request(test.server, 0), "/us-east-1/iam/aws4_request"));
}

static void one_that_is_not_there_is_said_so(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = "<GetInstanceProfileResponse><GetInstanceProfileResult><InstanceProfile>" PROFILE(
                          "one") "</InstanceProfile></GetInstanceProfileResult></"
                                 "GetInstanceProfileResponse>" },
                { 404,
                  .body = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none"
                          "</Message></Error><RequestId>r</RequestId></ErrorResponse>" },
        };
        CLEANUP(aws_case_clear) AwsCase test = AWS_CASE(replies);
        CLEANUP(iam_instance_profile_clear) IamInstanceProfile profile = { 0 };
        IamInstanceProfile none;

        (void) state;
        assert_ok(iam_get_instance_profile(&test.session, "one", &profile, err));
        assert_string_equal(profile.arn, "arn:aws:iam::1:instance-profile/one");
        assert_fails(
                ERROR_NOT_FOUND, "GetInstanceProfile: NoSuchEntity: none (request r)",
                iam_get_instance_profile(&test.session, "two", &none, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_pages_are_read),
                cmocka_unit_test(one_that_is_not_there_is_said_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Nested blocks of the shared files, and the services section a profile names. */
#include "harness/ghost_test.h"

#include "aws/endpoint.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/temp_folder.h"

static const char config[] = "[default]\n"
                             "services = local\n"
                             "endpoint_url = http://all:9\n"
                             "s3 =\n"
                             "    addressing_style = path\n"
                             "region = eu-west-1\n"
                             "\n"
                             "[services local]\n"
                             "ec2 =\n"
                             "    endpoint_url = http://ec2:1\n"
                             "auto_scaling =\n"
                             "  endpoint_url = http://asg:2 # near\n"
                             "  other = x\n"
                             "[services other]\n"
                             "sts =\n"
                             "    endpoint_url = http://sts:3\n";

static void nested_keys_do_not_leave_their_block(void **state) {
        CLEANUP(profile_free) Profile *profile = profile_new("default");

        (void) state;
        assert_ok(profile_parse(profile, "config", config, "default", err));
        assert_string_equal(profile_value(profile, "s3.addressing_style"), "path");
        assert_null(profile_value(profile, "addressing_style"));
        assert_null(profile_value(profile, "s3"));
        assert_string_equal(profile_value(profile, "region"), "eu-west-1");
}

static void check_authority(const AwsService *service, const Profile *profile, const char *authority) {
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        const EndpointSources sources = { NULL, NULL, profile };

        assert_ok(endpoint_resolve(service, "eu-west-1", &sources, &endpoint, err));
        assert_string_equal(endpoint.authority, authority);
}

static void the_services_section_is_stronger_than_the_profile(void **state) {
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/config", folder);
        CLEANUP(free) char *variable = xasprintf("AWS_CONFIG_FILE=%s", path);
        const char *const environment[] = { variable, "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", NULL };
        CLEANUP(profile_free) Profile *profile = NULL;

        (void) state;
        assert_ok(file_write_atomic(path, config, strlen(config), 0600, err));
        assert_ok(profile_load(environment, NULL, &profile, err));
        check_authority(&aws_ec2, profile, "ec2:1");
        check_authority(&aws_autoscaling, profile, "asg:2");
        check_authority(&aws_sts, profile, "all:9");
        temp_remove(folder);
}

static void a_services_section_that_is_not_there_is_an_error(void **state) {
        static const char wrong[] = "[default]\nservices = nowhere\n";
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/config", folder);
        CLEANUP(free) char *variable = xasprintf("AWS_CONFIG_FILE=%s", path);
        const char *const environment[] = { variable, "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", NULL };
        Profile *profile = NULL;

        (void) state;
        assert_ok(file_write_atomic(path, wrong, strlen(wrong), 0600, err));
        assert_fails(
                ERROR_NOT_FOUND, "AWS profile 'default': its services section 'nowhere' does not exist",
                profile_load(environment, NULL, &profile, err));
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nested_keys_do_not_leave_their_block),
                cmocka_unit_test(the_services_section_is_stronger_than_the_profile),
                cmocka_unit_test(a_services_section_that_is_not_there_is_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <string.h>

#include "aws/endpoint.h"
#include "base/text.h"

static void check(
        const AwsService *service, const char *region, const char *setting, const char *const *environment,
        const char *url) {
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
        const EndpointSources sources = { setting, environment, NULL };

        assert_ok(endpoint_resolve(service, region, &sources, &endpoint, err));
        assert_string_equal(endpoint.url, url);
        assert_string_equal(endpoint.signing_region, region);
}

static void each_partition_has_its_suffix(void **state) {
        (void) state;
        check(&aws_ec2, "eu-west-1", NULL, NULL, "https://ec2.eu-west-1.amazonaws.com/");
        check(&aws_sts, "us-gov-west-1", NULL, NULL, "https://sts.us-gov-west-1.amazonaws.com/");
        check(&aws_ec2, "cn-north-1", NULL, NULL, "https://ec2.cn-north-1.amazonaws.com.cn/");
        check(&aws_ec2, "eusc-de-east-1", NULL, NULL, "https://ec2.eusc-de-east-1.amazonaws.eu/");
}

static void the_strongest_override_wins(void **state) {
        static const char *const both[] = { "AWS_ENDPOINT_URL=http://all:1",
                                            "AWS_ENDPOINT_URL_EC2=http://ec2:2/x", NULL };
        static const char *const ignored[] = { "AWS_ENDPOINT_URL=http://all:1",
                                               "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", NULL };
        (void) state;
        check(&aws_ec2, "eu-west-1", "http://127.0.0.1:4566", both, "http://127.0.0.1:4566/");
        check(&aws_ec2, "eu-west-1", NULL, both, "http://ec2:2/x/");
        check(&aws_sts, "eu-west-1", NULL, both, "http://all:1/");
        check(&aws_ec2, "eu-west-1", NULL, ignored, "https://ec2.eu-west-1.amazonaws.com/");
        check(&aws_ec2, "eu-west-1", "http://127.0.0.1:4566", ignored, "http://127.0.0.1:4566/");
}

static void the_profile_comes_last(void **state) {
        CLEANUP(profile_free) Profile *profile = profile_new("default");
        CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };

        (void) state;
        assert_ok(profile_parse(profile, "x", "[default]\nendpoint_url = http://p:9\n", "default", err));
        const EndpointSources sources = { NULL, NULL, profile };
        assert_ok(endpoint_resolve(&aws_ec2, "eu-west-1", &sources, &endpoint, err));
        assert_string_equal(endpoint.authority, "p:9");
}

static void one_service_is_global_in_its_partition(void **state) {
        static const struct {
                const char *region, *url, *signing_region;
        } cases[] = {
                { "eu-west-1", "https://iam.amazonaws.com/", "us-east-1" },
                { "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1" },
                { "us-gov-east-1", "https://iam.us-gov.amazonaws.com/", "us-gov-west-1" },
                { "eusc-de-east-1", "https://iam.eusc-de-east-1.amazonaws.eu/", "eusc-de-east-1" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(endpoint_clear) Endpoint endpoint = { 0 };
                const EndpointSources none = { 0 };

                assert_ok(endpoint_resolve(&aws_iam, cases[i].region, &none, &endpoint, err));
                assert_string_equal(endpoint.url, cases[i].url);
                assert_string_equal(endpoint.signing_region, cases[i].signing_region);
        }
}

static void fips_and_dual_stack_have_hosts_of_their_own(void **state) {
        static const char *const fips[] = { "AWS_USE_FIPS_ENDPOINT=true", NULL };
        static const char *const dual[] = { "AWS_USE_DUALSTACK_ENDPOINT=true", NULL };
        static const char *const both[] = { "AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true",
                                            NULL };
        CLEANUP(endpoint_clear) Endpoint iam = { 0 };
        const EndpointSources iam_fips = { NULL, fips, NULL };

        (void) state;
        check(&aws_ec2, "eu-west-1", NULL, fips, "https://ec2-fips.eu-west-1.amazonaws.com/");
        check(&aws_ec2, "eu-west-1", NULL, dual, "https://ec2.eu-west-1.api.aws/");
        check(&aws_elb, "eu-west-1", NULL, both, "https://elasticloadbalancing-fips.eu-west-1.api.aws/");
        check(&aws_sts, "us-gov-west-1", NULL, fips, "https://sts.us-gov-west-1.amazonaws.com/");
        check(&aws_sts, "us-gov-west-1", NULL, both, "https://sts-fips.us-gov-west-1.api.aws/");
        check(&aws_ec2, "cn-north-1", NULL, dual, "https://ec2.cn-north-1.api.amazonwebservices.com.cn/");
        check(&aws_s3, "us-gov-west-1", NULL, fips, "https://s3-fips.us-gov-west-1.amazonaws.com/");
        check(&aws_s3, "eu-west-1", NULL, both, "https://s3-fips.dualstack.eu-west-1.amazonaws.com/");
        assert_ok(endpoint_resolve(&aws_iam, "eu-west-1", &iam_fips, &iam, err));
        assert_string_equal(iam.url, "https://iam-fips.amazonaws.com/");
}

static void what_does_not_go_together_is_refused(void **state) {
        static const char *const fips[] = { "AWS_USE_FIPS_ENDPOINT=true", NULL };
        const EndpointSources custom = { "http://127.0.0.1:1", fips, NULL };
        const EndpointSources public = { NULL, fips, NULL };
        Endpoint endpoint;

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "endpoint of ec2: http://127.0.0.1:1 is configured, so FIPS and dual-stack endpoints cannot "
                "be "
                "asked for; switch one of them off",
                endpoint_resolve(&aws_ec2, "eu-west-1", &custom, &endpoint, err));
        assert_fails(
                ERROR_INVALID, "endpoint of ec2: aws-cn has no FIPS endpoints",
                endpoint_resolve(&aws_ec2, "cn-north-1", &public, &endpoint, err));
}

static void a_region_is_a_part_of_a_host_name(void **state) {
        static const char *const bad[] = {
                "",          "eu",       "eu-west", "eu-west-",   "eu-west-1.evil.com/",
                "EU-west-1", "e-west-1", "eu--1",   "eu-west-1a", "local"
        };
        (void) state;
        assert_true(region_is_valid("us-gov-east-1"));
        assert_true(region_is_valid("ap-southeast-12"));
        assert_false(region_is_valid(NULL));
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_false(region_is_valid(bad[i]));
}

static void a_bad_endpoint_is_named(void **state) {
        const EndpointSources sources = { "ftp://x", NULL, NULL };
        Endpoint endpoint = { 0 };

        (void) state;
        assert_fails(
                ERROR_INVALID, "endpoint of ec2: URL: scheme 'ftp' is neither http nor https",
                endpoint_resolve(&aws_ec2, "eu-west-1", &sources, &endpoint, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_partition_has_its_suffix),
                cmocka_unit_test(the_strongest_override_wins),
                cmocka_unit_test(the_profile_comes_last),
                cmocka_unit_test(one_service_is_global_in_its_partition),
                cmocka_unit_test(fips_and_dual_stack_have_hosts_of_their_own),
                cmocka_unit_test(what_does_not_go_together_is_refused),
                cmocka_unit_test(a_region_is_a_part_of_a_host_name),
                cmocka_unit_test(a_bad_endpoint_is_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

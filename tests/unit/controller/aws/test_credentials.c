#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"

#define MINUTE_US INT64_C(60000000)

/* A source that hands out sets that live so long. */
typedef struct FakeSource {
        int64_t lifetime_us;
        int loads;
        bool broken;
} FakeSource;

static bool load_fake(void *context, Credentials **ret, Error **err) {
        FakeSource *fake = context;

        fake->loads++;
        if (fake->broken)
                return error_set(err, ERROR_UNAVAILABLE, "out of order");
        CLEANUP(free) char *key = xasprintf("key-%d", fake->loads);
        *ret = credentials_new(key, key, NULL);
        (*ret)->expires_us = clock_now_us() + fake->lifetime_us;
        return true;
}

static void check_key(CredentialsProvider *provider, const char *key) {
        CLEANUP(credentials_free) Credentials *credentials = NULL;

        assert_ok(credentials_provider_get(provider, &credentials, err));
        assert_string_equal(credentials->access_key_id, key);
}

static void a_set_is_kept_until_it_nears_its_end(void **state) {
        FakeSource fake = { .lifetime_us = 60 * MINUTE_US };
        CLEANUP(credentials_provider_free)
        CredentialsProvider *provider =
                credentials_provider_new(&(CredentialsSource){ load_fake, NULL, &fake }, 1);

        (void) state;
        check_key(provider, "key-1");
        check_key(provider, "key-1");
        assert_int_equal(fake.loads, 1);
}

static void an_old_set_serves_while_renewal_fails(void **state) {
        FakeSource fake = { .lifetime_us = 12 * MINUTE_US }; /* between the two windows */
        CLEANUP(credentials_provider_free)
        CredentialsProvider *provider =
                credentials_provider_new(&(CredentialsSource){ load_fake, NULL, &fake }, 1);

        (void) state;
        check_key(provider, "key-1");
        check_key(provider, "key-2");
        fake.broken = true;
        check_key(provider, "key-2");
        assert_int_equal(fake.loads, 3);
}

static void a_refused_set_is_asked_for_again_once(void **state) {
        FakeSource fake = { .lifetime_us = 60 * MINUTE_US };
        CLEANUP(credentials_provider_free)
        CredentialsProvider *provider =
                credentials_provider_new(&(CredentialsSource){ load_fake, NULL, &fake }, 1);
        CLEANUP(credentials_free) Credentials *first = NULL;

        (void) state;
        assert_ok(credentials_provider_get(provider, &first, err));
        credentials_provider_reject(provider, first);
        check_key(provider, "key-2");
        credentials_provider_reject(provider, first); /* late: another set is in use by now */
        check_key(provider, "key-2");
}

static void an_expired_set_is_an_error(void **state) {
        FakeSource fake = { .lifetime_us = -1 };
        CLEANUP(credentials_provider_free)
        CredentialsProvider *provider =
                credentials_provider_new(&(CredentialsSource){ load_fake, NULL, &fake }, 1);
        Credentials *credentials = NULL;

        (void) state;
        assert_fails(
                ERROR_UNAVAILABLE, "AWS credentials: those of the source have already expired",
                credentials_provider_get(provider, &credentials, err));
}

static bool load_chain(const char *const *environment, const char *key, Credentials **ret, Error **err) {
        const CredentialsSource sources[] = { credentials_from_keys(key, "settings-secret", NULL),
                                              credentials_from_environment(environment),
                                              credentials_from_profile(environment, NULL),
                                              credentials_from_metadata(environment) };
        CLEANUP(credentials_provider_free)
        CredentialsProvider *provider = credentials_provider_new(sources, 4);

        return credentials_provider_get(provider, ret, err);
}

static void the_chain_is_asked_in_order(void **state) {
        static const char *const environment[] = { "AWS_ACCESS_KEY_ID=env", "AWS_SECRET_ACCESS_KEY=s",
                                                   "AWS_SESSION_TOKEN=t", NULL };
        static const char *const nothing[] = { "AWS_EC2_METADATA_DISABLED=true", "HOME=/nonexistent", NULL };
        CLEANUP(credentials_free) Credentials *settings = NULL, *from_environment = NULL;
        Credentials *none = NULL;
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        assert_ok(load_chain(environment, "settings", &settings, err));
        assert_string_equal(settings->access_key_id, "settings");
        assert_ok(load_chain(environment, NULL, &from_environment, err));
        assert_string_equal(from_environment->access_key_id, "env");
        assert_string_equal(from_environment->session_token, "t");
        assert_false(load_chain(nothing, NULL, &none, &error));
        assert_true(text_starts_with(error_message(error), "no AWS credentials; set aws.access_key_id"));
}

static void half_a_set_in_the_environment_is_an_error(void **state) {
        static const char *const environment[] = { "AWS_ACCESS_KEY_ID=env", "AWS_SECRET_ACCESS_KEY=", NULL };
        Credentials *credentials = NULL;

        (void) state;
        assert_fails(
                ERROR_INVALID, "AWS credentials: AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
                load_chain(environment, NULL, &credentials, err));
}

static void the_role_of_the_instance_comes_by_imdsv2(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "TOKEN" },
                { 200, .body = "my-role\n" },
                { 200, .body = "{\"Code\":\"Success\",\"Type\":\"AWS-HMAC\",\"AccessKeyId\":\"role\","
                               "\"SecretAccessKey\":\"s\","
                               "\"Token\":\"t\",\"Expiration\":\"2999-01-01T00:00:00Z\"}" },
        };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        CLEANUP(free)
        char *endpoint = xasprintf("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s/", scripted_http_url(server));
        const char *const environment[] = { endpoint, "HOME=/nonexistent", NULL };
        CLEANUP(credentials_free) Credentials *credentials = NULL;

        (void) state;
        assert_ok(load_chain(environment, NULL, &credentials, err));
        assert_string_equal(credentials->access_key_id, "role");
        assert_string_equal(credentials->session_token, "t");
        assert_true(text_starts_with(scripted_http_request(server, 0), "PUT /latest/api/token HTTP"));
        const char *last = scripted_http_request(server, 2);
        assert_true(text_starts_with(last, "GET /latest/meta-data/iam/security-credentials/my-role HTTP"));
        assert_non_null(strstr(last, "X-aws-ec2-metadata-token: TOKEN\r\n"));
}

static void an_error_document_of_the_metadata_service_is_an_error(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "TOKEN" },
                { 200, .body = "r" },
                { 200, .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}" },
                { 200, .body = "TOKEN" },
                { 200, .body = "r" },
                { 200, .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}" },
        };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        CLEANUP(free)
        char *endpoint = xasprintf("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", scripted_http_url(server));
        const char *const environment[] = { endpoint, "HOME=/nonexistent", NULL };
        Credentials *credentials = NULL;

        (void) state;
        assert_fails(
                ERROR_UNAVAILABLE,
                "AWS credentials: the metadata service has no usable credentials (code "
                "'AssumeRoleUnauthorizedAccess')",
                load_chain(environment, NULL, &credentials, err));
}

/* In an outage the service hands out sets that have ended; AWS takes them all the same. */
static void an_expired_set_of_the_metadata_service_is_used_for_a_while(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "TOKEN" },
                { 200, .body = "r" },
                { 200, .body = "{\"Code\":\"Success\",\"AccessKeyId\":\"role\",\"SecretAccessKey\":\"s\","
                               "\"Token\":\"t\",\"Expiration\":\"2001-01-01T00:00:00Z\"}" },
        };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        CLEANUP(free)
        char *endpoint = xasprintf("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", scripted_http_url(server));
        const char *const environment[] = { endpoint, "HOME=/nonexistent", NULL };
        CLEANUP(credentials_free) Credentials *credentials = NULL;
        const int64_t minute_us = INT64_C(60000000), now_us = clock_now_us();

        (void) state;
        assert_ok(load_chain(environment, NULL, &credentials, err));
        assert_string_equal(credentials->access_key_id, "role");
        assert_true(credentials->expires_us > now_us + 15 * minute_us);
        assert_true(credentials->expires_us < now_us + 27 * minute_us);
}

/* ---- the shared files ---- */

static void a_profile_is_read_from_its_section_alone(void **state) {
        CLEANUP(profile_free) Profile *profile = profile_new("build");
        static const char content[] =
                "# comment\n[default]\nregion = us-east-1\n\n[ profile  build ]\n"
                "region=eu-west-3 ; near\naws_secret_access_key = a#b=c\ns3 =\n  addressing_style = path\n"
                "region = later\n[other]\nregion = x\n";
        (void) state;
        assert_ok(profile_parse(profile, "config", content, "profile build", err));
        assert_string_equal(profile_value(profile, "region"), "eu-west-3");
        assert_string_equal(profile_value(profile, "aws_secret_access_key"), "a#b=c");
        assert_null(profile_value(profile, "addressing_style"));
        assert_null(profile_value(NULL, "region"));
}

static void a_damaged_file_is_named_without_its_secrets(void **state) {
        CLEANUP(profile_free) Profile *profile = profile_new("default");

        (void) state;
        assert_fails(
                ERROR_INVALID, "credentials:2: neither a section nor 'key = value'",
                profile_parse(profile, "credentials", "[default]\nSECRET\n", "default", err));
}

static void a_profile_asked_for_must_exist(void **state) {
        static const char *const environment[] = { "HOME=/nonexistent", "AWS_PROFILE=build", NULL };
        static const char *const silent[] = { "HOME=/nonexistent", NULL };
        Profile *profile = NULL;

        (void) state;
        assert_fails(
                ERROR_NOT_FOUND, "AWS profile 'build' is in no shared file",
                profile_load(environment, NULL, &profile, err));
        assert_ok(profile_load(silent, NULL, &profile, err));
        assert_null(profile);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_set_is_kept_until_it_nears_its_end),
                cmocka_unit_test(an_old_set_serves_while_renewal_fails),
                cmocka_unit_test(a_refused_set_is_asked_for_again_once),
                cmocka_unit_test(an_expired_set_is_an_error),
                cmocka_unit_test(the_chain_is_asked_in_order),
                cmocka_unit_test(half_a_set_in_the_environment_is_an_error),
                cmocka_unit_test(the_role_of_the_instance_comes_by_imdsv2),
                cmocka_unit_test(an_error_document_of_the_metadata_service_is_an_error),
                cmocka_unit_test(an_expired_set_of_the_metadata_service_is_used_for_a_while),
                cmocka_unit_test(a_profile_is_read_from_its_section_alone),
                cmocka_unit_test(a_damaged_file_is_named_without_its_secrets),
                cmocka_unit_test(a_profile_asked_for_must_exist),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Credentials that are fetched: roles of profiles, tokens of identity providers, containers. */
#include "harness/ghost_test.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"

#include <stdlib.h>

#include "aws/credentials.h"
#include "base/memory.h"
#include "base/text.h"

#define SET                                                                                                  \
        "<AssumedRoleUser><Arn>arn:aws:sts::210987654321:assumed-role/r/s</Arn></AssumedRoleUser>"           \
        "<Credentials><AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"                \
        "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
#define ASSUMED "<AssumeRoleResponse><AssumeRoleResult>" SET "</AssumeRoleResult></AssumeRoleResponse>"
#define WITH_TOKEN                                                                                           \
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>" SET                           \
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
#define CONTAINER                                                                                            \
        "{\"AccessKeyId\":\"TASKKEY\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","                            \
        "\"Expiration\":\"2099-01-01T00:00:00Z\"}"

typedef struct Fixture {
        char *folder;
        ScriptedHttp *server;
        StringList environment;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        scripted_http_stop(fixture->server);
        temp_remove(fixture->folder);
        string_list_clear(&fixture->environment);
}

static char *write_file(const Fixture *fixture, const char *name, const char *content) {
        char *path = xasprintf("%s/%s", fixture->folder, name);
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_true(fputs(content, file) >= 0);
        assert_int_equal(fclose(file), 0);
        return path;
}

/* The shared files hold that; the server answers so. */
static Fixture start(const char *config, const ScriptedReply *replies, size_t count) {
        Fixture fixture = { .folder = temp_folder(), .server = scripted_http_start(replies, count) };
        CLEANUP(free) char *path = write_file(&fixture, "config", config);

        string_list_addf(&fixture.environment, "HOME=%s", fixture.folder);
        string_list_addf(&fixture.environment, "AWS_CONFIG_FILE=%s", path);
        string_list_addf(&fixture.environment, "AWS_ENDPOINT_URL=%s", scripted_http_url(fixture.server));
        string_list_add(&fixture.environment, "AWS_REGION=eu-west-1");
        string_list_add(&fixture.environment, "AWS_EC2_METADATA_DISABLED=true");
        return fixture;
}

static const char *const *environment_of(const Fixture *fixture) {
        return (const char *const *) fixture->environment.items;
}

static void assert_loads(CredentialsSource source, const char *key) {
        CLEANUP(credentials_free) Credentials *found = NULL;

        assert_ok(source.load(source.context, &found, err));
        if (source.free)
                source.free(source.context);
        assert_true(!found == !key);
        if (found)
                assert_string_equal(found->access_key_id, key);
}

static void assert_breaks(CredentialsSource source, const char *words) {
        CLEANUP(credentials_free) Credentials *found = NULL;
        CLEANUP(error_free) Error *why = NULL;

        assert_false(source.load(source.context, &found, &why));
        if (source.free)
                source.free(source.context);
        assert_has(error_message(why), words);
}

static void assert_request(const Fixture *fixture, size_t index, const char *words) {
        assert_has(scripted_http_request(fixture->server, index), words);
}

#define BASE "[profile base]\naws_access_key_id = BASEKEY\naws_secret_access_key = s\n"
#define ROLE(name) "[profile " name "]\nrole_arn = arn:aws:iam::210987654321:role/r\n"

static void a_profile_assumes_its_role(void **state) {
        static const ScriptedReply reply = { 200, .body = ASSUMED };
        CLEANUP(fixture_clear)
        Fixture fixture =
                start(BASE ROLE("app") "source_profile = base\nexternal_id = x-1\nrole_session_name = night\n"
                                       "duration_seconds = 900\naws_access_key_id = "
                                       "UNUSED\naws_secret_access_key = s\n",
                      &reply, 1);

        (void) state;
        assert_loads(credentials_from_profile(environment_of(&fixture), "app"), "ROLEKEY");
        assert_request(&fixture, 0, "Credential=BASEKEY/");
        assert_request(&fixture, 0, "Action=AssumeRole&");
        assert_request(&fixture, 0, "ExternalId=x-1");
        assert_request(&fixture, 0, "RoleSessionName=night");
        assert_request(&fixture, 0, "DurationSeconds=900");
}

static void roles_lead_to_roles(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = ASSUMED }, { 200, .body = ASSUMED } };
        CLEANUP(fixture_clear)
        Fixture fixture =
                start(BASE ROLE("middle") "source_profile = base\n" ROLE("app") "source_profile = middle\n",
                      replies, 2);

        (void) state;
        assert_loads(credentials_from_profile(environment_of(&fixture), "app"), "ROLEKEY");
        assert_request(&fixture, 0, "Credential=BASEKEY/");
        assert_request(&fixture, 1, "Credential=ROLEKEY/");
}

static void a_profile_may_be_its_own_source(void **state) {
        static const ScriptedReply reply = { 200, .body = ASSUMED };
        CLEANUP(fixture_clear)
        Fixture fixture = start(
                ROLE("app") "source_profile = app\naws_access_key_id = OWNKEY\naws_secret_access_key = s\n",
                &reply, 1);

        (void) state;
        assert_loads(credentials_from_profile(environment_of(&fixture), "app"), "ROLEKEY");
        assert_request(&fixture, 0, "Credential=OWNKEY/");
}

static void the_source_may_be_the_environment(void **state) {
        static const ScriptedReply reply = { 200, .body = ASSUMED };
        CLEANUP(fixture_clear)
        Fixture fixture = start(ROLE("app") "credential_source = Environment\n", &reply, 1);

        (void) state;
        string_list_add(&fixture.environment, "AWS_ACCESS_KEY_ID=ENVKEY");
        string_list_add(&fixture.environment, "AWS_SECRET_ACCESS_KEY=s");
        assert_loads(credentials_from_profile(environment_of(&fixture), "app"), "ROLEKEY");
        assert_request(&fixture, 0, "Credential=ENVKEY/");
}

static void what_a_profile_cannot_mean_is_said(void **state) {
        static const struct {
                const char *config, *words;
        } rows[] = {
                { ROLE("app"), "needs either source_profile or credential_source" },
                { ROLE("app") "source_profile = base\ncredential_source = Environment\n", "either" },
                { ROLE("app") "credential_source = Moon\n", "not 'Moon'" },
                { ROLE("app") "credential_source = Environment\n", "has no credentials" },
                { ROLE("app") "source_profile = gone\n", "AWS profile 'gone' is in no shared file" },
                { ROLE("app") "source_profile = app\n", "has no credentials" },
                { ROLE("a") "source_profile = app\n" ROLE("app") "source_profile = a\n",
                  "leads back to itself" },
                { ROLE("app") "source_profile = base\nmfa_serial = x\n", "nobody is asked here" },
                { BASE ROLE("app") "source_profile = base\nduration_seconds = 10\n", "duration_seconds" },
                { "[profile app]\naws_access_key_id = x\n", "only half a key" },
        };
        static const ScriptedReply reply = { 200, .body = ASSUMED };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(fixture_clear) Fixture fixture = start(rows[i].config, &reply, 1);

                assert_breaks(credentials_from_profile(environment_of(&fixture), "app"), rows[i].words);
                assert_int_equal(scripted_http_request_count(fixture.server), 0);
        }
}

static void a_token_is_exchanged_unsigned(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = WITH_TOKEN }, { 200, .body = WITH_TOKEN } };
        CLEANUP(fixture_clear) Fixture fixture = start("[default]\n", replies, 2);
        CLEANUP(free) char *path = write_file(&fixture, "token", "first\n");

        (void) state;
        assert_loads(credentials_from_web_identity(environment_of(&fixture)), NULL);
        string_list_addf(&fixture.environment, "AWS_WEB_IDENTITY_TOKEN_FILE=%s", path);
        assert_breaks(credentials_from_web_identity(environment_of(&fixture)), "AWS_ROLE_ARN is not");
        string_list_add(&fixture.environment, "AWS_ROLE_ARN=arn:aws:iam::210987654321:role/r");
        assert_loads(credentials_from_web_identity(environment_of(&fixture)), "ROLEKEY");
        free(write_file(&fixture, "token", "second\n"));
        assert_loads(credentials_from_web_identity(environment_of(&fixture)), "ROLEKEY");
        assert_request(&fixture, 0, "Action=AssumeRoleWithWebIdentity&");
        assert_request(&fixture, 0, "WebIdentityToken=first");
        assert_request(&fixture, 1, "WebIdentityToken=second");
        assert_has_not(scripted_http_request(fixture.server, 0), "Authorization:");
}

static void a_container_is_asked_with_its_token(void **state) {
        static const ScriptedReply replies[] = { { 500, .body = "" }, { 200, .body = CONTAINER } };
        CLEANUP(fixture_clear) Fixture fixture = start("[default]\n", replies, 2);
        CLEANUP(free) char *path = write_file(&fixture, "token", "Bearer abc\n");

        (void) state;
        assert_loads(credentials_from_container(environment_of(&fixture)), NULL);
        string_list_addf(
                &fixture.environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/role",
                scripted_http_url(fixture.server));
        string_list_addf(&fixture.environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s", path);
        assert_loads(credentials_from_container(environment_of(&fixture)), "TASKKEY");
        assert_request(&fixture, 1, "GET /role HTTP/1.1\r\n");
        assert_request(&fixture, 1, "\r\nAuthorization: Bearer abc\r\n");
}

static void containers_are_near(void **state) {
        static const char *const far[] = { "http://example.com/role", "http://169.254.170.3/role",
                                           "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/" };

        (void) state;
        for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
                CLEANUP(free) char *variable = xasprintf("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", far[i]);
                const char *const environment[] = { variable, NULL };

                assert_breaks(credentials_from_container(environment), "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        }
        static const char *const split[] = { "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/",
                                             "AWS_CONTAINER_AUTHORIZATION_TOKEN=a\r\nHost: b", NULL };
        assert_breaks(credentials_from_container(split), "more than one line");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_profile_assumes_its_role),
                cmocka_unit_test(roles_lead_to_roles),
                cmocka_unit_test(a_profile_may_be_its_own_source),
                cmocka_unit_test(the_source_may_be_the_environment),
                cmocka_unit_test(what_a_profile_cannot_mean_is_said),
                cmocka_unit_test(a_token_is_exchanged_unsigned),
                cmocka_unit_test(a_container_is_asked_with_its_token),
                cmocka_unit_test(containers_are_near),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

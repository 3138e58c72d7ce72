/* Roles of other accounts: what is asked of STS, when, and whose keys sign then. */
#include "harness/ghost_test.h"
#include "harness/scripted_http.h"
#include "harness/text_assertions.h"

#include <stdlib.h>

#include "aws/assumed_role.h"
#include "aws/sts.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };
static const AwsRole deployer = { "210987654321", "deployer", NULL, NULL };

#define ASSUMED(account, key, expiry)                                                                        \
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"         \
        "<AssumedRoleUser><Arn>arn:aws:sts::" account ":assumed-role/deployer/ghost</Arn></AssumedRoleUser>" \
        "<Credentials><AccessKeyId>" key "</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"                \
        "<SessionToken>token-of-" key "</SessionToken><Expiration>" expiry "</Expiration></Credentials>"     \
        "</AssumeRoleResult></AssumeRoleResponse>"
#define IDENTITY                                                                                             \
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>U</UserId>"                 \
        "<Account>210987654321</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define LATER "2099-01-01T00:00:00Z"
#define STS_ERROR(code)                                                                                      \
        "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>no</Message></Error>"        \
        "<RequestId>r</RequestId></ErrorResponse>"

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
}

static Fixture start(ScriptedHttp *server) {
        Fixture fixture = { .server = server };
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "OWNKEY",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .environment = environment };

        assert_ok(fixture.aws = aws_new(&options, err));
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

static bool ask(const Fixture *fixture, const AwsRole *role, Error **err) {
        AwsSession session = { .aws = fixture->aws, .role = role, .deadline = deadline_after_ms(20000) };
        CLEANUP(caller_identity_clear) CallerIdentity identity = { 0 };

        return sts_get_caller_identity(&session, &identity, err);
}

static void assert_request(const Fixture *fixture, size_t index, const char *words) {
        assert_has(scripted_http_request(fixture->server, index), words);
}

static void a_role_is_assumed_once_and_signs_then(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = ASSUMED("210987654321", "ROLEKEY", LATER) },
                { 200, .body = IDENTITY },
                { 200, .body = IDENTITY },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ask(&fixture, &deployer, err));
        assert_ok(ask(&fixture, &deployer, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 3);
        assert_request(&fixture, 0, "Credential=OWNKEY/");
        assert_request(
                &fixture, 0,
                "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%"
                "2Fdeployer");
        assert_request(&fixture, 0, "RoleSessionName=assume-role_210987654321_deployer");
        assert_has_not(scripted_http_request(fixture.server, 0), "ExternalId");
        for (size_t i = 1; i < 3; i++) {
                assert_request(&fixture, i, "Credential=ROLEKEY/");
                assert_request(&fixture, i, "X-Amz-Security-Token: token-of-ROLEKEY");
        }
}

static void each_account_external_id_and_region_has_its_own(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = ASSUMED("210987654321", "ONE", LATER) },
                { 200, .body = IDENTITY },
                { 200, .body = ASSUMED("210987654321", "TWO", LATER) },
                { 200, .body = IDENTITY },
                { 200, .body = ASSUMED("210987654321", "THREE", LATER) },
                { 200, .body = IDENTITY },
                { 200, .body = IDENTITY },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        const AwsRole with_id = { "210987654321", "deployer", "x-1", NULL };
        const AwsRole elsewhere = { "210987654321", "deployer", NULL, "cn-north-1" };

        (void) state;
        assert_ok(ask(&fixture, &deployer, err));
        assert_ok(ask(&fixture, &with_id, err));
        assert_ok(ask(&fixture, &elsewhere, err));
        assert_ok(ask(&fixture, &deployer, err));
        assert_request(&fixture, 2, "ExternalId=x-1");
        assert_request(&fixture, 3, "Credential=TWO/");
        assert_request(&fixture, 4, "arn%3Aaws-cn%3Aiam");
        assert_request(&fixture, 4, "/cn-north-1/sts/aws4_request");
        assert_request(&fixture, 5, "/eu-west-1/sts/aws4_request");
        assert_request(&fixture, 6, "Credential=ONE/");
}

static void a_refused_set_is_assumed_again_once(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = ASSUMED("210987654321", "OLD", LATER) },
                { 403, .body = STS_ERROR("ExpiredToken") },
                { 200, .body = ASSUMED("210987654321", "NEW", LATER) },
                { 200, .body = IDENTITY },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ask(&fixture, &deployer, err));
        assert_request(&fixture, 3, "Credential=NEW/");
}

static void a_trust_that_is_not_there_is_said_and_not_retried(void **state) {
        static const ScriptedReply replies[] = { { 403, .body = STS_ERROR("AccessDenied") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_fails(
                ERROR_FORBIDDEN,
                "GetCallerIdentity: AWS credentials: role arn:aws:iam::210987654321:role/deployer: "
                "AssumeRole: "
                "AccessDenied: no (request r); the role must exist, its trust policy must name Ghost's "
                "identity"
                " and no external id, for the application has none, and that identity must be allowed to "
                "assume it",
                ask(&fixture, &deployer, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 1);
}

static void answers_that_do_not_fit_are_refused(void **state) {
        static const struct {
                ScriptedReply reply;
                const char *words;
        } rows[] = {
                { { 200, .body = ASSUMED("111111111111", "KEY", LATER) },
                  "STS answered with account 111111111111" },
                { { 200, .body = ASSUMED("210987654321", "", LATER) }, "holds no usable credentials" },
                { { 200, .body = ASSUMED("210987654321", "KEY", "soon") }, "holds no usable credentials" },
                { { 200, .body = ASSUMED("210987654321", "KEY", "2001-01-01T00:00:00Z") },
                  "already expired" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(fixture_clear) Fixture fixture = start(scripted_http_start(&rows[i].reply, 1));
                CLEANUP(error_free) Error *why = NULL;

                assert_false(ask(&fixture, &deployer, &why));
                assert_has(error_message(why), rows[i].words);
        }
}

static void what_can_be_no_role_is_not_asked_for(void **state) {
        static const struct {
                AwsRole role;
                const char *words;
        } rows[] = {
                { { "21098765432", "deployer", NULL, NULL }, "assumed_account_id" },
                { { "21098765432x", "deployer", NULL, NULL }, "assumed_account_id" },
                { { "210987654321", "", NULL, NULL }, "assumed_role_name" },
                { { "210987654321", "a b", NULL, NULL }, "assumed_role_name" },
                { { "210987654321", "deployer", "x", NULL }, "assumed_external_id" },
                { { "210987654321", "deployer", "x y", NULL }, "assumed_external_id" },
        };
        static const ScriptedReply replies[] = { { 200, .body = IDENTITY } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(error_free) Error *why = NULL;

                assert_false(ask(&fixture, &rows[i].role, &why));
                assert_int_equal(error_kind(why), ERROR_INVALID);
                assert_has(error_message(why), rows[i].words);
        }
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

static void arns_are_in_their_partition(void **state) {
        static const char *const rows[][2] = {
                { "eu-west-1", "arn:aws:iam::210987654321:role/path/deployer" },
                { "cn-north-1", "arn:aws-cn:iam::210987654321:role/path/deployer" },
                { "us-gov-west-1", "arn:aws-us-gov:iam::210987654321:role/path/deployer" },
                { "eusc-de-east-1", "arn:aws-eusc:iam::210987654321:role/path/deployer" },
        };
        const AwsRole role = { "210987654321", "path/deployer", NULL, NULL };

        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                CLEANUP(free) char *arn = assumed_role_arn(&role, rows[i][0]);

                assert_string_equal(arn, rows[i][1]);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_role_is_assumed_once_and_signs_then),
                cmocka_unit_test(each_account_external_id_and_region_has_its_own),
                cmocka_unit_test(a_refused_set_is_assumed_again_once),
                cmocka_unit_test(a_trust_that_is_not_there_is_said_and_not_retried),
                cmocka_unit_test(answers_that_do_not_fit_are_refused),
                cmocka_unit_test(what_can_be_no_role_is_not_asked_for),
                cmocka_unit_test(arns_are_in_their_partition),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Launch templates: what is sent is what botocore sends; the same content has the same hash and no other. */
#include "harness/golden_request.h"

#include "aws/launch_template.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
        StringList groups;
        Ec2Tags tags;
        LaunchTemplateData data;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
        string_list_clear(&fixture->groups);
        ec2_tags_clear(&fixture->tags);
}

static const Ec2BlockDevice root = { .name = "/dev/xvda", .size_gib = 20 };

static void start(Fixture *fixture, ScriptedHttp *server) {
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .retry_base_ms = 2,
                               .environment = environment };

        fixture->server = server;
        assert_ok(fixture->aws = aws_new(&options, err));
        fixture->session = (AwsSession){ .aws = fixture->aws, .deadline = deadline_after_ms(20000) };
        string_list_add(&fixture->groups, "sg-1");
        ec2_tags_add(&fixture->tags, "k", "v");
        fixture->data = (LaunchTemplateData){ .image_id = "ami-1",
                                              .instance_type = "t3.micro",
                                              .key_name = "k",
                                              .instance_profile = "ip",
                                              .security_groups = &fixture->groups,
                                              .public_ip = true,
                                              .monitoring = true,
                                              .tags_in_metadata = true,
                                              .devices = &root,
                                              .device_count = 1 };
}
#define START(fixture, table) start(fixture, scripted_http_start_table(table))

static void assert_sent(Fixture *fixture, size_t index, const char *words) {
        assert_has(scripted_http_request(fixture->server, index), words);
}

static void names_are_botocores(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><launchTemplate><launchTemplateId>lt-1</launchTemplateId></"
                               "launchTemplate>"
                               "<launchTemplateVersion><versionNumber>2</versionNumber></"
                               "launchTemplateVersion></AnyResponse>" },
        };
        static const char *const operations[] = { "CreateLaunchTemplate", "DescribeLaunchTemplateVersions",
                                                  "ModifyLaunchTemplate", "DeleteLaunchTemplateVersions",
                                                  "DeleteLaunchTemplate" };
        static const int64_t numbers[] = { 1, 2 };
        json_t *golden = golden_requests();
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(launch_template_clear) LaunchTemplate made = { 0 };
        CLEANUP(launch_template_versions_clear) LaunchTemplateVersions versions = { 0 };

        (void) state;
        START(&fixture, replies);
        if (!golden)
                skip();
        AwsSession *session = &fixture.session;
        const LaunchTemplateSpec spec = { "n", "c", &fixture.data, &fixture.tags };
        assert_ok(ec2_create_launch_template(session, &spec, &made, err));
        assert_ok(ec2_describe_launch_template_versions(session, "lt", &versions, err));
        assert_ok(ec2_set_default_launch_template_version(session, "lt-1", 3, err));
        assert_ok(ec2_delete_launch_template_versions(session, "lt", numbers, 2, err));
        assert_ok(ec2_delete_launch_template(session, "lt", err));
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
                assert_golden_names(fixture.server, i, golden, "ec2", operations[i]);
        assert_string_equal(made.id, "lt-1");
        json_decref(golden);
}

static void a_version_carries_its_hash(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><launchTemplateVersion><versionNumber>7</versionNumber></"
                               "launchTemplateVersion></AnyResponse>" },
                { 200, .body = "<AnyResponse/>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        int64_t number = 0;

        (void) state;
        START(&fixture, replies);
        CLEANUP(free) char *hash = launch_template_hash(&fixture.data);
        CLEANUP(free) char *description = xasprintf("VersionDescription=%s", hash);
        assert_ok(ec2_create_launch_template_version(
                &fixture.session, "lt", "token", &fixture.data, &number, err));
        assert_int_equal(number, 7);
        assert_sent(&fixture, 0, description);
        assert_sent(&fixture, 0, "LaunchTemplateData.MetadataOptions.HttpTokens=required");
        assert_sent(&fixture, 0, "LaunchTemplateData.BlockDeviceMapping.1.Ebs.Encrypted=true");
        assert_has_not(scripted_http_request(fixture.server, 0), "SubnetId");
        assert_fails(
                ERROR_INTERNAL, "CreateLaunchTemplateVersion: the answer names no version",
                ec2_create_launch_template_version(&fixture.session, "lt", "t", &fixture.data, &number, err));
}

static void assert_changes(const LaunchTemplateData *data, const char *hash) {
        CLEANUP(free) char *changed = launch_template_hash(data);

        assert_string_not_equal(changed, hash);
}

static void the_hash_is_of_the_content(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "<AnyResponse/>" } };
        static const Ec2BlockDevice larger = { .name = "/dev/xvda", .size_gib = 21 };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        START(&fixture, replies);
        CLEANUP(free) char *hash = launch_template_hash(&fixture.data);
        CLEANUP(free) char *again = launch_template_hash(&fixture.data);
        assert_string_equal(hash, again);
        LaunchTemplateData other = fixture.data;
        other.image_id = "ami-2";
        assert_changes(&other, hash);
        other = fixture.data;
        other.user_data = "#!/bin/sh\n";
        assert_changes(&other, hash);
        other = fixture.data;
        other.devices = &larger;
        assert_changes(&other, hash);
        other = fixture.data;
        other.instance_tags = &fixture.tags;
        assert_changes(&other, hash);
        other = fixture.data;
        other.public_ip = false;
        assert_changes(&other, hash);
}

static void a_template_is_found_by_name(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId>"
                               "<latestVersionNumber>4</latestVersionNumber><tagSet><item><key>k</"
                               "key><value>v</value>"
                               "</item></tagSet></item></launchTemplates></AnyResponse>" },
                { 200, .body = "<AnyResponse><launchTemplates/></AnyResponse>" },
        };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };
        CLEANUP(launch_template_clear) LaunchTemplate found = { 0 };

        (void) state;
        START(&fixture, replies);
        assert_ok(ec2_find_launch_template(&fixture.session, "n", &found, err));
        assert_int_equal(found.latest_version, 4);
        assert_string_equal(ec2_tags_value(&found.tags, "k"), "v");
        assert_sent(&fixture, 0, "Filter.1.Name=launch-template-name");
        assert_fails(
                ERROR_NOT_FOUND, "there is no launch template 'gone'",
                ec2_find_launch_template(&fixture.session, "gone", &found, err));
}

static void versions_are_deleted_one_by_one(void **state) {
#define FAILED(number, code)                                                                                 \
        "<AnyResponse><unsuccessfullyDeletedLaunchTemplateVersionSet><item><versionNumber>" number           \
        "</versionNumber><responseError><code>" code "</code><message>no</message></responseError></item>"   \
        "</unsuccessfullyDeletedLaunchTemplateVersionSet></AnyResponse>"
        static const ScriptedReply replies[] = {
                { 200, .body = FAILED("1", "launchTemplateVersionDoesNotExist") },
                { 200, .body = FAILED("2", "unexpectedError") },
        };
        static const int64_t numbers[] = { 1, 2 };
        CLEANUP(fixture_clear) Fixture fixture = { 0 };

        (void) state;
        START(&fixture, replies);
        assert_ok(ec2_delete_launch_template_versions(&fixture.session, "lt", NULL, 0, err));
        assert_ok(ec2_delete_launch_template_versions(&fixture.session, "lt", numbers, 2, err));
        assert_fails(
                ERROR_CONFLICT, "DeleteLaunchTemplateVersions: version 2: unexpectedError: no",
                ec2_delete_launch_template_versions(&fixture.session, "lt", numbers, 2, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_are_botocores),
                cmocka_unit_test(a_version_carries_its_hash),
                cmocka_unit_test(the_hash_is_of_the_content),
                cmocka_unit_test(a_template_is_found_by_name),
                cmocka_unit_test(versions_are_deleted_one_by_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

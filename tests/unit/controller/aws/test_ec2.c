/* EC2's wire names against botocore's requests, its answers against recorded ones, and the waits. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2.h"
#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "base/text.h"
#include "harness/scripted_http.h"
#include "harness/shared_files.h"
#include "net/url.h"
#include "json/shape.h"

static const char *const environment[] = { "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", NULL };

typedef struct Fixture {
        ScriptedHttp *server;
        Aws *aws;
        AwsSession session;
} Fixture;

static void fixture_clearp(Fixture *fixture) {
        aws_free(fixture->aws);
        scripted_http_stop(fixture->server);
}

static Fixture start(ScriptedHttp *server) {
        Fixture fixture = { .server = server };
        CLEANUP(error_free) Error *error = NULL;
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .retry_base_ms = 2,
                               .environment = environment };

        fixture.aws = aws_new(&options, &error);
        assert_non_null(fixture.aws);
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

#define EC2_ERROR(code, text)                                                                                \
        "<Response><Errors><Error><Code>" code "</Code><Message>" text                                       \
        "</Message></Error></Errors><RequestID>req-1</RequestID></Response>"
#define INSTANCE_OF(id, state, more)                                                                         \
        "<item><instancesSet><item><instanceId>" id "</instanceId><instanceState><name>" state               \
        "</name></instanceState>" more "</item></instancesSet></item>"
#define INSTANCE(state, more) INSTANCE_OF("i-1", state, more)
#define INSTANCES(items, more)                                                                               \
        "<DescribeInstancesResponse><reservationSet>" items "</reservationSet>" more                         \
        "</DescribeInstancesResponse>"
#define IMAGE(state, more)                                                                                   \
        "<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><imageState>" state                \
        "</imageState>" more "</item></imagesSet></DescribeImagesResponse>"
#define DONE "<AnyResponse><return>true</return></AnyResponse>"

/* ---- requests ---- */

/* Value of a form parameter of the request, decoded; NULL: not there. Caller frees. */
static char *sent_parameter(Fixture *fixture, size_t index, const char *name) {
        const char *body = strstr(scripted_http_request(fixture->server, index), "\r\n\r\n") + 4;
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(body, '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                size_t length = strcspn(parts.items[i], "=");
                CLEANUP(free) char *key = url_decode(parts.items[i], length, NULL);

                if (text_equal(key, name))
                        return url_decode(
                                parts.items[i] + length + 1, strlen(parts.items[i] + length + 1), NULL);
        }
        return NULL;
}

static void check_sent(Fixture *fixture, size_t index, const char *name, const char *value) {
        CLEANUP(free) char *sent = sent_parameter(fixture, index, name);

        if (!text_equal(sent, value))
                fail_msg(
                        "%s is '%s' instead of '%s'", name, sent ? sent : "(not there)",
                        value ? value : "(not there)");
}

static json_t *golden_form(json_t *golden, const char *operation) {
        json_t *request;
        size_t index;

        json_array_foreach(json_object_get(golden, "requests"), index, request)
                if (text_equal(json_string_value(json_object_get(request, "service")), "ec2") &&
                    text_equal(json_string_value(json_object_get(request, "operation")), operation))
                        return json_object_get(request, "form");
        fail_msg("no golden request for %s", operation);
        return NULL;
}

/* Every name we send is one that botocore sends too (with numbers as 1). */
static void check_names(Fixture *fixture, size_t index, json_t *form) {
        const char *body = strstr(scripted_http_request(fixture->server, index), "\r\n\r\n") + 4;
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(body, '&', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                CLEANUP(free) char *name = url_decode(parts.items[i], strcspn(parts.items[i], "="), NULL);

                if (text_starts_with(name, "TagSpecification.3")) /* golden has two */
                        continue;
                if (!json_object_get(form, name))
                        fail_msg("%s is not a name that botocore sends", name);
        }
}

static const ScriptedReply run_replies[] = {
        { 200, .body = "<RunInstancesResponse><instancesSet><item><instanceId>i-1</instanceId></item></"
                       "instancesSet>"
                       "</RunInstancesResponse>" },
};

static void run_full(Fixture *fixture) {
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(string_list_clear) StringList groups = { 0 };
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        Ec2BlockDevice device = { .name = "/dev/xvda", .size_gib = 20, .iops = 3000 };

        ec2_tags_add(&tags, "k", "v");
        string_list_add(&groups, "sg-1");
        string_list_add(&groups, "sg-2");
        Ec2RunSpec spec = { .image_id = "ami-1",
                            .instance_type = "t3.micro",
                            .client_token = "tok",
                            .key_name = "k",
                            .instance_profile = "ip",
                            .subnet_id = "subnet-1",
                            .private_ip = "10.0.0.4",
                            .security_groups = &groups,
                            .public_ip = true,
                            .user_data = "#!/bin/sh\n",
                            .terminate_on_shutdown = true,
                            .monitoring = true,
                            .tags_in_metadata = true,
                            .devices = &device,
                            .device_count = 1,
                            .tags = &tags };
        assert_ok(ec2_run_instance(&fixture->session, &spec, &instance, err));
        assert_string_equal(instance.id, "i-1");
        assert_string_equal(instance.private_ip, "");
}

static void run_instances_sends_everything_at_once(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = START(run_replies);

        (void) state;
        run_full(&fixture);
        check_sent(&fixture, 0, "NetworkInterface.1.SecurityGroupId.2", "sg-2");
        check_sent(&fixture, 0, "NetworkInterface.1.PrivateIpAddress", "10.0.0.4");
        check_sent(&fixture, 0, "NetworkInterface.1.AssociatePublicIpAddress", "true");
        check_sent(&fixture, 0, "SubnetId", NULL); /* never beside a network interface */
        check_sent(&fixture, 0, "UserData", "IyEvYmluL3NoCg==");
        check_sent(&fixture, 0, "MetadataOptions.HttpTokens", "required");
        check_sent(&fixture, 0, "BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true");
        check_sent(&fixture, 0, "TagSpecification.3.ResourceType", "network-interface");
        check_sent(&fixture, 0, "TagSpecification.3.Tag.1.Key", "k");
        check_sent(&fixture, 0, "InstanceInitiatedShutdownBehavior", "terminate");
}

static void wire_names_are_botocores(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><imageId>ami-1</imageId><instancesSet><item>"
                               "<instanceId>i-1</instanceId></item></instancesSet></AnyResponse>" }
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(free)
        char *text = shared_file_read("vectors/aws/golden-requests.json"), *image = NULL, *console = NULL;
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances instances = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        AwsSession *session = &fixture.session;
        static const char *const operations[] = {
                "RunInstances",    "DescribeInstances", "DescribeImages",     "DescribeSnapshots",
                "CreateImage",     "CreateTags",        "TerminateInstances", "StopInstances",
                "DeregisterImage", "DeleteSnapshot",    "GetConsoleOutput"
        };
        (void) state;
        if (!text)
                skip();
        ec2_filters_add_tag(&filters, "app", "a");
        ec2_filters_add_tag(&filters, "app", "b");
        ec2_tags_add(&tags, "k", "v");
        string_list_add(&ids, "i-1");
        run_full(&fixture);
        assert_ok(ec2_describe_instances(session, &filters, &instances, err));
        assert_ok(ec2_describe_own_images(session, &filters, &images, err));
        assert_ok(ec2_describe_own_snapshots(session, &filters, &snapshots, err));
        assert_ok(ec2_create_image(
                session,
                &(Ec2ImageSpec){ .instance_id = "i-1", .name = "n", .description = "d", .tags = &tags },
                &image, err));
        assert_ok(ec2_create_tags(session, &ids, &tags, err));
        assert_ok(ec2_terminate_instances(session, &ids, err));
        assert_ok(ec2_stop_instance(session, "i-1", true, err));
        assert_ok(ec2_deregister_image(session, "ami-1", err));
        assert_ok(ec2_delete_snapshot(session, "snap-1", err));
        assert_ok(ec2_get_console_output(session, "i-1", &console, err));

        json_t *golden = json_loads(text, 0, NULL);
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
                check_sent(&fixture, i, "Action", operations[i]);
                check_names(&fixture, i, golden_form(golden, operations[i]));
        }
        json_decref(golden);
}

static void a_filter_value_is_taken_literally(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = INSTANCES("", "") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        (void) state;
        ec2_filters_add_tag(&filters, "app", "a*?\\");
        ec2_filters_add_living(&filters);
        assert_ok(ec2_describe_instances(&fixture.session, &filters, &found, err));
        check_sent(&fixture, 0, "Filter.1.Name", "tag:app");
        check_sent(&fixture, 0, "Filter.1.Value.1", "a\\*\\?\\\\");
        check_sent(&fixture, 0, "Filter.2.Value.5", "shutting-down");
        assert_int_equal(found.count, 0);
}

static void a_search_for_everything_is_refused(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = START(run_replies);
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        Ec2Instances found;

        (void) state;
        ec2_filters_add_living(&filters);
        ec2_filters_add_tag(&filters, "app", "");
        assert_fails(
                ERROR_INVALID, "DescribeInstances: a search without a filter would find what is not ours",
                ec2_describe_instances(&fixture.session, &filters, &found, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

static void bounds_are_checked_before_sending(void **state) {
        CLEANUP(fixture_clear) Fixture fixture = START(run_replies);
        Ec2Instance instance;
        char long_data[16386];

        (void) state;
        memset(long_data, 'x', sizeof(long_data) - 1);
        long_data[sizeof(long_data) - 1] = '\0';
        assert_fails(
                ERROR_INVALID, "RunInstances: a client token of 1 to 64 characters is needed",
                ec2_run_instance(&fixture.session, &(Ec2RunSpec){ .image_id = "ami-1" }, &instance, err));
        assert_fails(
                ERROR_INVALID, "user data is longer than the 16384 bytes EC2 takes",
                ec2_run_instance(
                        &fixture.session, &(Ec2RunSpec){ .client_token = "t", .user_data = long_data },
                        &instance, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0);
}

/* ---- answers ---- */

static void pages_are_followed_to_the_end(void **state) {
        static const ScriptedReply replies[] = {
                { 200,
                  .body = INSTANCES(
                          INSTANCE("running", "<tagSet><item><key>app</key><value>x</value></item></tagSet>"),
                          "<nextToken>more</nextToken>") },
                { 200, .body = INSTANCES("", "<nextToken>yet more</nextToken>") },
                { 200, .body = INSTANCES(
                               INSTANCE_OF("i-2", "somewhere-new", "") INSTANCE_OF("i-3", "stopped", ""),
                               "<nextToken/>") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        (void) state;
        ec2_filters_add_tag(&filters, "app", "x");
        assert_ok(ec2_describe_instances(&fixture.session, &filters, &found, err));
        assert_int_equal(found.count, 3);
        assert_string_equal(ec2_tags_value(&found.items[0].tags, "app"), "x");
        assert_int_equal(found.items[1].state, EC2_STATE_UNKNOWN);
        assert_int_equal(found.items[2].state, EC2_STOPPED);
        check_sent(&fixture, 2, "NextToken", "yet more");
}

static void recorded_answers_are_read(void **state) {
        CLEANUP(free) char *run = shared_file_read("vectors/aws/replies/ec2-run-instances.xml");
        CLEANUP(free)
        char *snapshots_xml = shared_file_read("vectors/aws/replies/ec2-describe-snapshots.xml");
        CLEANUP(free)
        char *error_xml = shared_file_read("vectors/aws/replies/errors/ec2-describe-instances.xml");

        (void) state;
        if (!run || !snapshots_xml || !error_xml)
                skip();
        const ScriptedReply replies[] = { { 200, .body = run },
                                          { 200, .body = snapshots_xml },
                                          { 400, .body = error_xml } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        Ec2Instances none;

        assert_ok(ec2_run_instance(&fixture.session, &(Ec2RunSpec){ .client_token = "t" }, &instance, err));
        assert_string_equal(instance.id, "i-0ee0356c");
        assert_int_equal(instance.state, EC2_PENDING);
        assert_string_equal(instance.private_ip, "10.0.0.142");
        assert_string_equal(instance.zone, "us-east-1b");
        ec2_filters_add_tag(&filters, "app", "x");
        assert_ok(ec2_describe_own_snapshots(&fixture.session, &filters, &snapshots, err));
        assert_string_equal(snapshots.items[1].id, "snap-b6bf0cde");
        assert_string_equal(snapshots.items[0].progress, "100%");
        assert_fails(
                ERROR_INVALID,
                "DescribeInstances: InvalidInstanceID.Malformed: Invalid id: \"foobar\" (request "
                "dfb14b43-9a55-4d8e-b676-e8034d12bbeb)",
                ec2_describe_instances(&fixture.session, &filters, &none, err));
}

static void what_is_gone_already_is_removed(void **state) {
        static const ScriptedReply replies[] = {
                { 400, .body = EC2_ERROR("InvalidAMIID.Unavailable", "gone") },
                { 400, .body = EC2_ERROR("InvalidSnapshot.NotFound", "gone") },
                { 400, .body = EC2_ERROR("InvalidSnapshot.InUse", "used") }
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ec2_deregister_image(&fixture.session, "ami-1", err));
        assert_ok(ec2_delete_snapshot(&fixture.session, "snap-1", err));
        assert_fails(
                ERROR_CONFLICT, "DeleteSnapshot: InvalidSnapshot.InUse: used (request req-1)",
                ec2_delete_snapshot(&fixture.session, "snap-1", err));
}

static void an_image_name_taken_by_this_job_is_adopted(void **state) {
        static const ScriptedReply replies[] = {
                { 0, NULL }, /* made, but the answer is lost */
                { 400, .body = EC2_ERROR("InvalidAMIName.Duplicate", "taken") },
                { 200, .body = IMAGE(
                               "pending",
                               "<tagSet><item><key>ghost:job</key><value>job-1</value></item></tagSet>") },
                { 400, .body = EC2_ERROR("InvalidAMIName.Duplicate", "taken") },
                { 200, .body = IMAGE(
                               "pending",
                               "<tagSet><item><key>ghost:job</key><value>other</value></item></tagSet>") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(free) char *id = NULL;
        Ec2ImageSpec spec = { .instance_id = "i-1", .name = "ami.x", .tags = &tags };

        (void) state;
        ec2_tags_add(&tags, "ghost:job", "job-1");
        assert_ok(ec2_create_image(&fixture.session, &spec, &id, err));
        assert_string_equal(id, "ami-1");
        assert_fails(
                ERROR_CONFLICT, "an image named 'ami.x' exists and is not of this job",
                ec2_create_image(&fixture.session, &spec, &id, err));
}

static void an_image_name_keeps_to_the_alphabet(void **state) {
        CLEANUP(free)
        char *name = ec2_image_name("ami.dev.eu-west-1.web+front.é"), *tiny = ec2_image_name("a");

        (void) state;
        assert_string_equal(name, "ami.dev.eu-west-1.web-front.--");
        assert_string_equal(tiny, "a---");
}

static void the_console_is_decoded(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse><output>aGVs\nbG8=</output></AnyResponse>" },
                { 200, .body = "<AnyResponse/>" }
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(free) char *output = NULL, *none = NULL;

        (void) state;
        assert_ok(ec2_get_console_output(&fixture.session, "i-1", &output, err));
        assert_string_equal(output, "hello");
        assert_ok(ec2_get_console_output(&fixture.session, "i-1", &none, err));
        assert_string_equal(none, "");
}

/* ---- waits ---- */

static void take_progress(void *context, const char *text) {
        text_appendf(context, "%s\n", text);
}

static void a_wait_bears_with_what_is_not_visible_yet(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = INSTANCES("", "") },
                { 200, .body = INSTANCES("", "") },
                { 200, .body = INSTANCES(INSTANCE("pending", ""), "") },
                { 200, .body = INSTANCES(INSTANCE("pending", ""), "") },
                { 200, .body = INSTANCES(INSTANCE("running", "<ipAddress>1.2.3.4</ipAddress>"), "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(text_clear) Text said = { 0 };
        Ec2Wait wait = { .progress = take_progress, .context = &said };

        (void) state;
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_RUNNING, &wait, &instance, err));
        assert_string_equal(instance.public_ip, "1.2.3.4");
        assert_string_equal(said.data, "instance i-1 is pending\ninstance i-1 is running\n");
}

static void what_never_appears_does_not_exist(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = INSTANCES("", "") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        Ec2Wait wait = { .visible_within_ms = 30 };

        (void) state;
        assert_fails(
                ERROR_NOT_FOUND, "instance i-1 does not exist",
                ec2_wait_instance(&fixture.session, "i-1", EC2_RUNNING, &wait, NULL, err));
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_TERMINATED, &wait, NULL, err));
}

static void a_dead_end_ends_the_wait_with_its_reason(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = INSTANCES(INSTANCE("pending", ""), "") },
                { 200, .body = INSTANCES(
                               INSTANCE(
                                       "terminated", "<stateReason><code>Client.VolumeLimitExceeded</code>"
                                                     "<message>limit</message></stateReason>"),
                               "") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_fails(
                ERROR_CONFLICT,
                "instance i-1 is terminated instead of running: Client.VolumeLimitExceeded: limit",
                ec2_wait_instance(&fixture.session, "i-1", EC2_RUNNING, &(Ec2Wait){ 0 }, NULL, err));
}

static void a_wait_ends_with_the_deadline(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = INSTANCES(INSTANCE("pending", ""), "") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        fixture.session.deadline = deadline_after_ms(60);
        CLEANUP(error_free) Error *error = NULL;
        assert_false(ec2_wait_instance(&fixture.session, "i-1", EC2_RUNNING, &(Ec2Wait){ 0 }, NULL, &error));
        assert_int_equal(error_kind(error), ERROR_TIMEOUT);
}

static void an_image_is_waited_for_with_its_progress(void **state) {
        static const ScriptedReply replies[] = {
                { 400, .body = EC2_ERROR("InvalidAMIID.NotFound", "not yet") },
                { 200, .body = IMAGE(
                               "pending",
                               "<blockDeviceMapping><item><ebs><snapshotId>snap-1</snapshotId></ebs></item>"
                               "</blockDeviceMapping>") },
                { 200, .body = "<AnyResponse><snapshotSet><item><snapshotId>snap-1</"
                               "snapshotId><status>pending</status>"
                               "<progress>37%</progress></item></snapshotSet></AnyResponse>" },
                { 200, .body = IMAGE("available", "<rootDeviceName>/dev/xvda</rootDeviceName>") },
                { 200,
                  .body = IMAGE("failed", "<stateReason><code>X</code><message>y</message></stateReason>") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };
        CLEANUP(text_clear) Text said = { 0 };
        Ec2Wait wait = { .progress = take_progress, .context = &said };

        (void) state;
        assert_ok(ec2_wait_image(&fixture.session, "ami-1", &wait, &image, err));
        assert_string_equal(image.root_device_name, "/dev/xvda");
        assert_string_equal(said.data, "image ami-1 is pending (snapshot 37%)\nimage ami-1 is available\n");
        assert_fails(
                ERROR_CONFLICT, "image ami-1 is failed: X: y",
                ec2_wait_image(&fixture.session, "ami-1", &wait, &image, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(run_instances_sends_everything_at_once),
                cmocka_unit_test(wire_names_are_botocores),
                cmocka_unit_test(a_filter_value_is_taken_literally),
                cmocka_unit_test(a_search_for_everything_is_refused),
                cmocka_unit_test(bounds_are_checked_before_sending),
                cmocka_unit_test(pages_are_followed_to_the_end),
                cmocka_unit_test(recorded_answers_are_read),
                cmocka_unit_test(what_is_gone_already_is_removed),
                cmocka_unit_test(an_image_name_taken_by_this_job_is_adopted),
                cmocka_unit_test(an_image_name_keeps_to_the_alphabet),
                cmocka_unit_test(the_console_is_decoded),
                cmocka_unit_test(a_wait_bears_with_what_is_not_visible_yet),
                cmocka_unit_test(what_never_appears_does_not_exist),
                cmocka_unit_test(a_dead_end_ends_the_wait_with_its_reason),
                cmocka_unit_test(a_wait_ends_with_the_deadline),
                cmocka_unit_test(an_image_is_waited_for_with_its_progress),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Baking and creating against the sandbox, ended at every step by a user and by the controller's death: what
 * is left in EC2 is what the job says, and a second run finishes. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "bake_lab.h"
#include "base/memory.h"
#include "harness/text_assertions.h"
#include "jobs/steps/app_instances.h"
#include "jobs/steps/bake.h"
#include "jobs/steps/create.h"
#include "jobs/steps/discard.h"

static Ec2App demo_app(const Lab *lab, StringList *subnets) {
        string_list_add(subnets, sandbox_value(lab->sandbox, "subnet_ids.0"));
        return (Ec2App){ .id = "0123456789abcdef01234567",
                         .name = "demo",
                         .env = "dev",
                         .role = "webfront",
                         .image_id = sandbox_value(lab->sandbox, "base_image_id"),
                         .instance_type = "t3.micro",
                         .subnet_ids = subnets };
}

static bool bake(FakeJob *job, Lab *lab, BakedImage *ret, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 }, environment = { 0 };
        Ec2App app = demo_app(lab, &subnets);
        const FeatureSettings none = { 0 };
        ImageContent content = { .pre_buildimage = "#!/bin/sh\n",
                                 .settings = &none,
                                 .environment = &environment };
        BakeSpec spec = { .app = &app, .content = &content, .lifetime_ms = 3600000 };

        return bake_image(&job->work, &spec, ret, err);
}

static bool bake_on_spot(FakeJob *job, Lab *lab, BakedImage *ret, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 }, environment = { 0 };
        Ec2App app = demo_app(lab, &subnets);
        const FeatureSettings none = { 0 };
        ImageContent content = { .settings = &none, .environment = &environment };
        BakeSpec spec = { .app = &app, .content = &content, .spot = true, .lifetime_ms = 3600000 };

        return bake_image(&job->work, &spec, ret, err);
}

static bool create(FakeJob *job, Lab *lab, Ec2Instance *ret, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        Ec2App app = demo_app(lab, &subnets);
        CreateSpec spec = { .app = &app };

        return create_instance(&job->work, &spec, ret, err);
}

/* What carries the job's tag. */
static void check_left(const FakeJob *job, Lab *lab, size_t instance_count, size_t image_count) {
        AwsSession session = { .aws = lab->aws, .deadline = deadline_after_ms(20000) };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 }, living = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances instances = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };

        ec2_filters_add_tag(&filters, "ghost:job", job->id);
        ec2_filters_add_tag(&living, "ghost:job", job->id);
        ec2_filters_add_living(&living);
        assert_ok(ec2_describe_instances(&session, &living, &instances, err));
        assert_ok(ec2_describe_own_images(&session, &filters, &images, err));
        assert_ok(ec2_describe_own_snapshots(&session, &filters, &snapshots, err));
        if (instances.count != instance_count || images.count != image_count || snapshots.count > image_count)
                fail_msg(
                        "%zu instances, %zu images, %zu snapshots left; log:\n%s", instances.count,
                        images.count, snapshots.count, job->log.data);
}

/* The lab without faults, or the test is skipped. */
#define LAB(state)                                                                                           \
        Lab *lab = *(state);                                                                                 \
        if (!lab->sandbox)                                                                                   \
                skip();                                                                                      \
        sandbox_fault(lab->sandbox, NULL)

static void baking_leaves_an_image_and_nothing_else(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        job_start(&job, lab, "aaaaaaaaaaaaaaaaaaaaaaa1");
        assert_ok(bake(&job, lab, &image, err));
        assert_true(text_starts_with(image.name, "ami.dev.eu-west-1.webfront.demo.20"));
        assert_true(text_ends_with(image.name, "-aaaaaaa1"));
        assert_int_equal(job.scripts, 1);
        check_left(&job, lab, 0, 1);
}

static void lost_answers_make_no_orphans(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        sandbox_fault(lab->sandbox, "{\"action\":\"RunInstances\",\"when\":\"reset\",\"nth\":1,\"count\":1}");
        sandbox_fault(lab->sandbox, "{\"action\":\"CreateImage\",\"when\":\"reset\",\"nth\":1,\"count\":1}");
        sandbox_fault(
                lab->sandbox, "{\"action\":\"DescribeInstances\",\"error\":\"RequestLimitExceeded\","
                              "\"status\":503,\"count\":2}");
        job_start(&job, lab, "aaaaaaaaaaaaaaaaaaaaaaa2");
        assert_ok(bake(&job, lab, &image, err));
        check_left(&job, lab, 0, 1);
}

static void a_spot_builder_is_not_stopped(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa1");
        assert_ok(bake_on_spot(&job, lab, &image, err));
        assert_has(job.log.data, "Launched Spot instance i-");
        assert_has_not(job.log.data, " is stopping");
        check_left(&job, lab, 0, 1);
}

static void without_spot_capacity_a_builder_is_on_demand(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        sandbox_fault(
                lab->sandbox, "{\"action\":\"RunInstances\",\"error\":\"InsufficientInstanceCapacity\","
                              "\"status\":500,\"nth\":1,\"count\":1}");
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa2");
        assert_ok(bake_on_spot(&job, lab, &image, err));
        assert_has(job.log.data, "No Spot instance: ");
        assert_has(job.log.data, "; launching on demand\nLaunched instance i-");
        check_left(&job, lab, 0, 1);
}

static void a_spot_builder_that_is_taken_away_is_followed_by_one_on_demand(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        sandbox_fault(
                lab->sandbox, "{\"when\":\"launch-fails\",\"error\":\"Server.SpotInstanceTermination\","
                              "\"message\":\"taken\"}");
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa3");
        assert_ok(bake_on_spot(&job, lab, &image, err));
        assert_has(job.log.data, "AWS took the Spot instance i-");
        assert_has(job.log.data, "Launched Spot instance i-");
        assert_has(job.log.data, "Launched instance i-");
        check_left(&job, lab, 0, 1);
}

static void a_builder_on_demand_that_dies_is_not_followed(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        BakedImage image;

        sandbox_fault(
                lab->sandbox, "{\"when\":\"launch-fails\",\"error\":\"Client.VolumeLimitExceeded\","
                              "\"message\":\"no more\"}");
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa4");
        assert_false(bake_on_spot(&job, lab, &image, &error));
        assert_has(error_message(error), "Client.VolumeLimitExceeded");
        check_left(&job, lab, 0, 0);
}

static void an_image_that_gets_no_further_is_given_up(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        BakedImage image;

        sandbox_fault(lab->sandbox, "{\"when\":\"stuck-image\"}");
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa5");
        job.work.image_stall_ms = 3000;
        assert_false(bake(&job, lab, &image, &error));
        assert_int_equal(error_kind(error), ERROR_TIMEOUT);
        assert_has(error_message(error), "no progress for 0 min");
        check_left(&job, lab, 0, 0);
}

/* One element of the only answer of a describe action, by a filter. */
static char *described(
        Lab *lab, const char *action, const char *filter, const char *value, const char *path) {
        AwsSession session = { .aws = lab->aws, .deadline = deadline_after_ms(20000) };
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;

        form_add(&form, filter, "Filter.1.Name");
        form_add(&form, value, "Filter.1.Value.1");
        assert_ok(aws_call(&session, &aws_ec2, action, &form, &answer, err));
        return xml_text_copy(answer, path);
}

static void an_image_has_the_volumes_that_its_builder_had_not(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        Ec2App app = demo_app(lab, &subnets);
        const Ec2BlockDevice first = { .name = "/dev/xvdb", .type = "gp2", .size_gib = 3 },
                             second = { .name = "/dev/xvdc", .type = "gp2", .size_gib = 5 };
        const FeatureSettings none = { 0 };
        ImageContent content = { .settings = &none };
        BakeSpec spec = { .app = &app,
                          .content = &content,
                          .more_volumes = &second,
                          .more_volume_count = 1,
                          .lifetime_ms = 3600000 };

        app.volumes = &first;
        app.volume_count = 1;
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa6");
        assert_ok(bake_image(&job.work, &spec, &image, err));

        CLEANUP(free)
        char *encrypted = described(
                lab, "DescribeImages", "image-id", image.id,
                "imagesSet/item/blockDeviceMapping/item/ebs/encrypted");
        assert_string_equal(encrypted, "true");
        AwsSession session = { .aws = lab->aws, .deadline = deadline_after_ms(20000) };
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        CLEANUP(text_clear) Text seen = { 0 };
        form_add(&form, image.id, "ImageId.1");
        assert_ok(aws_call(&session, &aws_ec2, "DescribeImages", &form, &answer, err));
        const Xml *devices = xml_find(answer, "imagesSet/item/blockDeviceMapping");
        for (const Xml *one = xml_first(devices, "item"); one; one = xml_next(one, "item"))
                text_appendf(
                        &seen, "%s %s %s\n", xml_text(one, "deviceName"), xml_text(one, "ebs/volumeSize"),
                        xml_text(one, "ebs/snapshotId") ? "of a snapshot" : "empty");
        assert_has(seen.data, "/dev/xvdb 3 of a snapshot\n");
        assert_has(seen.data, "/dev/xvdc 5 empty\n");
}

static void a_snapshot_that_came_without_tags_gets_them(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { .untags = true };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa7");
        assert_ok(bake(&job, lab, &image, err));
        assert_has(job.log.data, "Tagging snapshot snap-");
        CLEANUP(free)
        char *again =
                described(lab, "DescribeSnapshots", "tag:ghost:job", job.id, "snapshotSet/item/snapshotId");
        assert_true(text_starts_with(again, "snap-"));
}

static void a_volume_that_stayed_behind_is_deleted(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        AwsSession session = { .aws = lab->aws, .deadline = deadline_after_ms(20000) };
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(xml_free) Xml *answer = NULL;
        static const char *const kinds[] = { "instance", "volume" };

        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaaa8");
        form_add(&form, sandbox_value(lab->sandbox, "base_image_id"), "ImageId");
        form_add(&form, "t3.micro", "InstanceType");
        form_add(&form, "1", "MinCount");
        form_add(&form, "1", "MaxCount");
        form_add(&form, "/dev/xvdb", "BlockDeviceMapping.1.DeviceName");
        form_add(&form, "1", "BlockDeviceMapping.1.Ebs.VolumeSize");
        form_add(&form, "false", "BlockDeviceMapping.1.Ebs.DeleteOnTermination");
        for (int i = 0; i < 2; i++) {
                form_add(&form, kinds[i], "TagSpecification.%d.ResourceType", i + 1);
                form_add(&form, "ghost:job", "TagSpecification.%d.Tag.1.Key", i + 1);
                form_add(&form, job.id, "TagSpecification.%d.Tag.1.Value", i + 1);
        }
        assert_ok(aws_call(&session, &aws_ec2, "RunInstances", &form, &answer, err));
        assert_ok(discard_job(&job.work, true, NULL, err));
        CLEANUP(free)
        char *left = described(lab, "DescribeVolumes", "tag:ghost:job", job.id, "volumeSet/item/volumeId");
        assert_string_equal(left, "");
        assert_has(job.log.data, "Deleting volume vol-");
}

static void a_failing_script_leaves_nothing(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { .agent_fails = true };
        BakedImage image;

        job_start(&job, lab, "aaaaaaaaaaaaaaaaaaaaaaa3");
        assert_fails(
                ERROR_INVALID, "pre_buildimage: pre_buildimage exited with code 3",
                bake(&job, lab, &image, err));
        check_left(&job, lab, 0, 0);
}

static void a_cancelled_bake_leaves_nothing_wherever_it_was(void **state) {
        LAB(state);

        for (int at = 1; at < 40; at++) {
                CLEANUP(job_clear) FakeJob job = { .end_at = at };
                CLEANUP(baked_image_clear) BakedImage image = { 0 };
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(free) char *id = xasprintf("bbbbbbbbbbbbbbbbbbbbbb%02d", at);

                job_start(&job, lab, id);
                if (bake(&job, lab, &image, &error)) {
                        assert_true(at > 8);
                        return;
                }
                assert_int_equal(error_kind(error), ERROR_CANCELLED);
                check_left(&job, lab, 0, 0);
        }
        fail_msg("the bake never came to its end");
}

static void a_bake_survives_the_death_of_the_controller_anywhere(void **state) {
        LAB(state);

        for (int at = 1; at < 40; at++) {
                CLEANUP(job_clear) FakeJob job = { .end_at = at, .by_death = true };
                CLEANUP(baked_image_clear) BakedImage first = { 0 }, image = { 0 };
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(free) char *id = xasprintf("cccccccccccccccccccccc%02d", at);

                job_start(&job, lab, id);
                if (bake(&job, lab, &first, &error)) {
                        assert_true(at > 8);
                        return;
                }
                job.end_at = 0;
                job_start(&job, lab, id);
                assert_ok(bake(&job, lab, &image, err));
                check_left(&job, lab, 0, 1);
        }
        fail_msg("the bake never came to its end");
}

static void creating_survives_death_and_makes_one(void **state) {
        LAB(state);

        for (int at = 1; at < 20; at++) {
                CLEANUP(job_clear) FakeJob job = { .end_at = at, .by_death = true };
                CLEANUP(ec2_instance_clear) Ec2Instance first = { 0 }, instance = { 0 };
                CLEANUP(error_free) Error *error = NULL;
                CLEANUP(free) char *id = xasprintf("dddddddddddddddddddddd%02d", at);

                job_start(&job, lab, id);
                if (create(&job, lab, &first, &error)) {
                        assert_true(at > 4);
                        check_left(&job, lab, 1, 0);
                        return;
                }
                job.end_at = 0;
                job_start(&job, lab, id);
                assert_ok(create(&job, lab, &instance, err));
                assert_int_equal(instance.state, EC2_RUNNING);
                check_left(&job, lab, 1, 0);
        }
        fail_msg("the creation never came to its end");
}

/* Once, with the instance and the reason. */
static void assert_told(const FakeJob *job, const char *reason) {
        CLEANUP(free) char *end = xasprintf(": %s\n", reason);

        assert_non_null(job->failures.data);
        assert_true(text_starts_with(job->failures.data, "i-"));
        assert_non_null(strstr(job->failures.data, end));
        assert_ptr_equal(strchr(job->failures.data, '\n') + 1, job->failures.data + job->failures.length);
}

static void a_failed_bootstrap_ends_the_instance(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { .agent_fails = true };
        CLEANUP(error_free) Error *error = NULL;
        Ec2Instance instance;

        job_start(&job, lab, "eeeeeeeeeeeeeeeeeeeeeee1");
        assert_false(create(&job, lab, &instance, &error));
        assert_true(text_ends_with(error_message(error), ": hook exited with code 3"));
        assert_told(&job, error_message(error));
        check_left(&job, lab, 0, 0);
}

static void an_instance_that_dies_while_it_boots_is_not_waited_for(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { .dies = true };
        CLEANUP(error_free) Error *error = NULL;
        Deadline soon = deadline_after_ms(8000);
        Ec2Instance instance;

        job_start(&job, lab, "eeeeeeeeeeeeeeeeeeeeeee4");
        assert_false(create(&job, lab, &instance, &error));
        assert_non_null(strstr(error_message(error), " before its agent came"));
        assert_int_equal(error_kind(error), ERROR_UNAVAILABLE);
        assert_false(deadline_passed(soon)); /* boot_timeout_ms is 10 s */
        assert_told(&job, error_message(error));
        check_left(&job, lab, 0, 0);
}

#define STATUS(system, events)                                                                               \
        "<DescribeInstanceStatusResponse><instanceStatusSet><item><instanceId>i-1</instanceId>"              \
        "<systemStatus><status>" system "</status></systemStatus><instanceStatus><status>ok</status>"        \
        "</instanceStatus><eventsSet>" events "</eventsSet></item></instanceStatusSet>"                      \
        "</DescribeInstanceStatusResponse>"
#define EVENT(text) "<item><code>instance-retirement</code><description>" text "</description></item>"

/* Creates one whose agent never comes, of which EC2 says so; the error tells what. */
static void check_status(void **state, const char *id, const char *answer, int count, const char *expected) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { .silent = true };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free)
        char *rule = xasprintf(
                "{\"action\":\"DescribeInstanceStatus\",\"when\":\"garbage\",\"status\":200,\"count\":%d,"
                "\"body\":\"%s\"}",
                count, answer);
        Ec2Instance instance;

        sandbox_fault(lab->sandbox, rule);
        job_start(&job, lab, id);
        job.work.boot_timeout_ms = 3000;
        assert_false(create(&job, lab, &instance, &error));
        sandbox_fault(lab->sandbox, NULL);
        assert_has(error_message(error), expected);
        check_left(&job, lab, 0, 0);
}

static void an_instance_that_ec2_finds_ill_is_not_waited_for(void **state) {
        check_status(
                state, "eeeeeeeeeeeeeeeeeeeeeee5", STATUS("impaired", ""), 0,
                ": it did not come, and EC2's status checks fail: system impaired, instance ok, volumes "
                "unknown");
        check_status(
                state, "eeeeeeeeeeeeeeeeeeeeeee6", STATUS("ok", EVENT("The host is degraded")), 0,
                ": it did not come, and EC2 is going to retire it: The host is degraded");
        /* What is over, or was found once only, is no reason. */
        check_status(
                state, "eeeeeeeeeeeeeeeeeeeeeee7", STATUS("ok", EVENT("[Completed] The host is degraded")), 0,
                ": it never came");
        check_status(state, "eeeeeeeeeeeeeeeeeeeeeee8", STATUS("impaired", ""), 1, ": it never came");
}

static void an_instance_that_stays_pending_is_not_waited_for(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        Ec2Instance instance;

        sandbox_fault(lab->sandbox, "{\"when\":\"stuck-pending\"}");
        job_start(&job, lab, "eeeeeeeeeeeeeeeeeeeeeee9");
        job.work.boot_timeout_ms = 1500;
        assert_false(create(&job, lab, &instance, &error));
        assert_int_equal(error_kind(error), ERROR_TIMEOUT);
        assert_has(error_message(error), "to be running, it is pending: ");
        check_left(&job, lab, 0, 0);
}

static void a_builder_that_does_not_stop_is_forced(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(baked_image_clear) BakedImage image = { 0 };

        sandbox_fault(lab->sandbox, "{\"when\":\"stuck-stopping\"}");
        job_start(&job, lab, "abaaaaaaaaaaaaaaaaaaaac1");
        job.work.stop_patience_ms = 1500;
        assert_ok(bake(&job, lab, &image, err));
        assert_has(job.log.data, " does not stop, forcing it");
}

static void a_full_subnet_is_followed_by_the_next(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        Ec2App app = demo_app(lab, &subnets);

        string_list_add(&subnets, sandbox_value(lab->sandbox, "subnet_ids.0"));
        sandbox_fault(
                lab->sandbox,
                "{\"action\":\"RunInstances\",\"error\":\"InsufficientInstanceCapacity\",\"status\":500,"
                "\"nth\":1,\"count\":1}");
        job_start(&job, lab, "eeeeeeeeeeeeeeeeeeeeeee2");
        assert_ok(create_instance(&job.work, &(CreateSpec){ .app = &app }, &instance, err));
        assert_non_null(strstr(job.log.data, "No room in subnet-"));
        assert_true(text_ends_with(instance.client_token, "-2"));
        check_left(&job, lab, 1, 0);
}

static void all_instances_of_an_application_are_found_and_no_others(void **state) {
        LAB(state);
        CLEANUP(job_clear) FakeJob job = { 0 };
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances mine = { 0 }, others = { 0 };
        Ec2App app = demo_app(lab, &subnets), twin = app, wild = app;

        twin.id = "ffffffffffffffffffffffff"; /* same name, env and role */
        wild.name = "dem*";
        job_start(&job, lab, "eeeeeeeeeeeeeeeeeeeeeee3");
        assert_ok(find_app_instances(&job.work, &app, &mine, err));
        assert_true(mine.count >= 2);
        assert_ok(find_app_instances(&job.work, &twin, &others, err));
        assert_int_equal(others.count, 0);
        ec2_instances_clear(&others);
        assert_ok(find_app_instances(&job.work, &wild, &others, err));
        assert_int_equal(others.count, 0);
        wild.name = "";
        assert_fails(
                ERROR_INVALID, "an application without name, env, role or id has no instances",
                find_app_instances(&job.work, &wild, &others, err));

        CLEANUP(string_list_clear) StringList ids = { 0 };
        for (size_t i = 0; i < mine.count; i++)
                string_list_add(&ids, mine.items[i].id);
        assert_ok(discard_instances(&job.work, &ids, err));
        ec2_instances_clear(&mine);
        assert_ok(find_app_instances(&job.work, &app, &mine, err));
        assert_int_equal(mine.count, 0);
}

static int start_lab(void **state) {
        static const char *const environment[] = { "HOME=/nonexistent", NULL };
        CLEANUP(error_free) Error *error = NULL;
        Lab *lab = xcalloc(1, sizeof(*lab));

        *state = lab;
        lab->sandbox = sandbox_start();
        if (!lab->sandbox)
                return 0;
        AwsOptions options = { .region = sandbox_value(lab->sandbox, "region"),
                               .endpoint_url = sandbox_value(lab->sandbox, "endpoint"),
                               .access_key_id = sandbox_value(lab->sandbox, "access_key"),
                               .secret_access_key = sandbox_value(lab->sandbox, "secret_key"),
                               .poll_interval_ms = 20,
                               .retry_base_ms = 10,
                               .environment = environment };
        lab->aws = aws_new(&options, &error);
        return lab->aws ? 0 : -1;
}

static int stop_lab(void **state) {
        Lab *lab = *state;

        if (lab->sandbox)
                sandbox_stop(lab->sandbox);
        aws_free(lab->aws);
        free(lab);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(baking_leaves_an_image_and_nothing_else),
                cmocka_unit_test(lost_answers_make_no_orphans),
                cmocka_unit_test(a_spot_builder_is_not_stopped),
                cmocka_unit_test(without_spot_capacity_a_builder_is_on_demand),
                cmocka_unit_test(a_spot_builder_that_is_taken_away_is_followed_by_one_on_demand),
                cmocka_unit_test(a_builder_on_demand_that_dies_is_not_followed),
                cmocka_unit_test(an_image_that_gets_no_further_is_given_up),
                cmocka_unit_test(an_image_has_the_volumes_that_its_builder_had_not),
                cmocka_unit_test(a_snapshot_that_came_without_tags_gets_them),
                cmocka_unit_test(a_volume_that_stayed_behind_is_deleted),
                cmocka_unit_test(a_failing_script_leaves_nothing),
                cmocka_unit_test(a_cancelled_bake_leaves_nothing_wherever_it_was),
                cmocka_unit_test(a_bake_survives_the_death_of_the_controller_anywhere),
                cmocka_unit_test(creating_survives_death_and_makes_one),
                cmocka_unit_test(a_failed_bootstrap_ends_the_instance),
                cmocka_unit_test(an_instance_that_dies_while_it_boots_is_not_waited_for),
                cmocka_unit_test(an_instance_that_ec2_finds_ill_is_not_waited_for),
                cmocka_unit_test(an_instance_that_stays_pending_is_not_waited_for),
                cmocka_unit_test(a_builder_that_does_not_stop_is_forced),
                cmocka_unit_test(a_full_subnet_is_followed_by_the_next),
                cmocka_unit_test(all_instances_of_an_application_are_found_and_no_others),
        };
        return cmocka_run_group_tests(tests, start_lab, stop_lab);
}

/* What stays of an application's images and what goes, against answers that are written here. */
#include "harness/aws_case.h"
#include "harness/work_case.h"
#include "jobs/steps/image_retention.h"

#define IMAGE(id, date)                                                                                      \
        "<item><imageId>" id "</imageId><name>name-of-" id "</name><imageState>available</imageState>"       \
        "<creationDate>" date "</creationDate><blockDeviceMapping><item><ebs><snapshotId>snap-" id           \
        "</snapshotId></ebs></item></blockDeviceMapping></item>"
#define IMAGES                                                                                               \
        "<AnyResponse><imagesSet>" IMAGE("ami-2", "2026-02-01T00:00:00.000Z")                                \
                IMAGE("ami-5", "2026-05-01T00:00:00.000Z") IMAGE("ami-1", "2026-01-01T00:00:00.000Z")        \
                        IMAGE("ami-4", "2026-04-01T00:00:00.000Z")                                           \
                                IMAGE("ami-3", "2026-03-01T00:00:00.000Z") "</imagesSet></AnyResponse>"
#define NO_GROUPS "<AnyResponse><DescribeAutoScalingGroupsResult/></AnyResponse>"
/* What templates, groups and instances answer. */
#define NOBODY_USES_ONE                                                                                      \
        { 200, .body = "<AnyResponse><launchTemplateVersionSet/></AnyResponse>" },                           \
                { 200, .body = NO_GROUPS }, {                                                                \
                200, .body = "<AnyResponse><reservationSet/></AnyResponse>"                                  \
        }
#define DONE "<AnyResponse><return>true</return></AnyResponse>"

static const Ec2App app = { .id = "0123456789abcdef01234567", .name = "demo", .env = "dev", .role = "web" };

static void the_newest_and_the_used_stay(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGES },
                { 200, .body = "<AnyResponse><launchTemplateVersionSet><item><launchTemplateData><imageId>"
                               "ami-3</imageId>"
                               "</launchTemplateData></item></launchTemplateVersionSet></AnyResponse>" },
                { 200, .body = NO_GROUPS },
                { 200, .body = "<AnyResponse><reservationSet><item><instancesSet><item><instanceId>i-1</"
                               "instanceId>"
                               "<imageId>ami-2</imageId></item></instancesSet></item></reservationSet></"
                               "AnyResponse>" },
                { 200, .body = DONE },
                { 400, .body = AWS_CASE_ERROR("InvalidSnapshot.InUse", "a moment") },
                { 200, .body = DONE },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_ok(image_retention_apply(&test.work, &(RetentionSpec){ .app = &app, .keep = 2 }, err));
        assert_int_equal(scripted_http_request_count(cloud.server), 7);
        assert_has(scripted_http_request(cloud.server, 0), "Filter.1.Name=tag%3Aapp_id");
        assert_has(scripted_http_request(cloud.server, 0), "Owner.1=self");
        /* Whether the newest ones run somewhere is not asked. */
        assert_has(scripted_http_request(cloud.server, 3), "Filter.1.Value.1=ami-3");
        assert_has(scripted_http_request(cloud.server, 4), "Action=DeregisterImage");
        assert_has(scripted_http_request(cloud.server, 4), "ImageId=ami-1");
        assert_has(scripted_http_request(cloud.server, 6), "SnapshotId=snap-ami-1");
        assert_string_equal(
                test.log.data, "Keeping image ami-3 (name-of-ami-3), which is in use\n"
                               "Keeping image ami-2 (name-of-ami-2), which is in use\n"
                               "Deregistering image ami-1 (name-of-ami-1)\n");
}

static void what_an_application_names_stays(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGES },
                NOBODY_USES_ONE,
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(string_list_clear) StringList recorded = { 0 };
        const RetentionSpec spec = { .app = &app, .keep = 4, .recorded = &recorded };

        (void) state;
        work_case_start(&test, &cloud.session);
        string_list_add(&recorded, "ami-1");
        assert_ok(image_retention_apply(&test.work, &spec, err));
        assert_int_equal(scripted_http_request_count(cloud.server), 4);
        assert_string_equal(test.log.data, "Keeping image ami-1 (name-of-ami-1), which is in use\n");
}

#define TWINS                                                                                                \
        "<AnyResponse><imagesSet>" IMAGE("ami-7", "2026-07-01T00:00:00.000Z")                                \
                IMAGE("ami-8", "2026-07-01T00:00:00.000Z") "</imagesSet></AnyResponse>"

static void what_was_just_made_is_newer_than_one_of_the_same_second(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = TWINS },
                NOBODY_USES_ONE,
                { 200, .body = DONE },
                { 200, .body = DONE },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(string_list_clear) StringList recorded = { 0 };
        const RetentionSpec spec = { .app = &app, .made = "ami-8", .keep = 1, .recorded = &recorded };

        (void) state;
        work_case_start(&test, &cloud.session);
        string_list_add(&recorded, "ami-8");
        assert_ok(image_retention_apply(&test.work, &spec, err));
        assert_string_equal(test.log.data, "Deregistering image ami-7 (name-of-ami-7)\n");
}

static void few_images_are_left_alone(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = IMAGES } };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_ok(image_retention_apply(&test.work, &(RetentionSpec){ .app = &app, .keep = 5 }, err));
        assert_int_equal(scripted_http_request_count(cloud.server), 1);
}

static void nothing_goes_when_users_are_unknown(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGES },
                { 403, .body = AWS_CASE_ERROR("UnauthorizedOperation", "you may not look") },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_false(image_retention_apply(&test.work, &(RetentionSpec){ .app = &app, .keep = 1 }, &error));
        assert_true(text_starts_with(error_message(error), "which images are in use: "));
        assert_int_equal(scripted_http_request_count(cloud.server), 2);
}

#define ONE_IMAGE                                                                                            \
        "<AnyResponse><imagesSet>" IMAGE("ami-5", "2026-05-01T00:00:00.000Z") "</imagesSet></AnyResponse>"

static void what_a_killed_controller_left_of_an_image_goes(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGES },
                NOBODY_USES_ONE,
                { 200, .body = DONE },
                { 403, .body = AWS_CASE_ERROR("UnauthorizedOperation", "the end of the first run") },
                { 200, .body = ONE_IMAGE },
                { 200, .body = DONE },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(error_free) Error *error = NULL;
        const RetentionSpec spec = { .app = &app, .keep = 1 };

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_false(image_retention_apply(&test.work, &spec, &error));
        assert_has(scripted_http_request(cloud.server, 5), "SnapshotId=snap-ami-4");
        assert_ok(image_retention_apply(&test.work, &spec, err));
        assert_int_equal(scripted_http_request_count(cloud.server), 8);
        assert_has(scripted_http_request(cloud.server, 7), "Action=DeleteSnapshot");
        assert_has(scripted_http_request(cloud.server, 7), "SnapshotId=snap-ami-4");
}

/* It died before it was done: whether it goes is asked again. */
static void an_image_that_did_not_go_is_judged_again(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGES },
                NOBODY_USES_ONE,
                { 403, .body = AWS_CASE_ERROR("UnauthorizedOperation", "the end of the first run") },
                { 200, .body = IMAGES },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(work_case_clear) WorkCase test;
        CLEANUP(error_free) Error *error = NULL;

        (void) state;
        work_case_start(&test, &cloud.session);
        assert_false(image_retention_apply(&test.work, &(RetentionSpec){ .app = &app, .keep = 1 }, &error));
        assert_ok(image_retention_apply(&test.work, &(RetentionSpec){ .app = &app, .keep = 5 }, err));
        assert_int_equal(scripted_http_request_count(cloud.server), 6);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_newest_and_the_used_stay),
                cmocka_unit_test(what_an_application_names_stays),
                cmocka_unit_test(what_was_just_made_is_newer_than_one_of_the_same_second),
                cmocka_unit_test(few_images_are_left_alone),
                cmocka_unit_test(nothing_goes_when_users_are_unknown),
                cmocka_unit_test(what_a_killed_controller_left_of_an_image_goes),
                cmocka_unit_test(an_image_that_did_not_go_is_judged_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is past its deadline is removed, nothing else; what AWS refuses is said. */
#include "harness/aws_case.h"
#include "harness/sandbox_session.h"

#include <stdlib.h>
#include <string.h>

#include "aws/ec2_wait.h"
#include "base/clock.h"
#include "base/memory.h"
#include "harness/text_assertions.h"
#include "janitor/sweep.h"

static const char *const past[] = {
        "ghost:purpose", "bake", "ghost:deadline", "1000", "ghost:job", "j1", NULL
};
static const char *const future[] = { "ghost:purpose", "bake", "ghost:deadline", "4000000000", NULL };
static const char *const unreadable[] = { "ghost:purpose", "bake", "ghost:deadline", "soon", NULL };
static const char *const others[] = { "ghost:purpose", "instance", "ghost:deadline", "1000", NULL };
static const char *const none[] = { "Name", "somebody's", NULL };

static int64_t now_s(void) {
        return clock_now_us() / 1000000;
}

static void only_what_is_past_its_deadline_goes(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        CLEANUP(free) char *orphan = sandbox_case_launch(&test, "a", past);
        CLEANUP(free) char *working = sandbox_case_launch(&test, "b", future);
        CLEANUP(free) char *unclear = sandbox_case_launch(&test, "c", unreadable);
        CLEANUP(free) char *instance = sandbox_case_launch(&test, "d", others);
        CLEANUP(free) char *foreign = sandbox_case_launch(&test, "e", none);
        CLEANUP(sweep_clear) Sweep sweep = { .session = &test.session, .now_s = now_s() };

        assert_ok(ec2_wait_instance(
                &test.session, foreign, EC2_RUNNING, &(Ec2Wait){ .progress = NULL }, NULL, err));
        sweep_run(&sweep);
        assert_int_equal(sweep.removed, 1);
        assert_int_equal(sweep.left, 0);
        assert_null(sweep.trouble);
        assert_ok(ec2_wait_instance(
                &test.session, orphan, EC2_TERMINATED, &(Ec2Wait){ .progress = NULL }, NULL, err));
        const char *kept[] = { working, unclear, instance, foreign };
        for (size_t i = 0; i < 4; i++)
                assert_int_equal(sandbox_case_state(&test, kept[i]), EC2_RUNNING);
}

static void an_image_goes_with_its_snapshots(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_images_clear) Ec2Images images = { 0 };
        CLEANUP(ec2_snapshots_clear) Ec2Snapshots snapshots = { 0 };
        CLEANUP(free) char *image = NULL;

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        CLEANUP(free) char *builder = sandbox_case_launch(&test, "a", none);
        assert_ok(ec2_wait_instance(
                &test.session, builder, EC2_RUNNING, &(Ec2Wait){ .progress = NULL }, NULL, err));
        for (const char *const *tag = past; *tag; tag += 2)
                ec2_tags_add(&tags, tag[0], tag[1]);
        const Ec2ImageSpec spec = { .instance_id = builder, .name = "left behind", .tags = &tags };
        assert_ok(ec2_create_image(&test.session, &spec, &image, err));

        ec2_filters_add(&filters, "tag-key", "ghost:deadline");
        for (int round = 0; round < 5; round++) {
                CLEANUP(sweep_clear) Sweep sweep = { .session = &test.session, .now_s = now_s() };
                sweep_run(&sweep);
        }
        assert_ok(ec2_describe_own_images(&test.session, &filters, &images, err));
        assert_int_equal(images.count, 0);
        assert_ok(ec2_describe_own_snapshots(&test.session, &filters, &snapshots, err));
        assert_int_equal(snapshots.count, 0);
}

#define LEFT(kind)                                                                                           \
        "<AnyResponse><" kind "Set><item><" kind "Id>left</" kind "Id><status>available</status><tagSet>"    \
        "<item><key>ghost:deadline</key><value>1000</value></item></tagSet></item><item><" kind              \
        "Id>wanted</" kind "Id><status>available</status><tagSet><item><key>ghost:deadline</key>"            \
        "<value>4000000000</value></item></tagSet></item></" kind "Set></AnyResponse>"

static void volumes_and_network_interfaces_that_stayed_go_too(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = "<AnyResponse/>" },
                { 200, .body = "<AnyResponse/>" },
                { 200, .body = "<AnyResponse/>" },
                { 200, .body = LEFT("volume") },
                { 200, .body = "<AnyResponse><return>true</return></AnyResponse>" },
                { 200, .body = LEFT("networkInterface") },
                { 400, .body = AWS_CASE_ERROR("InvalidNetworkInterface.InUse", "by somebody") },
        };
        CLEANUP(aws_case_clear) AwsCase cloud = AWS_CASE(replies);
        CLEANUP(sweep_clear) Sweep sweep = { .session = &cloud.session, .now_s = now_s() };

        (void) state;
        sweep_run(&sweep);
        assert_int_equal(scripted_http_request_count(cloud.server), 7);
        assert_sent(&cloud, 3, "Action", "DescribeVolumes");
        assert_sent(&cloud, 3, "Filter.3.Name", "status");
        assert_sent(&cloud, 3, "Filter.3.Value.1", "available");
        assert_sent(&cloud, 4, "Action", "DeleteVolume");
        assert_sent(&cloud, 4, "VolumeId", "left");
        assert_sent(&cloud, 6, "Action", "DeleteNetworkInterface");
        assert_sent(&cloud, 6, "NetworkInterfaceId", "left");
        assert_int_equal(sweep.removed, 1);
        assert_int_equal(sweep.left, 1);
        assert_has(sweep.trouble, "InvalidNetworkInterface.InUse");
}

static void a_refusal_is_said_and_tried_again(void **state) {
        CLEANUP(sandbox_case_clear) SandboxCase test = { 0 };

        (void) state;
        if (!sandbox_case_open(&test))
                skip();
        CLEANUP(free) char *orphan = sandbox_case_launch(&test, "a", past);
        CLEANUP(sweep_clear) Sweep refused = { .session = &test.session, .now_s = now_s() };
        CLEANUP(sweep_clear) Sweep again = { .session = &test.session, .now_s = now_s() };

        sandbox_fault(
                test.sandbox, "{\"action\": \"TerminateInstances\", \"error\": \"UnauthorizedOperation\", "
                              "\"status\": 403}");
        sweep_run(&refused);
        assert_int_equal(refused.removed, 0);
        assert_int_equal(refused.left, 1);
        assert_has(refused.trouble, "TerminateInstances");
        assert_has(refused.trouble, "UnauthorizedOperation");

        sweep_run(&again);
        assert_int_equal(again.removed, 1);
        assert_ok(ec2_wait_instance(
                &test.session, orphan, EC2_TERMINATED, &(Ec2Wait){ .progress = NULL }, NULL, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_what_is_past_its_deadline_goes),
                cmocka_unit_test(an_image_goes_with_its_snapshots),
                cmocka_unit_test(volumes_and_network_interfaces_that_stayed_go_too),
                cmocka_unit_test(a_refusal_is_said_and_tried_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

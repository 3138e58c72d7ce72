/* Waits against answers that contradict each other: AWS's views of one thing differ for a while. */
#include "harness/ghost_test.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "harness/scripted_http.h"

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
        AwsOptions options = { .region = "eu-west-1",
                               .endpoint_url = scripted_http_url(server),
                               .access_key_id = "AKIDEXAMPLE",
                               .secret_access_key = "secret",
                               .poll_interval_ms = 5,
                               .retry_base_ms = 2,
                               .environment = environment };

        assert_ok(fixture.aws = aws_new(&options, err));
        fixture.session = (AwsSession){ .aws = fixture.aws, .deadline = deadline_after_ms(20000) };
        return fixture;
}
#define START(table) start(scripted_http_start_table(table))

#define INSTANCE(id, state)                                                                                  \
        "<item><instancesSet><item><instanceId>" id "</instanceId><instanceState><name>" state               \
        "</name></instanceState></item></instancesSet></item>"
#define SHOWN(items) "<AnyResponse><reservationSet>" items "</reservationSet></AnyResponse>"
#define IMAGE(state)                                                                                         \
        "<AnyResponse><imagesSet><item><imageId>ami-1</imageId><imageState>" state                           \
        "</imageState></item></imagesSet></AnyResponse>"
#define NO_IMAGE                                                                                             \
        "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no</Message></Error></Errors>"  \
        "</Response>"

static void one_that_is_seen_and_not_seen_is_waited_for(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = SHOWN(INSTANCE("i-1", "pending")) }, { 200, .body = SHOWN("") },
                { 200, .body = SHOWN(INSTANCE("i-1", "pending")) }, { 200, .body = SHOWN("") },
                { 200, .body = SHOWN(INSTANCE("i-1", "running")) },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_RUNNING, &(Ec2Wait){ 0 }, NULL, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 5);
}

/* It was there a moment ago, and EC2 shows what is terminated for an hour. */
static void one_that_hides_is_not_gone(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = SHOWN(INSTANCE("i-1", "shutting-down")) },
                { 200, .body = SHOWN("") },
                { 200, .body = SHOWN("") },
                { 200, .body = SHOWN(INSTANCE("i-1", "terminated")) },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_TERMINATED, &(Ec2Wait){ 0 }, NULL, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
}

static void one_that_stays_away_long_enough_is_gone(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = SHOWN(INSTANCE("i-1", "shutting-down")) },
                { 200, .body = SHOWN("") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        const Ec2Wait wait = { .visible_within_ms = 30 };

        (void) state;
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_TERMINATED, &wait, NULL, err));
}

static void an_old_state_is_not_the_end_of_a_wait(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = SHOWN(INSTANCE("i-1", "running")) },
                { 200, .body = SHOWN(INSTANCE("i-1", "stopping")) },
                { 200, .body = SHOWN(INSTANCE("i-1", "running")) },
                { 200, .body = SHOWN(INSTANCE("i-1", "stopped")) },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);

        (void) state;
        assert_ok(ec2_wait_instance(&fixture.session, "i-1", EC2_STOPPED, &(Ec2Wait){ 0 }, NULL, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 4);
}

static void an_image_that_is_seen_and_not_seen_is_waited_for(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = IMAGE("pending") },
                { 400, .body = NO_IMAGE },
                { 200, .body = IMAGE("available") },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(ec2_image_clear) Ec2Image image = { 0 };

        (void) state;
        assert_ok(ec2_wait_image(&fixture.session, "ami-1", &(Ec2Wait){ 0 }, &image, err));
        assert_string_equal(image.state, "available");
}

static void what_one_answer_lacks_the_next_may_have(void **state) {
        static const ScriptedReply replies[] = {
                { 200, .body = SHOWN(INSTANCE("i-1", "running")) },
                { 200, .body = SHOWN("") },
                { 200, .body = SHOWN(INSTANCE("i-2", "running")) },
        };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        (void) state;
        string_list_add(&ids, "i-1");
        string_list_add(&ids, "i-2");
        assert_ok(ec2_seek_instances(&fixture.session, &ids, &found, err));
        assert_int_equal(found.count, 2);
        assert_int_equal(scripted_http_request_count(fixture.server), 3);
}

static void what_several_answers_lack_is_missing(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = SHOWN("") } };
        CLEANUP(fixture_clear) Fixture fixture = START(replies);
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        (void) state;
        assert_ok(ec2_seek_instances(&fixture.session, &ids, &found, err));
        assert_int_equal(scripted_http_request_count(fixture.server), 0); /* of nothing, nothing is asked */
        string_list_add(&ids, "i-1");
        assert_ok(ec2_seek_instances(&fixture.session, &ids, &found, err));
        assert_int_equal(found.count, 0);
        assert_int_equal(scripted_http_request_count(fixture.server), 3);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_is_seen_and_not_seen_is_waited_for),
                cmocka_unit_test(one_that_hides_is_not_gone),
                cmocka_unit_test(one_that_stays_away_long_enough_is_gone),
                cmocka_unit_test(an_old_state_is_not_the_end_of_a_wait),
                cmocka_unit_test(an_image_that_is_seen_and_not_seen_is_waited_for),
                cmocka_unit_test(what_one_answer_lacks_the_next_may_have),
                cmocka_unit_test(what_several_answers_lack_is_missing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

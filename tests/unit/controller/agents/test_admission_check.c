/* One thing at a time is not as it has to be. */
#include "harness/ghost_test.h"
#include "harness/json_text.h"

#include "agents/admission_check.h"
#include "base/clock.h"

static const int64_t minute_us = INT64_C(60) * 1000 * 1000;

typedef struct Fixture {
        Document *app;
        InstanceIdentity identity;
        Ec2Instance instance;
        Ec2Instances instances;
        AsgInstance member;
        AsgInstances members;
        AdmissionCase one;
} Fixture;

static void set_up(Fixture *fixture, Ec2Tags *tags) {
        int64_t launch_us = 0;

        assert_true(clock_parse_iso("2026-11-23T12:00:00Z", &launch_us));
        ec2_tags_add(tags, "app", "shop");
        ec2_tags_add(tags, "env", "prod");
        ec2_tags_add(tags, "role", "web");
        *fixture = (Fixture){
                .app = json_of("{'_id':'a1','name':'shop','env':'prod','role':'web','autoscale':{'name':'"
                               "shop-group'}}"),
                .identity = { .account_id = (char *) "123456789012",
                              .instance_id = (char *) "i-1",
                              .image_id = (char *) "ami-1",
                              .private_ip = (char *) "10.0.0.7",
                              .pending_us = launch_us },
                .instance = { .id = (char *) "i-1",
                              .image_id = (char *) "ami-1",
                              .private_ip = (char *) "10.0.0.7",
                              .state = EC2_RUNNING,
                              .launch_time = (char *) "2026-11-23T12:00:00.000Z",
                              .tags = *tags },
                .member = { .id = (char *) "i-1", .group_name = (char *) "shop-group" },
        };
        fixture->instances = (Ec2Instances){ &fixture->instance, 1 };
        fixture->members = (AsgInstances){ &fixture->member, 1 };
        fixture->one = (AdmissionCase){ .app = fixture->app,
                                        .identity = &fixture->identity,
                                        .account_id = "123456789012",
                                        .instances = &fixture->instances,
                                        .members = &fixture->members,
                                        .now_us = launch_us + 5 * minute_us,
                                        .window_ms = 60 * 60 * 1000 };
}

#define CASE(fixture)                                                                                        \
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };                                                        \
        Fixture fixture;                                                                                     \
        (void) state;                                                                                        \
        set_up(&(fixture), &tags);                                                                           \
        CLEANUP(document_free) Document *app = (fixture).app

static void one_that_is_as_it_says_joins(void **state) {
        CASE(fixture);
        (void) app;
        assert_ok(admission_check(&fixture.one, err));
}

static void what_is_not_to_be_seen_yet_is_asked_for_again(void **state) {
        CASE(fixture);
        (void) app;
        fixture.members.count = 0;
        assert_fails(
                ERROR_UNAVAILABLE, "instance i-1 is in no Auto Scaling group (yet)",
                admission_check(&fixture.one, err));
        fixture.instance.tags.count = 0;
        assert_fails(
                ERROR_UNAVAILABLE, "instance i-1 has no tag app (yet)", admission_check(&fixture.one, err));
        fixture.instances.count = 0;
        assert_fails(
                ERROR_UNAVAILABLE, "EC2 does not show instance i-1 (yet)",
                admission_check(&fixture.one, err));
}

static void one_of_another_account_group_or_application_stays_out(void **state) {
        CASE(fixture);
        (void) app;
        fixture.member.group_name = (char *) "other-group";
        assert_fails(
                ERROR_FORBIDDEN, "instance i-1 is of the group other-group, not of shop-group",
                admission_check(&fixture.one, err));
        fixture.one.account_id = "210987654321";
        assert_fails(
                ERROR_FORBIDDEN, "instance i-1 is of account 123456789012, the application of 210987654321",
                admission_check(&fixture.one, err));
        fixture.one.account_id = "123456789012";
        ec2_tags_add(&fixture.instance.tags, "role", "db");
        assert_fails(
                ERROR_FORBIDDEN, "instance i-1 is not the application's: its tag role is 'db', not 'web'",
                admission_check(&fixture.one, err));
        tags = fixture.instance.tags;
}

static void a_copied_document_is_worth_nothing(void **state) {
        CASE(fixture);
        (void) app;
        fixture.identity.private_ip = (char *) "10.0.0.8";
        assert_fails(
                ERROR_FORBIDDEN, "the identity document of i-1 names another image or address than EC2",
                admission_check(&fixture.one, err));
        fixture.identity.private_ip = (char *) "10.0.0.7";
        fixture.identity.pending_us -= 60 * minute_us;
        assert_fails(
                ERROR_FORBIDDEN, "the identity document of i-1 is of another start",
                admission_check(&fixture.one, err));
        fixture.identity.pending_us += 60 * minute_us;
        fixture.instance.state = EC2_STOPPING;
        assert_fails(ERROR_FORBIDDEN, "instance i-1 is stopping", admission_check(&fixture.one, err));
        fixture.instance.state = EC2_RUNNING;
        fixture.one.now_us += 60 * minute_us;
        assert_fails(
                ERROR_FORBIDDEN,
                "instance i-1 was launched too long ago to join; terminate it, or set group.join_window",
                admission_check(&fixture.one, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_is_as_it_says_joins),
                cmocka_unit_test(what_is_not_to_be_seen_yet_is_asked_for_again),
                cmocka_unit_test(one_of_another_account_group_or_application_stays_out),
                cmocka_unit_test(a_copied_document_is_worth_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

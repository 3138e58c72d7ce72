/* Bringing a group up to date: what it launches, its sizes, its tags; twice is once, and nobody else's things
 * are touched. */
#include "group_lab.h"

#include "jobs/steps/scaling_group.h"

static Ec2App app_of(StringList *subnets, Ec2Tags *tags) {
        string_list_add(subnets, "subnet-1");
        string_list_add(subnets, "subnet-2");
        ec2_tags_add(tags, "team", "blue");
        return (Ec2App){ .id = "app1",
                         .name = "shop",
                         .env = "prod",
                         .role = "web",
                         .image_id = "ami-1",
                         .instance_type = "t3.micro",
                         .subnet_ids = subnets,
                         .instance_tags = tags };
}

static bool update(GroupLab *lab, const char *image_id, const char *own_tag, bool parameters, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        Ec2App app = app_of(&subnets, &tags);
        const ScalingGroupSpec spec = {
                .app = &app, .name = "web", .min_size = 3, .max_size = 6, .metrics = true, .heartbeat_s = 900
        };

        app.image_id = image_id;
        if (own_tag)
                ec2_tags_add(&tags, own_tag, "x");
        return scaling_group_update(&lab->job.work, &spec, parameters, err);
}

static const char *tag_of(const Cloud *cloud, const char *key) {
        for (int i = 0; i < cloud->tag_count; i++)
                if (text_equal(cloud->tags[i][0], key))
                        return cloud->tags[i][1];
        return NULL;
}

static void add_tag(Cloud *cloud, const char *key, const char *value) {
        int at = cloud->tag_count++;

        SET(cloud->tags[at][0], key);
        SET(cloud->tags[at][1], value);
        SET(cloud->tags[at][2], "true");
}

static void a_group_is_brought_up_to_date(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        const Cloud *cloud = &lab->cloud;

        (void) state;
        assert_ok(update(lab, "ami-1", NULL, true, err));
        assert_string_equal(cloud->group_template, "lt-1");
        assert_string_equal(cloud->group_version, "1");
        assert_string_equal(cloud->versions[0].image, "ami-1");
        assert_int_equal(cloud->min, 3);
        assert_int_equal(cloud->max, 6);
        assert_int_equal(cloud->desired, GROUP_OF_FOUR);
        assert_string_equal(cloud->subnets, "subnet-1,subnet-2");
        assert_string_equal(cloud->hook, "ABANDON 900");
        assert_string_equal(cloud->metrics, "Enable");
        assert_string_equal(tag_of(cloud, "app"), "shop");
        assert_string_equal(tag_of(cloud, "app_id"), "app1");
        assert_string_equal(tag_of(cloud, "env"), "prod");
        assert_string_equal(tag_of(cloud, "role"), "web");
        assert_string_equal(tag_of(cloud, "team"), "blue");
}

static void without_parameters_only_what_it_launches_changes(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        assert_ok(update(lab, "ami-1", NULL, false, err));
        assert_string_equal(lab->cloud.group_version, "1");
        assert_string_equal(lab->cloud.hook, "ABANDON 900");
        assert_int_equal(lab->cloud.min, 2);
        assert_int_equal(lab->cloud.max, GROUP_OF_FOUR);
        assert_string_equal(lab->cloud.subnets, "");
        assert_int_equal(lab->cloud.tag_count, 0);
}

static void the_same_content_makes_no_second_version(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        for (int i = 0; i < 3; i++)
                assert_ok(update(lab, "ami-1", NULL, true, err));
        assert_int_equal(lab->cloud.version_count, 1);
        assert_ok(update(lab, "ami-2", NULL, true, err));
        assert_int_equal(lab->cloud.version_count, 2);
        assert_string_equal(lab->cloud.group_version, "2");
        assert_int_equal(lab->cloud.default_version, 2);
        assert_ok(update(lab, "ami-1", NULL, true, err)); /* back */
        assert_int_equal(lab->cloud.version_count, 2);
        assert_string_equal(lab->cloud.group_version, "1");
}

static void foreign_tags_stay_and_its_own_go_when_they_are_not_wanted(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        add_tag(&lab->cloud, "cost-centre", "42");
        assert_ok(update(lab, "ami-1", "tier", true, err));
        assert_string_equal(tag_of(&lab->cloud, "tier"), "x");
        assert_ok(update(lab, "ami-1", NULL, true, err));
        assert_null(tag_of(&lab->cloud, "tier"));
        assert_string_equal(tag_of(&lab->cloud, "cost-centre"), "42");
        assert_string_equal(tag_of(&lab->cloud, "team"), "blue");
}

static void old_versions_go_except_those_in_use(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        char image[20];

        (void) state;
        for (int i = 1; i <= 9; i++) {
                snprintf(image, sizeof(image), "ami-%d", i);
                assert_ok(update(lab, image, NULL, true, err));
        }
        SET(lab->cloud.versions[4].hash, "made by hand");
        assert_ok(update(lab, "ami-10", NULL, true, err));
        for (int i = 0; i < 4; i++)
                assert_int_equal(lab->cloud.versions[i].number, 0);
        for (int i = 4; i < 10; i++)
                assert_int_equal(lab->cloud.versions[i].number, i + 1);
}

static void a_launch_configuration_gives_way_to_the_template(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        SET(lab->cloud.launch_configuration, "launchconfig.web.1");
        assert_ok(update(lab, "ami-1", NULL, false, err));
        assert_string_equal(lab->cloud.group_template, "lt-1");
        assert_non_null(strstr(
                lab->job.log.data,
                "launched by the launch configuration launchconfig.web.1 (ami-old, t2.nano) until now; it is "
                "kept"));
}

static void a_mixed_policy_keeps_its_types(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        lab->cloud.mixed = true;
        SET(lab->cloud.group_template, "lt-old");
        SET(lab->cloud.group_version, "7");
        assert_ok(update(lab, "ami-1", NULL, true, err));
        assert_string_equal(lab->cloud.mixed_sent, "lt-1 m5.large 2 0.1");
}

static void what_cannot_be_is_refused_before_anything_changes(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        assert_fails(
                ERROR_CONFLICT,
                "the application has no image that its Auto Scaling group 'web' could launch: please use "
                "buildimage before",
                update(lab, "", NULL, true, err));
        SET(lab->cloud.template_owner, "app2");
        assert_fails(
                ERROR_CONFLICT,
                "launch template ghost-app1: launch template ghost-app1 (lt-1) was not made for this "
                "application (it has no tag ghost:app-id=app1): rename or delete it",
                update(lab, "ami-1", NULL, true, err));
        lab->cloud.absent = true;
        assert_fails(
                ERROR_NOT_FOUND,
                "there is no Auto Scaling group 'web' in eu-west-1: make it, or correct autoscale.name",
                update(lab, "ami-1", NULL, true, err));
        assert_int_equal(lab->job.events, 0);
}

static void it_goes_on_after_the_controllers_death_anywhere(void **state) {
        (void) state;
        for (int at = 1; at < 60; at++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(error_free) Error *error = NULL;

                lab->job.end_at = at;
                lab->job.by_death = true;
                if (update(lab, "ami-1", NULL, true, &error)) {
                        assert_true(at > 10);
                        return;
                }
                lab->job.end_at = 0;
                lab_run(lab);
                assert_ok(update(lab, "ami-1", NULL, true, err));
                assert_int_equal(lab->cloud.version_count, 1);
                assert_string_equal(lab->cloud.group_version, "1");
                assert_string_equal(tag_of(&lab->cloud, "app"), "shop");
        }
        fail_msg("it never came to its end");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_group_is_brought_up_to_date),
                cmocka_unit_test(without_parameters_only_what_it_launches_changes),
                cmocka_unit_test(the_same_content_makes_no_second_version),
                cmocka_unit_test(foreign_tags_stay_and_its_own_go_when_they_are_not_wanted),
                cmocka_unit_test(old_versions_go_except_those_in_use),
                cmocka_unit_test(a_launch_configuration_gives_way_to_the_template),
                cmocka_unit_test(a_mixed_policy_keeps_its_types),
                cmocka_unit_test(what_cannot_be_is_refused_before_anything_changes),
                cmocka_unit_test(it_goes_on_after_the_controllers_death_anywhere),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

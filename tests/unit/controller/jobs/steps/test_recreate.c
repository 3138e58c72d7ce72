/* Standalone instances made anew: each where it was, none lost. */
#include "group_lab.h"

#include "jobs/steps/recreate.h"

static GroupLab *standalone(void) {
        GroupLab *lab = lab_new();

        for (int i = 0; i < GROUP_OF_FOUR; i++) {
                lab->cloud.instances[i].member = NO_MEMBER;
                lab->cloud.instances[i].registered = false;
        }
        lab->cloud.count = 3;
        return lab;
}

static bool recreate(GroupLab *lab, size_t *ret_count, Error **err) {
        const Ec2App app = { .id = "app1",
                             .name = "shop",
                             .env = "prod",
                             .role = "web",
                             .image_id = "ami-1",
                             .instance_type = "t3.micro" };

        return recreate_standalone(&lab->job.work, &app, ret_count, err);
}

static int running_with(const Cloud *cloud, const char *ip) {
        int count = 0;

        for (int i = 3; i < cloud->count; i++)
                count += cloud->instances[i].code == 16 && text_equal(cloud->instances[i].ip, ip);
        return count;
}

static void check_all_anew(GroupLab *lab) {
        for (int i = 0; i < 3; i++) {
                assert_int_equal(lab->cloud.instances[i].code, 48);
                if (running_with(&lab->cloud, lab->cloud.instances[i].ip) != 1)
                        fail_msg(
                                "%d instances with %s after the end at %d; log:\n%s",
                                running_with(&lab->cloud, lab->cloud.instances[i].ip),
                                lab->cloud.instances[i].ip, lab->job.end_at, lab->job.log.data);
        }
}

static void each_comes_back_at_its_address(void **state) {
        CLEANUP(lab_free) GroupLab *lab = standalone();
        size_t count = 0;

        (void) state;
        lab->cloud.address_taken = 4;
        assert_ok(recreate(lab, &count, err));
        assert_int_equal(count, 3);
        check_all_anew(lab);
        assert_int_equal(lab->cloud.launched, 3);
}

static void none_are_none(void **state) {
        CLEANUP(lab_free) GroupLab *lab = standalone();
        size_t count = 9;

        (void) state;
        lab->cloud.count = 0;
        assert_ok(recreate(lab, &count, err));
        assert_int_equal(count, 0);
}

static void none_is_lost_by_the_controllers_death_anywhere(void **state) {
        size_t count = 0;

        (void) state;
        for (int at = 1; at < 100; at++) {
                CLEANUP(lab_free) GroupLab *lab = standalone();
                CLEANUP(error_free) Error *error = NULL;

                lab->job.end_at = at;
                lab->job.by_death = true;
                if (recreate(lab, &count, &error)) {
                        assert_true(at > 15);
                        return;
                }
                lab->job.end_at = 0;
                lab_run(lab);
                assert_ok(recreate(lab, &count, err));
                check_all_anew(lab);
        }
        fail_msg("it never came to its end");
}

static void a_failure_names_what_is_missing(void **state) {
        CLEANUP(lab_free) GroupLab *lab = standalone();
        size_t count = 0;

        (void) state;
        lab->cloud.count = 2;
        lab->job.bootstrap_fails = true;
        assert_fails(
                ERROR_INVALID,
                "bootstrap of i-00000003: hook exited with code 3; ended and not made anew: 10.0.0.1 in "
                "subnet-1, 10.0.0.2 in subnet-1 (createinstance with that subnet and address brings one "
                "back)",
                recreate(lab, &count, err));
        for (int i = 0; i < lab->cloud.count; i++)
                assert_int_equal(lab->cloud.instances[i].code, 48);
}

static void protected_ones_stay_all_of_them(void **state) {
        CLEANUP(lab_free) GroupLab *lab = standalone();
        CLEANUP(error_free) Error *error = NULL;
        size_t count = 0;

        (void) state;
        lab->cloud.instances[1].protected = true;
        assert_false(recreate(lab, &count, &error));
        assert_null(strstr(error_message(error), "not made anew"));
        for (int i = 0; i < 3; i++)
                assert_int_equal(lab->cloud.instances[i].code, 16);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_comes_back_at_its_address),
                cmocka_unit_test(none_are_none),
                cmocka_unit_test(none_is_lost_by_the_controllers_death_anywhere),
                cmocka_unit_test(a_failure_names_what_is_missing),
                cmocka_unit_test(protected_ones_stay_all_of_them),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

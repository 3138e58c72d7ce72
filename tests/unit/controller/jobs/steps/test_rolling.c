/* A rolling recreate keeps the group serving, and leaves it as it was wherever it is ended. */
#include "group_lab.h"

#include "jobs/steps/rolling.h"

static bool roll(GroupLab *lab, const char *strategy, Error **err) {
        const RollingSpec spec = { .group = "web", .strategy = strategy, .ready_timeout_ms = 2000 };
        size_t count = 0;

        return rolling_recreate(&lab->job.work, &spec, &count, err);
}

static int old_ones(const Cloud *cloud) {
        int count = 0;

        for (int i = 0; i < GROUP_OF_FOUR; i++)
                count += cloud->instances[i].member == IN_SERVICE;
        return count;
}

/* Once what is under way has come to its end. */
static void check_as_before(GroupLab *lab, const char *suspended) {
        Cloud *cloud = &lab->cloud;

        for (int i = 0; i < 4; i++)
                tick(cloud);
        if (cloud->desired != GROUP_OF_FOUR || cloud->max != GROUP_OF_FOUR || cloud->min != 2 ||
            members_in(cloud, IN_SERVICE) != GROUP_OF_FOUR || !text_equal(cloud->suspended, suspended))
                fail_msg(
                        "desired %d, max %d, in service %d, suspended '%s' at event %d; log:\n%s",
                        cloud->desired, cloud->max, members_in(cloud, IN_SERVICE), cloud->suspended,
                        lab->job.end_at, lab->job.log.data);
        assert_in_range(cloud->serving_min, GROUP_OF_FOUR, 100);
}

static void every_instance_is_replaced_and_the_group_never_serves_less(void **state) {
        static const struct {
                const char *strategy;
                int max_seen;
        } cases[] = { { "1by1", 5 }, { "25%", 5 }, { "1/3", 6 }, { "50%", 6 }, { "", 8 } };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();

                SET(lab->cloud.suspended, "AZRebalance");
                assert_ok(roll(lab, cases[i].strategy, err));
                check_as_before(lab, "AZRebalance");
                assert_int_equal(old_ones(&lab->cloud), 0);
                assert_int_equal(lab->cloud.max_seen, cases[i].max_seen);
                for (int j = 0; j < GROUP_OF_FOUR; j++)
                        assert_int_equal(lab->cloud.instances[j].ended, 1);
        }
}

static void it_goes_on_after_the_controllers_death_anywhere(void **state) {
        (void) state;
        for (int at = 1; at < 200; at++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(error_free) Error *error = NULL;

                lab->job.end_at = at;
                lab->job.by_death = true;
                if (roll(lab, "50%", &error)) {
                        assert_true(at > 20);
                        return;
                }
                lab->job.end_at = 0;
                lab_run(lab);
                assert_ok(roll(lab, "50%", err));
                check_as_before(lab, "");
                assert_int_equal(old_ones(&lab->cloud), 0);
        }
        fail_msg("it never came to its end");
}

static void a_cancelled_one_leaves_the_group_as_it_was(void **state) {
        (void) state;
        for (int at = 1; at < 200; at++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(error_free) Error *error = NULL;

                lab->job.end_at = at;
                if (roll(lab, "50%", &error)) {
                        assert_true(at > 20);
                        return;
                }
                assert_int_equal(error_kind(error), ERROR_CANCELLED);
                check_as_before(lab, "");
        }
        fail_msg("it never came to its end");
}

static void new_instances_that_never_come_change_nothing(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        lab->cloud.launches_fail = true;
        const RollingSpec spec = { .group = "web", .strategy = "1by1", .ready_timeout_ms = 60 };
        size_t count = 0;
        assert_fails(
                ERROR_TIMEOUT,
                "batch 1 of 4: the new instances did not come into service: 4 of 5 instances are in service; "
                "the group says: Launching. no capacity",
                rolling_recreate(&lab->job.work, &spec, &count, err));
        lab->cloud.launches_fail = false;
        check_as_before(lab, "");
        assert_int_equal(old_ones(&lab->cloud), GROUP_OF_FOUR);
}

static void new_instances_that_do_not_serve_are_ended_again(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        lab->cloud.instances[GROUP_OF_FOUR].unhealthy = true;
        const RollingSpec spec = { .group = "web", .strategy = "25%", .ready_timeout_ms = 100 };
        size_t count = 0;
        assert_fails(
                ERROR_TIMEOUT,
                "batch 1 of 4: the new instances did not come into service: i-00000005 is unhealthy in "
                "tg/web; the group says: Launching. no capacity",
                rolling_recreate(&lab->job.work, &spec, &count, err));
        check_as_before(lab, "");
        assert_int_equal(old_ones(&lab->cloud), GROUP_OF_FOUR);
        assert_int_equal(lab->cloud.instances[GROUP_OF_FOUR].ended, 1);
}

static void a_group_that_is_not_well_is_not_touched(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        assert_fails(
                ERROR_INVALID,
                "safe deployment strategy 'two' is unknown: 1by1, 1/3, 25% or 50%, a number of instances "
                "(3), "
                "a share of them (10%), or none for all at once",
                roll(lab, "two", err));
        lab->cloud.instances[1].unhealthy = true;
        assert_fails(
                ERROR_CONFLICT,
                "Cannot continue because one or more instances are in the out of service state: i-00000002 "
                "is unhealthy in tg/web",
                roll(lab, "50%", err));
        lab->cloud.instances[1].unhealthy = false;
        SET(lab->cloud.suspended, "Launch");
        assert_fails(
                ERROR_CONFLICT,
                "Cannot continue because the process Launch of Auto Scaling group web is suspended: resume "
                "it",
                roll(lab, "50%", err));
        SET(lab->cloud.suspended, "");
        lab->cloud.instances[2].member = PENDING;
        lab->cloud.instances[2].looks = -9;
        assert_fails(
                ERROR_CONFLICT,
                "Cannot continue because one or more instances are in the out of service state: i-00000003 "
                "of Auto Scaling group web is Pending:Wait, Healthy",
                roll(lab, "50%", err));
        assert_int_equal(lab->job.events, 0);
}

static void a_refresh_of_somebody_elses_ends_it_before_the_next_batch(void **state) {
        static const struct {
                int look, replaced;
                const char *where;
        } cases[] = { { 1, 0, "" }, { 2, 0, "batch 1 of 2: " }, { 3, 2, "batch 2 of 2: " } };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(free)
                char *expected = xasprintf(
                        "%sinstance refresh r-1 of Auto Scaling group web is InProgress (40 %%), Ghost did "
                        "not "
                        "start it: wait for its end or cancel it (aws autoscaling cancel-instance-refresh), "
                        "then run this again",
                        cases[i].where);

                lab->cloud.refresh_looks = cases[i].look;
                assert_fails(ERROR_CONFLICT, expected, roll(lab, "50%", err));
                check_as_before(lab, "");
                assert_int_equal(old_ones(&lab->cloud), GROUP_OF_FOUR - cases[i].replaced);
        }
}

static void somebody_elses_maximum_stays(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        job_memory_put(&lab->job.memory, "rolling.max", "4 6");
        lab->cloud.max = 9;
        rolling_put_back(&lab->job.work, "web");
        assert_int_equal(lab->cloud.max, 9);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_instance_is_replaced_and_the_group_never_serves_less),
                cmocka_unit_test(it_goes_on_after_the_controllers_death_anywhere),
                cmocka_unit_test(a_cancelled_one_leaves_the_group_as_it_was),
                cmocka_unit_test(new_instances_that_never_come_change_nothing),
                cmocka_unit_test(new_instances_that_do_not_serve_are_ended_again),
                cmocka_unit_test(a_group_that_is_not_well_is_not_touched),
                cmocka_unit_test(a_refresh_of_somebody_elses_ends_it_before_the_next_batch),
                cmocka_unit_test(somebody_elses_maximum_stays),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

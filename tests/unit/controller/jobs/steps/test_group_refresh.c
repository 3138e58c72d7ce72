/* A refresh that runs is in the way; one that is over is not. */
#include "group_lab.h"

#include "jobs/steps/group_refresh.h"

static void only_one_that_runs_is_in_the_way(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        lab->cloud.refresh_looks = 2;
        assert_ok(group_refresh_check(&lab->job.work, "web", err)); /* a cancelled one is there */
        assert_fails(
                ERROR_CONFLICT,
                "instance refresh r-1 of Auto Scaling group web is InProgress (40 %), Ghost did not start "
                "it: "
                "wait for its end or cancel it (aws autoscaling cancel-instance-refresh), then run this "
                "again",
                group_refresh_check(&lab->job.work, "web", err));
        assert_ok(group_refresh_check(&lab->job.work, "web", err));
        assert_int_equal(lab->job.events, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(only_one_that_runs_is_in_the_way) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

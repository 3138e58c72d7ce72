/* Exactly what a job suspended is resumed, whatever ended it. */
#include "group_lab.h"

#include "jobs/steps/group_processes.h"

static const char *const wanted[] = { "Launch", "Terminate", NULL };

static bool suspend(GroupLab *lab, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

        return asg_describe_group(&lab->job.session, "web", &group, err) &&
               group_processes_suspend(&lab->job.work, &group, wanted, err);
}

static void only_what_it_suspended_is_resumed(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        SET(lab->cloud.suspended, "Launch HealthCheck");
        assert_ok(suspend(lab, err));
        assert_string_equal(lab->cloud.suspended, "Launch HealthCheck Terminate");
        group_processes_resume(&lab->job.work);
        assert_string_equal(lab->cloud.suspended, "Launch HealthCheck");
        group_processes_resume(&lab->job.work); /* nothing more */
        assert_string_equal(lab->cloud.suspended, "Launch HealthCheck");
}

static void the_resumed_job_knows_what_was_suspended_before(void **state) {
        (void) state;
        for (int at = 1; at < 20; at++) {
                CLEANUP(lab_free) GroupLab *lab = lab_new();
                CLEANUP(error_free) Error *error = NULL;

                SET(lab->cloud.suspended, "Launch");
                lab->job.end_at = at;
                lab->job.by_death = true;
                bool over = suspend(lab, &error);
                if (over)
                        group_processes_resume(&lab->job.work);
                if (over && !lab->job.ended)
                        return;
                lab->job.end_at = 0;
                lab_run(lab);
                assert_ok(suspend(lab, err));
                assert_string_equal(lab->cloud.suspended, "Launch Terminate");
                group_processes_resume(&lab->job.work);
                assert_string_equal(lab->cloud.suspended, "Launch");
        }
        fail_msg("it never came to its end");
}

static void a_cancelled_job_resumes_too(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();

        (void) state;
        assert_ok(suspend(lab, err));
        lab->job.ended = true;
        group_processes_resume(&lab->job.work);
        assert_string_equal(lab->cloud.suspended, "");
}

/* Its message says so, until it went all the same. */
static void what_stays_suspended_is_left_for_people(void **state) {
        CLEANUP(lab_free) GroupLab *lab = lab_new();
        CLEANUP(free) char *left = NULL, *later = NULL;

        (void) state;
        assert_ok(suspend(lab, err));
        lab->cloud.resume_refused = true;
        group_processes_resume(&lab->job.work);
        assert_string_equal(lab->cloud.suspended, "Launch Terminate");
        assert_ok(lab->job.work.recall(lab->job.work.context, WORK_STEP_FOR_PEOPLE, &left, err));
        assert_non_null(strstr(left, "Launch, Terminate of Auto Scaling group web could not be resumed"));

        lab->cloud.resume_refused = false;
        group_processes_resume(&lab->job.work);
        assert_ok(lab->job.work.recall(lab->job.work.context, WORK_STEP_FOR_PEOPLE, &later, err));
        assert_string_equal(later, "");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_what_it_suspended_is_resumed),
                cmocka_unit_test(the_resumed_job_knows_what_was_suspended_before),
                cmocka_unit_test(a_cancelled_job_resumes_too),
                cmocka_unit_test(what_stays_suspended_is_left_for_people),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a given up job took out goes back, name by name, and what does not is said. */
#include "harness/work_case.h"

#include "jobs/steps/balancer_return.h"

#define NAMES "some.names"

typedef struct Case {
        WorkCase job;
        AwsSession session;
        Text put_back;
        const char *fails;  /* this one does */
        bool in_other_time; /* it was given a deadline of its own */
} Case;

static bool put_back(void *context, const char *name, Error **err) {
        Case *test = context;

        test->in_other_time = test->job.work.session != &test->session &&
                              !deadline_passed(test->job.work.session->deadline);
        if (text_equal(name, test->fails))
                return error_set(err, ERROR_UNAVAILABLE, "no answer");
        text_appendf(&test->put_back, "%s ", name);
        return true;
}

static void run(Case *test, const char *names) {
        work_case_start(&test->job, &test->session);
        if (names)
                job_memory_put(&test->job.memory, NAMES, names);
        balancer_return_all(
                &test->job.work, &(BalancerReturn){ .names = NAMES,
                                                    .put_back = put_back,
                                                    .context = test,
                                                    .left = "Not all are back",
                                                    .remedy = "please look" });
        assert_ptr_equal(test->job.work.session, &test->session);
}

static void case_clearp(Case *test) {
        work_case_clearp(&test->job);
        text_clear(&test->put_back);
}

static void all_names_go_back(void **state) {
        CLEANUP(case_clear) Case test = { 0 }; /* the job's own time is up */

        (void) state;
        run(&test, "site.0\nsite.1");
        assert_string_equal(test.put_back.data, "site.0 site.1 ");
        assert_true(test.in_other_time);
        assert_null(test.job.log.data);
}

static void nothing_was_taken_out(void **state) {
        CLEANUP(case_clear) Case test = { 0 };

        (void) state;
        run(&test, NULL);
        assert_null(test.put_back.data);
        assert_null(test.job.log.data);
}

static void a_failure_is_said(void **state) {
        CLEANUP(case_clear) Case test = { .fails = "site.1" };

        (void) state;
        run(&test, "site.0\nsite.1");
        assert_string_equal(test.put_back.data, "site.0 ");
        assert_string_equal(test.job.log.data, "Not all are back: no answer; please look\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(all_names_go_back),
                cmocka_unit_test(nothing_was_taken_out),
                cmocka_unit_test(a_failure_is_said),
        };
        return cmocka_run_group_tests_name("balancer_return", tests, NULL, NULL);
}

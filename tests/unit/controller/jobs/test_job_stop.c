/* Jobs that are cancelled or run out of time, at each stage: how they end, and what stands then. */
#include "job_lab.h"

/* v1 is everywhere and wanted; returns its name. Caller frees. */
static char *begin(int instances) {
        for (int i = 1; i <= instances; i++)
                add_instance(i, true);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v1"));
        assert_job(job, "done", "Deployment OK");
        return wanted_release();
}

static void assert_all_as_before(const char *before, int instances) {
        CLEANUP(free) char *wanted = wanted_release();

        assert_string_equal(wanted, before);
        for (int i = 0; i < instances; i++)
                assert_string_equal(lab.shared->agents[i].release, before);
        assert_int_equal(count_deployments(NULL), 1);
}

static void cancel(const char *id, JobStatus expected) {
        JobStatus status = JOB_PENDING;

        assert_ok(job_queue_cancel(lab.queue, id, &status, err));
        assert_int_equal(status, expected);
}

static void wait_for_deploys(int agent, unsigned count) {
        Deadline deadline = deadline_after_ms(20000);

        while (__atomic_load_n(&lab.shared->agents[agent].deploys, __ATOMIC_SEQ_CST) < count) {
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(5);
        }
}

static void in_the_queue(void **state) {
        (void) state;
        CLEANUP(free) char *id = submit(DEPLOY("v1")); /* the queue is not started */
        cancel(id, JOB_CANCELLED);
        CLEANUP(document_free) Document *job = get_job(id);
        assert_job(job, "cancelled", "Job cancelled");
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *other = run_job(DEPLOY("v1"));
        assert_job(other, "done", "Deployment OK");
        JobStatus status;
        assert_fails(
                ERROR_INVALID, "Cancelling a job not in init or started status is not allowed",
                job_queue_cancel(lab.queue, id, &status, err));
}

static void in_the_build_pack(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(1);
        set_script("build_pack", "#!/bin/sh\necho building\nsleep 60\n");
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_log(id, "building");
        cancel(id, JOB_STARTED);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "cancelled", "Deployment Cancelled: [site] Job cancelled (build_pack was cancelled)");
        assert_all_as_before(before, 1);
}

static void while_an_agent_is_away(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        lab.services.limits.agent_wait_ms = 60000;
        set_away(1, true);
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_log(id, "The agent of i-2 is not connected: waiting for it");
        cancel(id, JOB_STARTED);
        CLEANUP(document_free)
        Document *job = wait_job(id); /* not only after a minute: it was never reached */
        assert_job(
                job, "cancelled",
                "Job cancelled; the previous release is wanted again; back on it: i-1; unchanged: i-2");
        assert_all_as_before(before, 2);
}

static void in_the_roll_out(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(3);
        lab.shared->agents[1].silent = true;
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_for_deploys(1, 2);
        cancel(id, JOB_STARTED);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(
                job, "cancelled",
                "Job cancelled; the previous release is wanted again; back on it: i-1; unchanged: i-2");
        assert_all_as_before(before, 3);
        assert_int_equal(lab.shared->agents[2].deploys, 1); /* v1 only */
}

static void in_after_all_deploy(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(1);
        set_script("after_all_deploy", "#!/bin/sh\necho after\nsleep 60\n");
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_log(id, "after");
        wait_log(id, "Running after_all_deploy");
        cancel(id, JOB_STARTED);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "cancelled", "the new release of site is live: deployment ");
        CLEANUP(free) char *wanted = wanted_release();
        assert_string_not_equal(wanted, before);
        assert_string_equal(lab.shared->agents[0].release, wanted);
}

static void the_time_is_up_in_the_build_pack(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(1);
        lab.services.limits.job_timeout_ms = 4000;
        set_script("build_pack", "#!/bin/sh\nsleep 60\n");
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v2"));
        assert_job(job, "failed", "the job ran longer than its limit of 4 s (build_pack ");
        assert_all_as_before(before, 1);
}

static void the_time_is_up_in_the_roll_out(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        lab.services.limits.job_timeout_ms = 4000;
        lab.shared->agents[1].silent = true;
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v2"));
        assert_job(
                job, "failed",
                "the job ran longer than its limit of 4 s; the previous release is wanted again; back on it: "
                "i-1; unchanged: i-2");
        assert_all_as_before(before, 2);
}

/* The agent is asked again when it is back; the controller is stopped and started meanwhile. */
static void a_stopped_controller_goes_on_later(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        lab.shared->agents[1].silent = true;
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_for_deploys(1, 2);
        lab_close();
        lab_open();
        CLEANUP(document_free) Document *meanwhile = get_job(id);
        assert_string_equal(document_get_string(meanwhile, "status"), "started");
        lab.shared->agents[1].silent = false;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        CLEANUP(free) char *wanted = wanted_release();
        assert_string_not_equal(wanted, before);
        for (int i = 0; i < 2; i++)
                assert_string_equal(lab.shared->agents[i].release, wanted);
        assert_int_equal(lab.shared->agents[0].deploys, 2); /* its receipt was there */
}

/* Stopped while it goes back: it is not forgotten that it did. */
static void a_stopped_controller_goes_on_going_back(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(2);
        lab.services.limits.agent_wait_ms = 60000;
        lab.shared->agents[0].silent = lab.shared->agents[1].silent = true;
        lab.shared->agents[0].deaf = true;
        CLEANUP(free) char *id = submit(DEPLOY_PARALLEL("v2"));
        wait_for_deploys(0, 2);
        wait_for_deploys(1, 2);
        memcpy(lab.shared->agents[0].release, "v2", 3); /* it switched, and went away before it said so */
        set_away(0, true);
        cancel(id, JOB_STARTED);
        wait_log(id, "i-1: back to the previous release");
        lab_close();
        lab_open();
        set_away(0, false);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(
                job, "cancelled",
                "Job cancelled; the previous release is wanted again; back on it: i-1; unchanged: i-2");
        assert_all_as_before(before, 2);
        assert_int_equal(lab.shared->agents[0].deploys, 2); /* v2 was not begun again */
}

/* The time was up, which is no reason any more after a restart: it has to be remembered. */
static void what_went_back_is_not_begun_again(void **state) {
        (void) state;
        CLEANUP(free) char *before = begin(1);
        lab.services.limits.agent_wait_ms = 60000;
        lab.services.limits.job_timeout_ms = 4000;
        lab.shared->agents[0].silent = lab.shared->agents[0].deaf = true;
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_for_deploys(0, 2);
        set_away(0, true);
        wait_log(id, "i-1: back to the previous release");
        lab_close();
        lab_open();
        lab.services.limits.job_timeout_ms = 60000;
        lab.shared->agents[0] = (PlayedAgent){ 0 };
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "failed", "; the previous release is wanted again; back on it: i-1");
        assert_all_as_before(before, 1);
        assert_int_equal(lab.shared->agents[0].deploys, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(in_the_queue, set_up, tear_down),
                cmocka_unit_test_setup_teardown(in_the_build_pack, set_up, tear_down),
                cmocka_unit_test_setup_teardown(while_an_agent_is_away, set_up, tear_down),
                cmocka_unit_test_setup_teardown(in_the_roll_out, set_up, tear_down),
                cmocka_unit_test_setup_teardown(in_after_all_deploy, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_time_is_up_in_the_build_pack, set_up, tear_down),
                cmocka_unit_test_setup_teardown(the_time_is_up_in_the_roll_out, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_stopped_controller_goes_on_later, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_stopped_controller_goes_on_going_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_went_back_is_not_begun_again, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_stop", tests, NULL, NULL);
}

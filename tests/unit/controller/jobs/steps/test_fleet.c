/* Batches, failures that are tolerated and those that are not, and what a failed deploy leaves where. */
#include "../job_lab.h"

#define SAFE(options) "\"options\":[\"serial\",\"1by1\"" options "]," DEPLOY("v2")

static void assert_on(int agent, const char *release, bool same) {
        if ((strcmp(lab.shared->agents[agent].release, release) == 0) != same)
                fail_msg("a%d has %s", agent + 1, lab.shared->agents[agent].release);
}

static void it_is_said_first_what_will_be_done(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        CLEANUP(free)
        char *id = submit(
                "\"options\":[\"parallel\",\"50%\",\"min_healthy=1\",\"max_failures=1\"]," DEPLOY("v2"));
        CLEANUP(document_free) Document *job = wait_job(id);
        CLEANUP(free) char *log = job_text(id);

        assert_job(job, "done", "Deployment OK");
        const char *plan = strstr(
                log, "Deploying module site on 3 instances in 2 batches (50%), all at once inside a batch:\n"
                     "  batch 1: i-1, i-3\n  batch 2: i-2\n"
                     "It stops when more than 1 instances fail, and when fewer than 1 are healthy outside of "
                     "the next batch; then that batch goes back; those before it stay");
        if (!plan)
                fail_msg("%s", log);
        assert_true(plan < strstr(log, "Batch 1 of 2") && plan < strstr(log, "i-1: deployed"));
        for (int i = 0; i < 3; i++)
                assert_on(i, before, false);
}

static void a_failed_batch_goes_back_and_the_others_stay_where_they_are(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        lab.shared->agents[1].fails = true;
        CLEANUP(document_free) Document *job = run_job(SAFE(""));
        CLEANUP(free) char *after = wanted_release();

        assert_job(job, "failed", "Deploy error on: i-2 (post_deploy exited with code 3)");
        assert_job(
                job, "failed",
                "; the previous release is wanted again; went back: i-2; on the new release: i-1; unchanged: "
                "i-3; to go "
                "on, deploy again; to bring all back to the previous release: ghost rollback ");
        assert_string_equal(before, after);
        assert_on(0, before, false);
        assert_on(1, before, true);
        assert_on(2, before, true);
        assert_int_equal(lab.shared->agents[2].deploys, 0);
}

/* Nothing was switched on it. */
static void one_that_fails_before_it_switches_is_unchanged(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        lab.shared->agents[0].fails = lab.shared->agents[0].fails_early = true;
        CLEANUP(document_free) Document *job = run_job(SAFE(""));

        assert_job(job, "failed", "; the previous release is wanted again; unchanged: i-1, i-2");
        assert_on(0, before, true);
}

static void with_rollback_all_every_batch_goes_back(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        lab.shared->agents[2].fails = true;
        CLEANUP(document_free) Document *job = run_job(SAFE(",\"rollback=all\""));

        assert_job(
                job, "failed",
                "; the previous release is wanted again; back on it: i-1, i-2; went back: i-3");
        for (int i = 0; i < 3; i++)
                assert_on(i, before, true);
}

static void so_many_may_fail(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(4);
        lab.shared->agents[1].fails = true;
        CLEANUP(document_free) Document *one = run_job(SAFE(",\"max_failures=1\""));
        CLEANUP(free) char *after = wanted_release();

        assert_job(
                one, "done", "] (FAILED, as many as were allowed to: i-2 (post_deploy exited with code 3))");
        assert_string_not_equal(before, after);
        assert_on(1, before, true);
        assert_on(3, after, true);
        lab.shared->agents[2].fails = true;
        CLEANUP(document_free)
        Document *two = run_job("\"options\":[\"serial\",\"1by1\",\"max_failures=1\"]," DEPLOY("v1"));
        assert_job(
                two, "failed",
                "Deploy error on: i-2 (post_deploy exited with code 3), i-3 (post_deploy exited with code "
                "3)");
        assert_int_equal(lab.shared->agents[3].deploys, 1);
}

/* It gives no receipt: it is sent back, for nobody knows how far it came. */
static void one_that_gives_no_answer_is_sent_back(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        lab.services.limits.task_timeout_ms = 100;
        lab.services.limits.agent_wait_ms = 100;
        lab.shared->agents[0].silent = true;
        lab.shared->agents[0].deaf = true;
        set_away(0, true);
        CLEANUP(document_free) Document *job = run_job(SAFE(",\"max_failures=1\""));

        assert_job(job, "done", "i-1 (its agent is not connected)");
        assert_on(0, before, true);
        assert_on(1, before, false);
}

static void what_cannot_be_kept_is_refused_before_anything_is_changed(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        CLEANUP(document_free)
        Document *floor = run_job("\"options\":[\"serial\",\"50%\",\"min_healthy=50%\"]," DEPLOY("v2"));
        CLEANUP(document_free)
        Document *few = run_job("\"options\":[\"serial\",\"25%\"]," DEPLOY("v2"));
        CLEANUP(free) char *after = wanted_release();

        assert_job(
                floor, "failed",
                "min_healthy=50% cannot be kept: 2 of 3 instances must stay healthy, and the largest of 2 "
                "batches takes 2, which leaves 1; choose smaller batches");
        assert_job(
                few, "failed",
                "Cannot continue, not enought instances to perform the safe deployment: it needs 4, there "
                "are 3");
        assert_string_equal(before, after);
        for (int i = 0; i < 3; i++)
                assert_int_equal(lab.shared->agents[i].deploys, 0);
}

static void it_stops_when_too_few_are_healthy(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        set_away(2, true);
        CLEANUP(document_free) Document *job = run_job(SAFE(",\"min_healthy=2\""));

        assert_job(
                job, "failed",
                "batch 1 is not begun: outside of it 1 instances are healthy, and 2 must be; the previous "
                "release is wanted again; unchanged: i-1, i-2, i-3");
        assert_on(0, before, true);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(it_is_said_first_what_will_be_done, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        a_failed_batch_goes_back_and_the_others_stay_where_they_are, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        one_that_fails_before_it_switches_is_unchanged, set_up, tear_down),
                cmocka_unit_test_setup_teardown(with_rollback_all_every_batch_goes_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(so_many_may_fail, set_up, tear_down),
                cmocka_unit_test_setup_teardown(one_that_gives_no_answer_is_sent_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        what_cannot_be_kept_is_refused_before_anything_is_changed, set_up, tear_down),
                cmocka_unit_test_setup_teardown(it_stops_when_too_few_are_healthy, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}

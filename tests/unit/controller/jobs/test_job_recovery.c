/* The controller is killed (SIGKILL) at every log line and every task of a job, and started again: the job's
 * end is true, the agents have what is wanted, and there is one record at most. */
#include "job_lab.h"

enum { EVENTS_MAX = 60 };

static size_t count_status(const char *status) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;
        CLEANUP(error_free) Error *failed = NULL;

        document_set_string(where, "status", status);
        if (!collection_find(lab.services.store, COLLECTION_JOBS, where, &found, &failed))
                _exit(4);
        return document_count(found);
}

/* A controller's life in a process of its own: until no job is left, or until it is killed. */
static void child_runs(int die_at, int job_timeout_ms) {
        lab.shared->events = 0;
        lab.shared->die_at = die_at;
        lab.services.limits.job_timeout_ms = job_timeout_ms;
        lab_open();
        if (!job_queue_start(lab.queue, NULL))
                _exit(3);
        for (;;) {
                if (count_status("init") == 0 &&
                    count_status("started") == 0) /* in this order: nothing slips by */
                        break;
                clock_sleep_ms(2);
        }
        job_queue_stop(lab.queue);
        _exit(0);
}

/* True when it was killed. The parent's own controller is closed meanwhile. */
static bool live(int die_at) {
        int status = 0;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
                child_runs(die_at, 60000);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        return WIFSIGNALED(status);
}

static size_t count_of(const char *text, const char *words) {
        size_t count = 0;

        for (const char *at = text; (at = strstr(at, words)); at++)
                count++;
        return count;
}

/* before: what was wanted. */
static void assert_truth(const char *id, const char *before, int agents, const char *status) {
        CLEANUP(document_free) Document *job = get_job(id);
        CLEANUP(free) char *wanted = wanted_release();
        CLEANUP(free) char *log = job_text(id);
        bool done = strcmp(document_get_string(job, "status"), "done") == 0;

        if (strcmp(document_get_string(job, "status"), status) != 0)
                fail_msg(
                        "%s: %s\n%s", document_get_string(job, "status"), document_get_string(job, "message"),
                        log);
        for (int i = 0; i < agents; i++)
                if (strcmp(lab.shared->agents[i].release, wanted) != 0)
                        fail_msg(
                                "a%d has %s, wanted is %s (%s)\n%s", i + 1, lab.shared->agents[i].release,
                                wanted, status, log);
        assert_true(done == (strcmp(wanted, before) != 0));
        assert_int_equal(count_deployments(id), done ? 1 : 0);
        assert_int_equal(
                strlen(document_get_string(job, "modules.0.deploy_id")),
                done && strstr(document_get_string(job, "command"), "re") == NULL ? 24 : 0);
        assert_true(count_of(log, "Job processing started") <= 1);
}

typedef struct Scenario {
        const char *members[2]; /* taken in turns, so that each one changes something */
        const char *status;
        int agents, second_death;
} Scenario;

/* Returns at how many events the controller was killed. */
static int kill_everywhere(const Scenario *scenario) {
        int die_at = 1;

        for (bool killed = true; killed; die_at++) {
                CLEANUP(free) char *before = wanted_release();
                CLEANUP(free) char *id = submit(scenario->members[die_at % 2]);
                lab_close();
                killed = live(die_at);
                if (killed && scenario->second_death)
                        (void) live(scenario->second_death);
                if (killed)
                        assert_false(live(0));
                lab_open();
                assert_truth(id, before, scenario->agents, scenario->status);
                assert_true(die_at < EVENTS_MAX);
        }
        return die_at - 2;
}

static void baseline(int agents) {
        for (int i = 1; i <= agents; i++)
                add_instance(i, true);
        set_script("after_all_deploy", "#!/bin/sh\necho after all\n");
        CLEANUP(free) char *id = submit(DEPLOY("v1"));
        lab_close();
        assert_false(live(0));
        lab_open();
        assert_truth(id, "", agents, "done");
}

static void a_deploy_is_finished(void **state) {
        const Scenario scenario = { { DEPLOY("v1"), DEPLOY_PARALLEL("v2") }, "done", 2, 0 };

        (void) state;
        baseline(2);
        assert_true(kill_everywhere(&scenario) >= 10);
}

static void a_deploy_that_fails_goes_back(void **state) {
        const Scenario scenario = { { DEPLOY("v1"), DEPLOY_PARALLEL("v2") }, "failed", 3, 0 };

        (void) state;
        baseline(3);
        lab.shared->agents[2].fails = true;
        assert_true(kill_everywhere(&scenario) >= 10);
}

static void killed_twice_it_still_goes_back(void **state) {
        const Scenario scenario = { { DEPLOY("v1"), DEPLOY("v2") }, "failed", 2, 3 };

        (void) state;
        baseline(2);
        lab.shared->agents[1].fails = true;
        assert_true(kill_everywhere(&scenario) >= 10);
}

#define SAFELY(options, rev) "\"options\":[\"serial\",\"1by1\"" options "]," DEPLOY(rev)

static void batches_are_finished(void **state) {
        const Scenario scenario = { { SAFELY("", "v1"), SAFELY("", "v2") }, "done", 3, 0 };

        (void) state;
        baseline(3);
        assert_true(kill_everywhere(&scenario) >= 12);
}

static void batches_that_are_done_go_back_too(void **state) {
        const Scenario scenario = {
                { SAFELY(",\"rollback=all\"", "v1"), SAFELY(",\"rollback=all\"", "v2") }, "failed", 3, 4
        };

        (void) state;
        baseline(3);
        lab.shared->agents[2].fails = true;
        assert_true(kill_everywhere(&scenario) >= 12);
}

static void a_redeploy_is_finished(void **state) {
        char ids[2][25];
        Scenario scenario = { { NULL, NULL }, "done", 2, 2 };
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        (void) state;
        baseline(2);
        CLEANUP(free) char *second = submit(DEPLOY("v2"));
        lab_close();
        assert_false(live(0));
        lab_open();
        assert_ok(collection_find(lab.services.store, COLLECTION_DEPLOYMENTS, where, &found, err));
        assert_int_equal(document_count(found), 2);
        for (size_t i = 0; i < 2; i++)
                memcpy(ids[i], document_get_string(document_at(found, i), "_id"), 25);
        CLEANUP(free) char *one = xasprintf("\"command\":\"redeploy\",\"options\":[\"%s\"]", ids[0]);
        CLEANUP(free) char *two = xasprintf("\"command\":\"redeploy\",\"options\":[\"%s\"]", ids[1]);
        scenario.members[1] = one; /* the first has an odd number; v2 is live */
        scenario.members[0] = two;
        assert_true(kill_everywhere(&scenario) >= 6);
}

static void after_three_resumes_it_is_said_what_stands(void **state) {
        (void) state;
        baseline(2);
        CLEANUP(free) char *before = wanted_release();
        lab.shared->agents[1].silent = true;
        lab.shared->agents[1].deaf = true;
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        lab_close();
        for (int i = 0; i < 4; i++) {
                /* the last line of a life is the wait for i-2: the order to it is the event after "deployed"
                 */
                int die_at = 1;
                lab.shared->agents[1].deploys = 0;
                die_at = i == 0 ? 6 : 3;
                (void) live(die_at);
        }
        assert_false(live(0));
        lab_open();
        CLEANUP(document_free) Document *job = get_job(id);
        assert_job(
                job, "aborted",
                "The controller ended 4 times while this job ran; it is not tried again. site: ");
        CLEANUP(free) char *wanted = wanted_release();
        CLEANUP(free) char *words = xasprintf("wanted is %.12s", wanted);
        assert_job(job, "aborted", words);
        assert_string_not_equal(wanted, before);
        assert_job(job, "aborted", "the new release was given, perhaps not to the end, to i-1");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_deploy_is_finished, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_deploy_that_fails_goes_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(killed_twice_it_still_goes_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(batches_are_finished, set_up, tear_down),
                cmocka_unit_test_setup_teardown(batches_that_are_done_go_back_too, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_redeploy_is_finished, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        after_three_resumes_it_is_said_what_stands, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_recovery", tests, NULL, NULL);
}

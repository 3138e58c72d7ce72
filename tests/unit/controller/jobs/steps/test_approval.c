/* Jobs that wait for a person: where they do, how they go on, and how they end. */
#include "../job_lab.h"
#include "jobs/job_run.h"
#include "store/job_approval_store.h"

#define SAFE(options) "\"options\":[\"serial\",\"1by1\"" options "]," DEPLOY("v2")

static void wait_asked(const char *id, const char *point) {
        Deadline deadline = deadline_after_ms(20000);

        for (;;) {
                CLEANUP(document_free) Document *job = get_job(id);
                if (strcmp(document_get_string(job, "approval.point"), point) == 0)
                        return;
                if (deadline_passed(deadline))
                        fail_msg("it does not ask for %s: %s", point, document_get_string(job, "message"));
                clock_sleep_ms(5);
        }
}

static void approve(const char *id, const char *point) {
        wait_asked(id, point);
        assert_ok(job_approval_give(lab.services.store, id, point, "carol", err));
}

static unsigned count_deployed(void) {
        unsigned count = 0;

        for (int i = 0; i < AGENTS; i++)
                count += __atomic_load_n(&lab.shared->agents[i].deploys, __ATOMIC_SEQ_CST);
        return count;
}

static void nothing_is_begun_before_somebody_approves(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=start\""));
        wait_asked(id, "start");
        wait_log(id, "Waiting for approval: nothing is begun yet. It goes on by ");
        assert_int_equal(count_deployed(), 0);
        approve(id, "start");
        CLEANUP(document_free) Document *job = wait_job(id);
        CLEANUP(free) char *log = job_text(id);

        assert_job(job, "done", "Deployment OK");
        assert_non_null(strstr(log, "Approved by carol"));
        assert_int_equal(count_deployed(), 2);
}

static void after_the_first_batch_the_rest_waits(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=first\""));
        wait_asked(id, "site.1");
        assert_int_equal(count_deployed(), 1);
        CLEANUP(document_free) Document *waiting = get_job(id);
        assert_string_equal(document_get_string(waiting, "status"), "started");
        assert_string_equal(
                document_get_string(waiting, "approval.question"),
                "Deploying module site: batch 1 of 3 is done, 2 of 3 instances are left");
        assert_string_equal(document_get_string(waiting, "progress.phase"), "Waiting for approval");
        assert_int_equal(document_get_int(waiting, "progress.instances_done"), 1);
        approve(id, "site.1");
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        assert_int_equal(count_deployed(), 3);
}

static void each_batch_but_the_last_is_asked_about(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=each\""));
        wait_log(id, "It waits for an approval after each batch but the last");
        approve(id, "site.1");
        wait_asked(id, "site.2");
        assert_int_equal(count_deployed(), 2);
        approve(id, "site.2");
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
}

static void cancel(const char *id) {
        JobStatus status = JOB_PENDING;

        assert_ok(job_queue_cancel(lab.queue, id, &status, err));
}

static void who_does_not_approve_cancels(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        CLEANUP(free) char *first = submit(SAFE(",\"approve=start\""));
        wait_asked(first, "start");
        cancel(first);
        CLEANUP(document_free) Document *untouched = wait_job(first);
        assert_job(untouched, "cancelled", "Job cancelled");
        assert_int_equal(count_deployed(), 0);

        CLEANUP(free) char *second = submit(SAFE(",\"approve=each\",\"rollback=all\""));
        wait_asked(second, "site.1");
        cancel(second);
        CLEANUP(document_free) Document *back = wait_job(second);
        CLEANUP(free) char *wanted = wanted_release();
        assert_job(
                back, "cancelled",
                "Job cancelled; the previous release is wanted again; back on it: i-1; unchanged: i-2");
        assert_string_equal(wanted, before);
        wait_asked(second, "");
}

/* What was approved stays so; what was not is asked again. */
static void a_stopped_controller_asks_on(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(3);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=each\""));
        approve(id, "site.1");
        wait_asked(id, "site.2");
        lab_close();
        lab_open();
        wait_asked(id, "site.2");
        assert_ok(job_queue_start(lab.queue, err));
        wait_log(id, "Waiting for approval: Deploying module site: batch 2 of 3 is done");
        approve(id, "site.2");
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        assert_int_equal(count_deployed(), 3);
}

/* Said while nobody was there to hear it. */
static void an_approval_outlives_the_controller(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=first\""));
        wait_asked(id, "site.1");
        lab_close();
        lab_open();
        approve(id, "site.1");
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
}

static void waiting_does_not_count_as_running(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        lab.services.limits.job_timeout_ms = 3000;
        CLEANUP(free) char *id = submit(SAFE(",\"approve=first\""));
        wait_asked(id, "site.1");
        Deadline over = deadline_after_ms(3500);
        while (!deadline_passed(over))
                clock_sleep_ms(50);
        approve(id, "site.1");
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
}

/* More than a job that does not wait would be taken up again. */
static void waiting_outlives_any_number_of_controllers(void **state) {
        (void) state;
        CLEANUP(free) char *before = all_on_v1(2);
        CLEANUP(free) char *id = submit(SAFE(",\"approve=start\""));
        wait_asked(id, "start");
        for (int i = 0; i <= JOB_RESUMES_MAX; i++) {
                lab_close();
                lab_open();
                assert_ok(job_queue_start(lab.queue, err));
        }
        approve(id, "start");
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        assert_int_equal(count_deployed(), 2);
}

/* Its package is built once the file "go" is there. Caller frees the id. */
static char *add_app(const char *name) {
        CLEANUP(free) char *script = xasprintf("while test ! -e %s/go; do sleep 0.02; done", lab.folder);
        CLEANUP(free) char *encoded = base64_encode(script, strlen(script));
        CLEANUP(document_free)
        Document *app = parse(xasprintf(
                "{\"name\":\"%s\",\"env\":\"dev\",\"role\":\"web\",\"pending_changes\":[],\"modules\":[{"
                "\"name\":\"site\",\"path\":\"/srv/site\",\"git_repo\":\"%s/site\",\"build_pack\":\"%s\"}]}",
                name, lab.folder, encoded));
        CLEANUP(document_free) Document *stored = NULL;

        assert_ok(collection_insert(lab.services.store, COLLECTION_APPS, app, &stored, err));
        return xstrdup(document_get_string(stored, "_id"));
}

static bool is_started(const char *id) {
        CLEANUP(document_free) Document *job = get_job(id);

        return strcmp(document_get_string(job, "status"), "started") == 0;
}

static void wait_done(char *id) {
        CLEANUP(free) char *owned = id;
        CLEANUP(document_free) Document *job = wait_job(owned);

        assert_job(job, "done", "no instance is running");
}

static void who_waits_holds_up_no_other_application(void **state) {
        char *apps[WORKERS + 1], *ids[WORKERS + 1];

        (void) state;
        assert_ok(job_queue_start(lab.queue, err));
        shell("touch go");
        for (int i = 0; i <= WORKERS; i++)
                apps[i] = add_app((const char *[]){ "one", "two", "three" }[i]);
        for (int i = 0; i < WORKERS; i++) {
                ids[i] = submit_to(apps[i], SAFE(",\"approve=start\""));
                wait_asked(ids[i], "start");
        }
        wait_done(submit_to(apps[WORKERS], DEPLOY("v1")));
        for (int i = 0; i < WORKERS; i++) {
                approve(ids[i], "start");
                wait_done(ids[i]);
        }

        /* And then no more run at a time than before. */
        shell("rm go");
        for (int i = 0; i <= WORKERS; i++)
                ids[i] = submit_to(apps[i], DEPLOY("v2"));
        for (int i = 0; i < WORKERS; i++)
                wait_log(ids[i], "Job processing started");
        clock_sleep_ms(300); /* in which a third would start */
        assert_false(is_started(ids[WORKERS]));
        shell("touch go");
        for (int i = 0; i <= WORKERS; i++) {
                wait_done(ids[i]);
                free(apps[i]);
        }
}

#define LAB_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                LAB_TEST(nothing_is_begun_before_somebody_approves),
                LAB_TEST(after_the_first_batch_the_rest_waits),
                LAB_TEST(each_batch_but_the_last_is_asked_about),
                LAB_TEST(who_does_not_approve_cancels),
                LAB_TEST(a_stopped_controller_asks_on),
                LAB_TEST(an_approval_outlives_the_controller),
                LAB_TEST(waiting_does_not_count_as_running),
                LAB_TEST(waiting_outlives_any_number_of_controllers),
                LAB_TEST(who_waits_holds_up_no_other_application),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

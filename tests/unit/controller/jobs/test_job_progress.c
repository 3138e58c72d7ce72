/* What the document of a job says of how far it is, while it runs and when it has ended. */
#include "job_lab.h"

#include "jobs/job_context.h"

#define SERIAL(options) "\"options\":[\"serial\",\"1by1\"" options "]," DEPLOY("v1")

static char *progress_of(const char *id) {
        CLEANUP(document_free) Document *job = get_job(id);
        const Document *progress = document_get(job, "progress");

        return progress ? document_canonical(progress) : xstrdup("none");
}

static char *expected(const char *phase, int total, int done, int failed, int batch, int batches) {
        return xasprintf(
                "{\"batch\":%d,\"batches\":%d,\"instances_done\":%d,\"instances_failed\":%d,"
                "\"instances_total\":%d,\"phase\":\"%s\"}",
                batch, batches, done, failed, total, phase);
}

static void assert_progress(const char *id, char *wanted) {
        CLEANUP(free) char *owned = wanted;
        CLEANUP(free) char *found = progress_of(id);

        assert_string_equal(found, owned);
}

static void await_progress(const char *id, char *wanted) {
        CLEANUP(free) char *owned = wanted;
        Deadline give_up = deadline_after_ms(20000);

        for (;;) {
                CLEANUP(free) char *found = progress_of(id);
                if (strcmp(found, owned) == 0)
                        return;
                if (deadline_passed(give_up))
                        fail_msg("%s, not %s", found, owned);
                clock_sleep_ms(5);
        }
}

static void begin(int instances) {
        for (int i = 1; i <= instances; i++)
                add_instance(i, true);
        lab.services.limits.task_timeout_ms = 60000; /* a silent one must not be given up meanwhile */
        assert_ok(job_queue_start(lab.queue, err));
}

/* A task that nobody answers is answered here. */
static void end_silence(int agent) {
        PlayedAgent *played = &lab.shared->agents[agent];
        const char id[] = { 'a', (char) ('1' + agent), '\0' };
        Deadline give_up = deadline_after_ms(20000);

        while (__atomic_load_n(&played->deploys, __ATOMIC_SEQ_CST) == 0) {
                assert_false(deadline_passed(give_up));
                clock_sleep_ms(2);
        }

        played->silent = false;
        answer(played->task, played->job, id, true, "", GHOST__ERROR_KIND__ERROR_KIND_NONE);
}

static void it_is_told_batch_by_batch_and_stays(void **state) {
        (void) state;
        begin(3);
        lab.shared->agents[1].silent = true;
        CLEANUP(free) char *id = submit(SERIAL(""));
        await_progress(id, expected("Deploying module site", 3, 1, 0, 2, 3));
        CLEANUP(document_free) Document *running = get_job(id);
        end_silence(1);
        CLEANUP(document_free) Document *job = wait_job(id);

        assert_job(job, "done", "Deployment OK");
        assert_progress(id, expected("Deploying module site", 3, 3, 0, 3, 3));
        /* As with its status: whoever has the etag may still use it. */
        assert_string_equal(document_get_string(running, "_etag"), document_get_string(job, "_etag"));
        assert_int_equal(document_get_int(job, "_version"), 1);
}

static void instances_count_as_they_end_inside_a_batch(void **state) {
        (void) state;
        begin(3);
        lab.shared->agents[2].silent = true;
        CLEANUP(free) char *id = submit(DEPLOY_PARALLEL("v1"));
        await_progress(id, expected("Deploying module site", 3, 2, 0, 1, 1));
        end_silence(2);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "done", "Deployment OK");
        assert_progress(id, expected("Deploying module site", 3, 3, 0, 1, 1));
}

static void what_failed_and_went_back_is_told(void **state) {
        (void) state;
        begin(3);
        CLEANUP(document_free) Document *first = run_job(DEPLOY_PARALLEL("v1"));
        assert_job(first, "done", "Deployment OK");
        lab.shared->agents[1].fails = true;
        CLEANUP(free)
        char *one = submit("\"options\":[\"serial\",\"1by1\",\"max_failures=1\"]," DEPLOY("v2"));
        CLEANUP(document_free) Document *tolerated = wait_job(one);
        assert_job(tolerated, "done", "FAILED, as many as were allowed to");
        assert_progress(one, expected("Deploying module site", 3, 2, 1, 3, 3));

        CLEANUP(free) char *two = submit("\"options\":[\"serial\",\"1by1\",\"rollback=all\"]," DEPLOY("v1"));
        CLEANUP(document_free) Document *back = wait_job(two);
        assert_job(back, "failed", "back on it: i-1");
        assert_progress(two, expected("Going back: Deploying module site", 3, 0, 1, 2, 3));
}

static void before_instances_come_there_is_a_phase(void **state) {
        (void) state;
        begin(1);
        set_script("build_pack", "exit 7\n");
        CLEANUP(free) char *id = submit(DEPLOY_PARALLEL("v1"));
        CLEANUP(document_free) Document *job = wait_job(id);

        assert_job(job, "failed", "7");
        assert_progress(id, expected("Packaging module site", 0, 0, 0, 0, 0));
}

static uint64_t writes(void) {
        return collection_changes(lab.services.store, COLLECTION_JOBS);
}

static void nothing_new_is_not_written(void **state) {
        (void) state;
        CLEANUP(free) char *id = submit(DEPLOY_PARALLEL("v1"));
        JobContext job = { .services = &lab.services, .id = id };
        JobProgress progress = { .phase = "Doing it", .total = 1000, .batch = 1, .batches = 1 };

        uint64_t before = writes();
        for (int i = 0; i < 100; i++)
                job_progress_set(&job, &progress, true);
        assert_int_equal(writes(), before + 1);
        job.next_progress = deadline_after_ms(60000); /* instances alone wait for their turn */
        for (progress.done = 1; progress.done < 500; progress.done++)
                job_progress_set(&job, &progress, false);
        assert_int_equal(writes(), before + 1);
        progress.batch = 2;
        job_progress_set(&job, &progress, false);
        assert_progress(id, expected("Doing it", 1000, 500, 0, 2, 1));
        progress.done = 501;
        job.next_progress = deadline_after_ms(60000);
        job_progress_set(&job, &progress, true);
        assert_int_equal(writes(), before + 3);
        assert_progress(id, expected("Doing it", 1000, 501, 0, 2, 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(it_is_told_batch_by_batch_and_stays, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        instances_count_as_they_end_inside_a_batch, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_failed_and_went_back_is_told, set_up, tear_down),
                cmocka_unit_test_setup_teardown(before_instances_come_there_is_a_phase, set_up, tear_down),
                cmocka_unit_test_setup_teardown(nothing_new_is_not_written, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_progress", tests, NULL, NULL);
}

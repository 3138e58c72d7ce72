/* Deploys and redeploys to their end: statuses, messages, and what stands afterwards. */
#include "job_lab.h"

#include <pthread.h>
#include <stdatomic.h>

static void deploys_and_redeploys(void **state) {
        CLEANUP(free) char *first = NULL, *second = NULL, *third = NULL;

        (void) state;
        add_instance(1, true);
        add_instance(2, true);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *one = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\",\"rev\":\"v1\"}]");
        assert_job(one, "done", "Deployment OK: [site: ");
        assert_int_equal(lab.shared->agents[0].deploys + lab.shared->agents[1].deploys, 2);
        assert_ok(release_store_get(lab.services.store, lab.app_id, "site", &first, err));
        const char *id = document_get_string(one, "modules.0.deploy_id");
        assert_int_equal(strlen(id), 24);

        CLEANUP(document_free)
        Document *two = run_job(
                "\"command\":\"deploy\",\"options\":[\"parallel\"],\"modules\":[{\"name\":\"site\"}]");
        assert_job(two, "done", "Deployment OK: [site: ");
        assert_ok(release_store_get(lab.services.store, lab.app_id, "site", &second, err));
        assert_string_not_equal(first, second);

        CLEANUP(free) char *again = xasprintf("\"command\":\"redeploy\",\"options\":[\"%s\"]", id);
        CLEANUP(document_free) Document *back = run_job(again);
        assert_job(back, "done", "Redeploy OK: [");
        assert_ok(release_store_get(lab.services.store, lab.app_id, "site", &third, err));
        assert_string_equal(first, third);
}

static void a_failure_puts_everything_back(void **state) {
        CLEANUP(free) char *wanted = NULL;

        (void) state;
        add_instance(1, true);
        add_instance(2, true);
        lab.shared->agents[1].fails = true;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *job = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\"}]");
        assert_job(job, "failed", "Deploy error on: i-2 (post_deploy exited with code 3)");
        assert_int_equal(lab.shared->agents[0].restores, 1);
        assert_job(job, "failed", "; no release is wanted, as before; back on it: i-1; went back: i-2");
        assert_ok(release_store_get(lab.services.store, lab.app_id, "site", &wanted, err));
        assert_true(text_empty(wanted));
}

static void without_instances_the_package_is_kept(void **state) {
        (void) state;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *job = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\"}]");
        assert_job(job, "done", "no instance is running");
}

static void what_does_not_exist_is_named(void **state) {
        (void) state;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *revision =
                run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\",\"rev\":\"nope\"}]");
        assert_job(revision, "failed", "revision 'nope' does not exist in repository");
        CLEANUP(document_free)
        Document *module = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"other\"}]");
        assert_job(module, "aborted", "Deployment Aborted: missing modules [other]");
}

static void who_is_left_out_is_named(void **state) {
        (void) state;
        add_instance(1, false);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *none = run_job(DEPLOY("v1"));
        assert_job(
                none, "done",
                "(no instance is ready: instances get it when they boot; left out: i-1 (not "
                "bootstrapped))");
        add_instance(2, true);
        CLEANUP(document_free) Document *one = run_job(DEPLOY("v1"));
        assert_job(one, "done", "] (left out: i-1 (not bootstrapped))");
        assert_int_equal(lab.shared->agents[0].deploys, 0);
        assert_int_equal(lab.shared->agents[1].deploys, 1);
}

static void an_agent_that_stays_away_fails_the_job(void **state) {
        (void) state;
        add_instance(1, true);
        add_instance(2, true);
        lab.services.limits.agent_wait_ms = 100;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *first = run_job(DEPLOY("v1"));
        assert_job(first, "done", "Deployment OK");
        CLEANUP(free) char *before = wanted_release();
        set_away(1, true);
        CLEANUP(document_free) Document *job = run_job(DEPLOY_PARALLEL("v2"));
        assert_job(
                job, "failed",
                "Deploy error on: i-2 (its agent is not connected); the previous release is "
                "wanted again; back on it: i-1; unchanged: i-2");
        CLEANUP(free) char *after = wanted_release();
        assert_string_equal(before, after);
        assert_string_equal(lab.shared->agents[0].release, before);
        assert_string_equal(lab.shared->agents[1].release, before);
}

static void what_does_not_go_back_is_named(void **state) {
        (void) state;
        add_instance(1, true);
        add_instance(2, true);
        lab.shared->agents[0].cannot_undo = true;
        lab.shared->agents[1].fails = true;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v1"));
        assert_job(job, "failed", "; NOT back, look at them: i-1 (the disk is gone)");
}

static void a_failed_after_all_deploy_says_what_is_live(void **state) {
        (void) state;
        add_instance(1, true);
        assert_ok(job_queue_start(lab.queue, err));
        set_script("after_all_deploy", "#!/bin/sh\nexit 7\n");
        CLEANUP(document_free) Document *job = run_job(DEPLOY("v1"));
        assert_job(
                job, "failed",
                "after_all_deploy exited with code 7; the new release of site is live: deployment ");
        CLEANUP(free) char *wanted = wanted_release();
        assert_string_equal(lab.shared->agents[0].release, wanted);
        assert_int_equal(strlen(wanted), 64);
        assert_int_equal(count_deployments(document_get_string(job, "_id")), 1);
}

static void a_record_that_cannot_be_written_is_said(void **state) {
        (void) state;
        add_instance(1, true);
        assert_ok(job_queue_start(lab.queue, err));
        /* the application goes while the job runs: there is nothing to mark */
        CLEANUP(free) char *gate = path("gate");
        CLEANUP(free)
        char *script = xasprintf("#!/bin/sh\necho waiting\nwhile [ ! -e %s ]; do sleep 0.02; done\n", gate);
        set_script("after_all_deploy", script);
        CLEANUP(free) char *id = submit(DEPLOY("v1"));
        wait_log(id, "waiting");
        assert_ok(collection_delete(lab.services.store, COLLECTION_APPS, lab.app_id, NULL, NULL, err));
        assert_ok(file_write_atomic(gate, "", 0, 0600, err));
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(
                job, "failed", "the new release of site is live, but its deployment could not be recorded: ");
        assert_int_equal(count_deployments(id), 0); /* all or nothing */
}

static void a_module_is_deployed_once(void **state) {
        (void) state;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *job =
                run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\",\"rev\":\"v1\"},{\"name\":"
                        "\"site\",\"rev\":\"v2\"}]");
        assert_job(job, "aborted", "module site is listed twice");
}

static void a_strangers_receipt_does_not_count(void **state) {
        (void) state;
        add_instance(1, true);
        lab.shared->agents[0].silent = true;
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(free) char *id = submit(DEPLOY("v1"));
        Deadline deadline = deadline_after_ms(20000);
        while (!__atomic_load_n(&lab.shared->agents[0].deploys, __ATOMIC_SEQ_CST)) {
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(5);
        }
        const char *task = lab.shared->agents[0].task;
        answer(task, id, "a3", true, "", GHOST__ERROR_KIND__ERROR_KIND_INTERNAL);
        clock_sleep_ms(50);
        assert_false(has_ended(id));
        answer(task, id, "a1", false, "no room", GHOST__ERROR_KIND__ERROR_KIND_INTERNAL);
        CLEANUP(document_free) Document *job = wait_job(id);
        assert_job(job, "failed", "i-1 (no room)");
}

/* Somebody edits the application all the time, each time on what is stored. */
static atomic_bool editing;

static void *edit(void *argument) {
        size_t *count = argument;

        while (atomic_load(&editing)) {
                CLEANUP(document_free) Document *app = NULL;
                CLEANUP(document_free) Document *members = document_object();
                CLEANUP(free) char *field = xasprintf("f%zu", *count);
                Document *change = document_object();

                if (!store_begin(lab.services.store, NULL))
                        return argument;
                if (!collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, NULL)) {
                        store_roll_back(lab.services.store);
                        return argument;
                }
                Document *changes = document_copy(document_get(app, "pending_changes"));
                document_set_string(change, "field", field);
                document_append(changes, change);
                document_set(members, "pending_changes", changes);
                bool ok = collection_patch(
                        lab.services.store, COLLECTION_APPS, lab.app_id, members, true, NULL);
                if (!store_commit(lab.services.store, NULL) || !ok)
                        return argument;
                ++*count;
                clock_sleep_ms(1);
        }
        return NULL;
}

static void no_edit_is_lost_to_a_job(void **state) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(document_free)
        Document *pending = parse(xstrdup("{\"pending_changes\":[{\"field\":\"modules\",\"updated\":\"Sun, "
                                          "22 Nov 2020 23:24:38 GMT\"}]}"));
        pthread_t thread;
        size_t count = 0;
        void *failed = NULL;

        (void) state;
        add_instance(1, true);
        assert_ok(collection_patch(lab.services.store, COLLECTION_APPS, lab.app_id, pending, false, err));
        assert_ok(job_queue_start(lab.queue, err));
        atomic_store(&editing, true);
        assert_int_equal(pthread_create(&thread, NULL, edit, &count), 0);
        for (int i = 0; i < 4; i++) {
                CLEANUP(document_free) Document *job = i % 2 ? run_job(DEPLOY("v1")) : run_job(DEPLOY("v2"));
                assert_job(job, "done", "Deployment OK");
                assert_int_equal(strlen(document_get_string(job, "modules.0.deploy_id")), 24);
        }
        atomic_store(&editing, false);
        pthread_join(thread, &failed);
        assert_null(failed);
        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        assert_true(count > 10);
        assert_int_equal(
                document_count(document_get(app, "pending_changes")), count); /* its own is cleared */
        assert_string_equal(document_get_string(app, "pending_changes.0.field"), "f0");
        assert_true(document_get_bool(app, "modules.0.initialized"));
}

/* What a user changes. */
static void change_modules(void) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(free) char *now = clock_format_http(clock_now_us());
        Document *changes = document_array(), *change = document_object();
        bool stale = false;

        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        document_set_string(change, "field", "modules");
        document_set_string(change, "updated", now);
        document_append(changes, change);
        document_set(app, "pending_changes", changes);
        assert_ok(collection_replace(
                lab.services.store, COLLECTION_APPS, lab.app_id, app, NULL, &stale, NULL, err));
}

static size_t count_pending(void) {
        CLEANUP(document_free) Document *app = NULL;

        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        return document_count(document_get(app, "pending_changes"));
}

static void a_change_of_the_second_in_which_a_job_starts_is_told_apart(void **state) {
        CLEANUP(free) char *script = xasprintf("while test ! -e %s/go; do sleep 0.02; done", lab.folder);

        (void) state;
        assert_ok(job_queue_start(lab.queue, err));
        change_modules();
        CLEANUP(document_free) Document *applied = run_job(DEPLOY("v1"));
        assert_job(applied, "done", "no instance is running");
        assert_int_equal(count_pending(), 0);

        set_script("build_pack", script);
        CLEANUP(free) char *id = submit(DEPLOY("v2"));
        wait_log(id, "build_pack");
        change_modules();
        shell("touch go");
        CLEANUP(document_free) Document *before = wait_job(id);
        assert_job(before, "done", "no instance is running");
        assert_int_equal(count_pending(), 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(deploys_and_redeploys, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_failure_puts_everything_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(without_instances_the_package_is_kept, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_does_not_exist_is_named, set_up, tear_down),
                cmocka_unit_test_setup_teardown(who_is_left_out_is_named, set_up, tear_down),
                cmocka_unit_test_setup_teardown(an_agent_that_stays_away_fails_the_job, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_does_not_go_back_is_named, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        a_failed_after_all_deploy_says_what_is_live, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_record_that_cannot_be_written_is_said, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_module_is_deployed_once, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_strangers_receipt_does_not_count, set_up, tear_down),
                cmocka_unit_test_setup_teardown(no_edit_is_lost_to_a_job, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        a_change_of_the_second_in_which_a_job_starts_is_told_apart, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_queue", tests, NULL, NULL);
}

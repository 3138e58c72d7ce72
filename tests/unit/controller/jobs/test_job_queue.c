/* The engine with a real store, real git and real packages; the agents behind the AgentLink are played here.
 */
#include "jobs/job_queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "harness/ghost_test.h"
#include "store/agent_store.h"
#include "store/collection.h"
#include "store/job_store.h"
#include "store/release_store.h"

static struct Lab {
        char folder[64];
        char *app_id;
        JobServices services;
        JobQueue *queue;
        unsigned deploys, restores;
        const char *failing; /* agent whose deploys fail */
} lab;

static bool is_connected(void *context, const char *agent_id) {
        (void) context;
        (void) agent_id;
        return true;
}

static bool take_task(void *context, const char *agent_id, const Ghost__Task *task) {
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        uint8_t bytes[512];

        (void) context;
        bool deploy = order->action_case == GHOST__ORDER__ACTION_DEPLOY_MODULE;
        lab.deploys += deploy;
        lab.restores += !deploy;
        receipt.task_id = order->task_id;
        receipt.job_id = order->job_id;
        receipt.ok = !deploy || !lab.failing || strcmp(lab.failing, agent_id) != 0;
        receipt.message = (char *) (receipt.ok ? "" : "post_deploy exited with code 3");
        size_t length = ghost__receipt__pack(&receipt, bytes);
        assert_ok(receipt_store_put(
                lab.services.store, order->task_id, order->job_id, agent_id, bytes, length, err));
        ghost__order__free_unpacked(order, NULL);
        task_board_on_change(lab.services.tasks);
        return true;
}

static void cancel_task(void *context, const char *agent_id, const char *task_id) {
        (void) context;
        (void) agent_id;
        (void) task_id;
}

static char *path(const char *name) {
        return xasprintf("%s/%s", lab.folder, name);
}

static void shell(const char *script) {
        const char *const argv[] = { "sh", "-ec", script, NULL };
        const char *const environment[] = { "PATH=/usr/bin:/bin",
                                            "HOME=/nonexistent",
                                            "GIT_AUTHOR_NAME=a",
                                            "GIT_AUTHOR_EMAIL=a@b",
                                            "GIT_COMMITTER_NAME=a",
                                            "GIT_COMMITTER_EMAIL=a@b",
                                            NULL };
        ProcessSpec spec = { .argv = argv,
                             .environment = environment,
                             .folder = lab.folder,
                             .uid = PROCESS_KEEP_ID,
                             .gid = PROCESS_KEEP_ID,
                             .deadline = deadline_after_ms(30000),
                             .output_max_bytes = 65536 };
        assert_ok(process_capture(&spec, NULL, err));
}

static Document *parse(char *text) {
        CLEANUP(free) char *owned = text;
        Document *document = NULL;

        assert_ok((document = document_parse(owned, strlen(owned), err)));
        return document;
}

static int set_up(void **state) {
        (void) state;
        memset(&lab, 0, sizeof(lab));
        strncpy(lab.folder, "/tmp/ghost-jobs-XXXXXX", sizeof(lab.folder) - 1);
        assert_non_null(mkdtemp(lab.folder));
        CLEANUP(free) char *db = path("ghost.db"), *logs = path("logs"), *packages = path("packages");
        CLEANUP(free) char *mirrors = path("mirrors");
        AgentLink link = { .connected = is_connected, .send_task = take_task, .send_cancel = cancel_task };
        JobServices *services = &lab.services;

        services->work_folder = path("work");
        assert_ok((services->store = store_open(&(StoreSpec){ .path = db }, err)));
        assert_ok(
                (services->logs =
                         job_logs_new(&(JobLogsSpec){ .folder = logs, .store = services->store }, err)));
        services->tasks = task_board_new(services->store, &link);
        assert_ok((services->packages = directory_package_store_new(packages, err)));
        assert_ok(
                (services->mirrors = git_mirrors_new(
                         &(GitMirrorsSpec){ .folder = mirrors,
                                            .program = "git",
                                            .timeout_ms = 20000,
                                            .allow_file = true },
                         err)));
        services->release_key = signing_key_new();
        services->limits = (JobLimits){ .job_timeout_ms = 60000,
                                        .agent_wait_ms = 5000,
                                        .hook_timeout_ms = 5000,
                                        .task_timeout_ms = 5000,
                                        .build_pack_timeout_ms = 5000,
                                        .build_pack_output_bytes = 100000,
                                        .keep_releases = 3,
                                        .exclude_git = true };
        shell("git init -q -b main site && cd site && echo one > page && git add . && git commit -qm first "
              "&& "
              "git tag v1 && echo two > page && git commit -qam second && git tag v2");
        CLEANUP(document_free)
        Document *app = parse(xasprintf(
                "{\"name\":\"demo\",\"env\":\"dev\",\"role\":\"web\",\"modules\":[{\"name\":\"site\","
                "\"path\":\"/srv/site\",\"git_repo\":\"%s/site\",\"build_pack\":\"dGVzdCAtZiBwYWdlCg==\"}]}",
                lab.folder));
        CLEANUP(document_free) Document *stored = NULL;
        assert_ok(collection_insert(services->store, COLLECTION_APPS, app, &stored, err));
        lab.app_id = xstrdup(document_get_string(stored, "_id"));
        lab.queue = job_queue_new(services, 2);
        return 0;
}

static int tear_down(void **state) {
        (void) state;
        job_queue_free(lab.queue);
        task_board_free(lab.services.tasks);
        job_logs_free(lab.services.logs);
        package_store_free(lab.services.packages);
        git_mirrors_free(lab.services.mirrors);
        signing_key_free((SigningKey *) lab.services.release_key);
        store_free(lab.services.store);
        free((char *) lab.services.work_folder);
        free(lab.app_id);
        assert_ok(file_remove_tree(lab.folder, err));
        return 0;
}

static void add_instance(const char *instance, const char *agent) {
        CLEANUP(document_free)
        Document *document = parse(xasprintf(
                "{\"instance_id\":\"%s\",\"app_id\":\"%s\",\"agent_id\":\"%s\",\"state\":\"running\","
                "\"purpose\":\"instance\",\"bootstrapped\":true}",
                instance, lab.app_id, agent));
        assert_ok(collection_insert(lab.services.store, COLLECTION_INSTANCES, document, NULL, err));
}

/* Stores a job, waits for its end; caller frees. */
static Document *run_job(const char *members) {
        CLEANUP(document_free)
        Document *job = parse(xasprintf("{\"app_id\":\"%s\",\"user\":\"u\",%s}", lab.app_id, members));
        CLEANUP(document_free) Document *stored = NULL;
        Deadline deadline = deadline_after_ms(60000);

        assert_ok(job_store_insert(lab.services.store, job, &stored, err));
        job_queue_wake(lab.queue);
        for (;;) {
                Document *now = NULL;
                int status = 0;
                assert_ok(collection_get(
                        lab.services.store, COLLECTION_JOBS, document_get_string(stored, "_id"), &now, err));
                assert_true(names_value(&job_status_names, document_get_string(now, "status"), &status));
                if (job_status_is_final((JobStatus) status))
                        return now;
                document_free(now);
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(20);
        }
}

static void assert_job(const Document *job, const char *status, const char *words) {
        const char *message = document_get_string(job, "message");

        if (strcmp(document_get_string(job, "status"), status) != 0 || !strstr(message, words))
                fail_msg("%s: %s", document_get_string(job, "status"), message);
}

static void deploys_and_redeploys(void **state) {
        CLEANUP(free) char *first = NULL, *second = NULL, *third = NULL;

        (void) state;
        add_instance("i-1", "a1");
        add_instance("i-2", "a2");
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *one = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\",\"rev\":\"v1\"}]");
        assert_job(one, "done", "Deployment OK: [site: ");
        assert_int_equal(lab.deploys, 2);
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
        add_instance("i-1", "a1");
        add_instance("i-2", "a2");
        lab.failing = "a2";
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free)
        Document *job = run_job("\"command\":\"deploy\",\"modules\":[{\"name\":\"site\"}]");
        assert_job(job, "failed", "Deploy error on: i-2 (post_deploy exited with code 3)");
        assert_int_equal(lab.restores, 1);
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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(deploys_and_redeploys, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_failure_puts_everything_back, set_up, tear_down),
                cmocka_unit_test_setup_teardown(without_instances_the_package_is_kept, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_does_not_exist_is_named, set_up, tear_down),
        };
        return cmocka_run_group_tests_name("job_queue", tests, NULL, NULL);
}

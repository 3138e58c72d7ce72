/* The engine with a real store, real git and real packages; the agents behind the AgentLink are played here.
 * Their side is in shared memory: it outlives a controller that is killed. */
#pragma once

#include "jobs/job_queue.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "harness/ghost_test.h"
#include "store/agent_store.h"
#include "store/collection.h"
#include "store/job_store.h"
#include "store/release_store.h"

#define PLAYED __attribute__((unused)) static

enum { AGENTS = 4, WORKERS = 2, ID_MAX = 80 };

typedef struct PlayedAgent {
        bool away;        /* not connected */
        bool fails;       /* its deploys */
        bool fails_early; /* … before they switch */
        bool silent;      /* takes deploys, gives no receipt until it is cancelled */
        bool deaf;        /* … nor then */
        bool cannot_undo; /* its restores fail */
        bool old;         /* it knows of no health checks */
        unsigned deploys, restores;
        char release[ID_MAX];           /* what it has now */
        char task[ID_MAX], job[ID_MAX]; /* of a silent one */
} PlayedAgent;

typedef struct Shared {
        PlayedAgent agents[AGENTS]; /* a1 … on i-1 … */
        int events, die_at;         /* log lines and tasks; 0: never */
        bool inside[AGENTS];        /* in a played load balancer */
        unsigned disturbed;         /* orders to such as were inside */
        int end;                    /* of a run, as the test calls it */
        char message[2000];
} Shared;

static struct Lab {
        char folder[64];
        char *app_id;
        JobServices services;
        JobQueue *queue;
        Shared *shared;
} lab;

PLAYED void count_event(void) {
        if (__atomic_add_fetch(&lab.shared->events, 1, __ATOMIC_SEQ_CST) == lab.shared->die_at)
                kill(getpid(), SIGKILL);
}

PLAYED PlayedAgent *agent_of(const char *id) {
        return &lab.shared->agents[id[1] - '1'];
}

PLAYED void set_away(int agent, bool away) {
        __atomic_store_n(&lab.shared->agents[agent].away, away, __ATOMIC_SEQ_CST);
}

PLAYED bool is_connected(void *context, const char *agent_id) {
        (void) context;
        return !__atomic_load_n(&agent_of(agent_id)->away, __ATOMIC_SEQ_CST);
}

PLAYED void store_receipt(const Ghost__Receipt *receipt, const char *agent_id) {
        uint8_t bytes[512];
        size_t length = ghost__receipt__pack(receipt, bytes);

        assert_ok(receipt_store_put(
                lab.services.store, receipt->task_id, receipt->job_id, agent_id, bytes, length, err));
        task_board_on_receipt(lab.services.tasks, receipt->task_id);
}

PLAYED void answer(
        const char *task_id, const char *job_id, const char *agent_id, bool ok, const char *message,
        Ghost__ErrorKind kind) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;

        receipt.task_id = (char *) task_id;
        receipt.job_id = (char *) job_id;
        receipt.ok = ok;
        receipt.kind = kind;
        receipt.message = (char *) message;
        store_receipt(&receipt, agent_id);
}

PLAYED void answer_order(const Ghost__Order *order, bool ok, const char *message, Ghost__ErrorKind kind) {
        Ghost__Receipt receipt = GHOST__RECEIPT__INIT;
        Ghost__HealthRun run = GHOST__HEALTH_RUN__INIT, *runs[] = { &run };
        Ghost__HookRun hook = GHOST__HOOK_RUN__INIT, *hooks[] = { &hook };
        bool restores = order->action_case == GHOST__ORDER__ACTION_RESTORE_MODULE;
        const Ghost__HealthCheck *check =
                restores ? order->restore_module->health : order->deploy_module->health;

        receipt.task_id = order->task_id;
        receipt.job_id = order->job_id;
        receipt.ok = ok;
        receipt.kind = kind;
        receipt.message = (char *) message;
        run.module = restores ? order->restore_module->module : order->deploy_module->module;
        run.ok = ok;
        receipt.health = runs;
        hook.module = run.module;
        hook.hook = (char *) (agent_of(order->agent_id)->fails_early ? "pre_deploy" : "post_deploy");
        receipt.hooks = hooks;
        receipt.n_hooks = 1;
        receipt.n_health = ok && check && !agent_of(order->agent_id)->old;
        store_receipt(&receipt, order->agent_id);
}

PLAYED void take_order(PlayedAgent *agent, const Ghost__Order *order) {
        if (lab.shared->inside[agent - lab.shared->agents])
                lab.shared->disturbed++;
        if (order->action_case == GHOST__ORDER__ACTION_RESTORE_MODULE) {
                agent->restores++;
                if (!agent->cannot_undo)
                        strncpy(agent->release, order->restore_module->manifest_sha256, ID_MAX - 1);
                answer_order(
                        order, !agent->cannot_undo, "the disk is gone",
                        GHOST__ERROR_KIND__ERROR_KIND_INTERNAL);
                return;
        }
        if (agent->silent) {
                strncpy(agent->task, order->task_id, ID_MAX - 1);
                strncpy(agent->job, order->job_id, ID_MAX - 1);
        } else {
                if (!agent->fails)
                        strncpy(agent->release, order->deploy_module->manifest_sha256, ID_MAX - 1);
                answer_order(
                        order, !agent->fails, "post_deploy exited with code 3",
                        GHOST__ERROR_KIND__ERROR_KIND_INVALID);
        }
        __atomic_add_fetch(&agent->deploys, 1, __ATOMIC_SEQ_CST);
}

PLAYED bool take_task(void *context, const char *agent_id, const Ghost__Task *task) {
        if (!is_connected(context, agent_id))
                return false;
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        take_order(agent_of(agent_id), order);
        ghost__order__free_unpacked(order, NULL);
        count_event();
        return true;
}

PLAYED void cancel_task(void *context, const char *agent_id, const char *task_id) {
        PlayedAgent *agent = agent_of(agent_id);

        (void) context;
        if (agent->silent && !agent->deaf && strcmp(agent->task, task_id) == 0)
                answer(task_id, agent->job, agent_id, false, "cancelled",
                       GHOST__ERROR_KIND__ERROR_KIND_CANCELLED);
}

PLAYED void on_growth(void *context, const char *job_id) {
        (void) context;
        (void) job_id;
        count_event();
}

PLAYED char *path(const char *name) {
        return xasprintf("%s/%s", lab.folder, name);
}

PLAYED void shell(const char *script) {
        const char *const argv[] = { "sh", "-ec", script, NULL };
        const char *const environment[] = { "PATH=/usr/bin:/bin",      "HOME=/nonexistent",
                                            "GIT_AUTHOR_NAME=a",       "GIT_AUTHOR_EMAIL=a@b",
                                            "GIT_COMMITTER_NAME=a",    "GIT_COMMITTER_EMAIL=a@b",
                                            "GIT_CONFIG_NOSYSTEM=yes", NULL };
        ProcessSpec spec = { .argv = argv,
                             .environment = environment,
                             .folder = lab.folder,
                             .uid = PROCESS_KEEP_ID,
                             .gid = PROCESS_KEEP_ID,
                             .deadline = deadline_after_ms(30000),
                             .output_max_bytes = 65536 };
        assert_ok(process_capture(&spec, NULL, err));
}

PLAYED Document *parse(char *text) {
        CLEANUP(free) char *owned = text;
        Document *document = NULL;

        assert_ok((document = document_parse(owned, strlen(owned), err)));
        return document;
}

PLAYED void on_waits(void *context, bool waits) {
        (void) context;
        job_queue_set_waiting(lab.queue, waits);
}

/* The controller's part of the lab. */
PLAYED void lab_open(void) {
        CLEANUP(free) char *db = path("ghost.db"), *logs = path("logs"), *packages = path("packages");
        CLEANUP(free) char *mirrors = path("mirrors");
        AgentLink link = { .connected = is_connected, .send_task = take_task, .send_cancel = cancel_task };
        JobServices *services = &lab.services;

        assert_ok((services->store = store_open(&(StoreSpec){ .path = db, .exclusive = true }, err)));
        assert_ok(
                (services->logs = job_logs_new(
                         &(JobLogsSpec){ .folder = logs, .store = services->store, .on_growth = on_growth },
                         err)));
        services->tasks = task_board_new(services->store, &link);
        assert_ok((services->packages = directory_package_store_new(packages, err)));
        assert_ok(
                (services->mirrors = git_mirrors_new(
                         &(GitMirrorsSpec){ .folder = mirrors,
                                            .program = "git",
                                            .timeout_ms = 20000,
                                            .allow_file = true },
                         err)));
        services->on_job_waits = on_waits;
        lab.queue = job_queue_new(services, WORKERS);
}

PLAYED void lab_close(void) {
        job_queue_free(lab.queue);
        task_board_free(lab.services.tasks);
        job_logs_free(lab.services.logs);
        package_store_free(lab.services.packages);
        git_mirrors_free(lab.services.mirrors);
        store_free(lab.services.store);
        lab.queue = NULL;
}

PLAYED int set_up(void **state) {
        (void) state;
        memset(&lab, 0, sizeof(lab));
        lab.shared =
                mmap(NULL, sizeof(*lab.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(lab.shared, MAP_FAILED);
        strncpy(lab.folder, "/tmp/ghost-jobs-XXXXXX", sizeof(lab.folder) - 1);
        assert_non_null(mkdtemp(lab.folder));
        lab.services.work_folder = path("work");
        lab.services.release_key = signing_key_new();
        lab.services.limits = (JobLimits){ .job_timeout_ms = 60000,
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
        lab_open();
        CLEANUP(document_free)
        Document *app = parse(xasprintf(
                "{\"name\":\"demo\",\"env\":\"dev\",\"role\":\"web\",\"pending_changes\":[],\"modules\":[{"
                "\"name\":\"site\",\"path\":\"/srv/site\",\"git_repo\":\"%s/site\",\"build_pack\":"
                "\"dGVzdCAtZiBwYWdlCg==\"}]}",
                lab.folder));
        CLEANUP(document_free) Document *stored = NULL;
        assert_ok(collection_insert(lab.services.store, COLLECTION_APPS, app, &stored, err));
        lab.app_id = xstrdup(document_get_string(stored, "_id"));
        return 0;
}

PLAYED int tear_down(void **state) {
        (void) state;
        lab_close();
        signing_key_free((SigningKey *) lab.services.release_key);
        free((char *) lab.services.work_folder);
        free(lab.app_id);
        munmap(lab.shared, sizeof(*lab.shared));
        assert_ok(file_remove_tree(lab.folder, err));
        return 0;
}

PLAYED void add_instance(int number, bool bootstrapped) {
        CLEANUP(document_free)
        Document *document = parse(xasprintf(
                "{\"instance_id\":\"i-%d\",\"app_id\":\"%s\",\"agent_id\":\"a%d\",\"state\":\"%s\","
                "\"purpose\":\"instance\",\"bootstrapped\":%s}",
                number, lab.app_id, number, bootstrapped ? "ready" : "enrolled",
                bootstrapped ? "true" : "false"));
        assert_ok(collection_insert(lab.services.store, COLLECTION_INSTANCES, document, NULL, err));
}

/* Caller frees the id. */
PLAYED char *submit_to(const char *app_id, const char *members) {
        CLEANUP(document_free)
        Document *job = parse(xasprintf("{\"app_id\":\"%s\",\"user\":\"u\",%s}", app_id, members));
        CLEANUP(document_free) Document *stored = NULL;

        assert_ok(job_store_insert(lab.services.store, job, &stored, err));
        job_queue_wake(lab.queue);
        return xstrdup(document_get_string(stored, "_id"));
}

PLAYED char *submit(const char *members) {
        return submit_to(lab.app_id, members);
}

PLAYED Document *get_job(const char *id) {
        Document *job = NULL;

        assert_ok(collection_get(lab.services.store, COLLECTION_JOBS, id, &job, err));
        return job;
}

PLAYED bool has_ended(const char *id) {
        CLEANUP(document_free) Document *job = get_job(id);
        int status = 0;

        assert_true(names_value(&job_status_names, document_get_string(job, "status"), &status));
        return job_status_is_final((JobStatus) status);
}

PLAYED Document *wait_job(const char *id) {
        Deadline deadline = deadline_after_ms(60000);

        while (!has_ended(id)) {
                assert_false(deadline_passed(deadline));
                clock_sleep_ms(5);
        }
        return get_job(id);
}

PLAYED Document *run_job(const char *members) {
        CLEANUP(free) char *id = submit(members);

        return wait_job(id);
}

/* "" before it is there. */
PLAYED char *job_text(const char *id) {
        CLEANUP(free) char *file = job_logs_path(lab.services.logs, id);
        CLEANUP(error_free) Error *missing = NULL;
        char *text = NULL;
        size_t length = 0;

        return file_read(file, 1 << 20, &text, &length, &missing) ? text : xstrdup("");
}

PLAYED void wait_log(const char *id, const char *words) {
        Deadline deadline = deadline_after_ms(20000);

        for (;;) {
                CLEANUP(free) char *text = job_text(id);
                if (strstr(text, words))
                        return;
                if (deadline_passed(deadline))
                        fail_msg("no '%s' in\n%s", words, text);
                clock_sleep_ms(5);
        }
}

PLAYED void assert_job(const Document *job, const char *status, const char *words) {
        const char *message = document_get_string(job, "message");

        if (strcmp(document_get_string(job, "status"), status) != 0 || !strstr(message, words))
                fail_msg("%s: %s", document_get_string(job, "status"), message);
}

/* "" when none is; caller frees. */
PLAYED char *wanted_release(void) {
        char *wanted = NULL;

        assert_ok(release_store_get(lab.services.store, lab.app_id, "site", &wanted, err));
        return wanted ? wanted : xstrdup("");
}

PLAYED size_t count_deployments(const char *job_id) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        if (job_id)
                document_set_string(where, "job_id", job_id);
        assert_ok(collection_find(lab.services.store, COLLECTION_DEPLOYMENTS, where, &found, err));
        return document_count(found);
}

/* Member of the module, as base64 where it is a script. */
PLAYED void set_module(const char *member, const char *value) {
        CLEANUP(document_free) Document *app = NULL;
        CLEANUP(document_free) Document *members = document_object();

        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        Document *modules = document_array();
        Document *module = document_copy(document_get(app, "modules.0"));
        document_set_string(module, member, value);
        document_append(modules, module);
        document_set(members, "modules", modules);
        assert_ok(collection_patch(lab.services.store, COLLECTION_APPS, lab.app_id, members, false, err));
}

PLAYED void set_script(const char *member, const char *script) {
        CLEANUP(free) char *encoded = base64_encode(script, strlen(script));

        set_module(member, encoded);
}

#define DEPLOY(rev) "\"command\":\"deploy\",\"modules\":[{\"name\":\"site\",\"rev\":\"" rev "\"}]"
#define DEPLOY_PARALLEL(rev) "\"options\":[\"parallel\"]," DEPLOY(rev)

/* So many instances on v1, no deploy of them counted. Caller frees the release. */
PLAYED char *all_on_v1(int instances) {
        for (int i = 1; i <= instances; i++)
                add_instance(i, true);
        assert_ok(job_queue_start(lab.queue, err));
        CLEANUP(document_free) Document *job = run_job(DEPLOY_PARALLEL("v1"));
        assert_job(job, "done", "Deployment OK");
        for (int i = 0; i < AGENTS; i++)
                lab.shared->agents[i].deploys = 0;
        return wanted_release();
}

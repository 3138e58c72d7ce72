/* A thousand jobs, each with agents that fail, hang, leave and come back, with new instances of a group that
 * boot before, during and after it, with a cancel, or with a controller that is stopped or killed in the
 * middle. When everything has come to rest, every instance is on the release that is wanted, or is named with
 * the reason; the job says what is so; and what the store tells of the instances is what they have.
 *
 * Choices follow from the seed, which is printed: GHOST_TEST_SEED=<of the run that failed> GHOST_TEST_RUNS=1
 * makes the same ones again. The threads' timing is their own. */
#include "played_agents.h"

#include "base/log.h"
#include "groups/member.h"
#include "groups/straggler.h"
#include "store/deviation_store.h"

/* ---- what the controller does besides ---- */

static GroupWatcherSpec watcher(void) {
        return (GroupWatcherSpec){ .store = lab.services.store,
                                   .tasks = lab.services.tasks,
                                   .logs = lab.services.logs,
                                   .release_key = lab.services.release_key,
                                   .ready_timeout_ms = READY_MS,
                                   .hook_timeout_ms = 5000,
                                   .keep_releases = 3,
                                   .failures_max = 1000 };
}

static Document *instance_of(const Actor *actor) {
        Document *instance = NULL;

        assert_ok(instance_store_find(lab.services.store, actor->instance, &instance, err));
        assert_non_null(instance);
        return instance;
}

static Document *application(void) {
        Document *app = NULL;

        assert_ok(collection_get(lab.services.store, COLLECTION_APPS, lab.app_id, &app, err));
        return app;
}

/* The group's part, as group_round.c does it. */
static void advance(Actor *actor, const Document *app) {
        const GroupWatcherSpec spec = watcher();
        const GroupRound round = { .spec = &spec, .app = app, .group_name = "web" };
        const AsgInstance member = { .id = actor->instance, .state = ASG_PENDING };
        CLEANUP(document_free) Document *instance = instance_of(actor);

        assert_ok(member_advance(&round, &member, instance, err));
}

static void watch(void) {
        const GroupWatcherSpec spec = watcher();
        CLEANUP(document_free) Document *app = application();
        bool found = false;

        for (int i = 0; i < world->count; i++)
                if (world->actors[i].joined && world->actors[i].newcomer && chance(2))
                        advance(&world->actors[i], app);
        assert_ok(stragglers_look(&spec, app, NULL, &found, err));
}

/* ---- one after the other ---- */

static bool is_due(int *at, int now) {
        if (*at == 0 || *at > now)
                return false;
        *at = 0;
        return true;
}

static bool act(Actor *actor, int now) {
        bool acted = false;

        if (!actor->joined && actor->joins_at && actor->joins_at <= now) {
                join(actor);
                return true;
        }
        if (!actor->joined)
                return false;
        if (is_due(&actor->leaves_at, now) && !actor->away) {
                leave(actor);
                acted = true;
        }
        if (is_due(&actor->returns_at, now) && actor->away) {
                actor->silent = false;
                connect_actor(actor);
                acted = true;
        }
        bool worked = work(actor);
        if (!actor->away)
                tell_all(actor); /* also what it has been asked again */
        if (worked && !actor->away)
                report(actor);
        return acted || worked;
}

static bool tick(int now) {
        bool acted = false;

        for (int i = 0; i < world->count; i++)
                acted = act(&world->actors[i], now) || acted;
        if (chance(3) == 0)
                watch();
        task_board_on_change(lab.services.tasks);
        return acted;
}

static void open_controller(void) {
        static const AgentLink link = { .connected = actor_connected,
                                        .send_task = give_task,
                                        .send_cancel = give_cancel };

        task_board_free(lab.services.tasks);
        lab.services.tasks = task_board_new(lab.services.store, &link);
        events = (AgentEvents){ .store = lab.services.store,
                                .tasks = lab.services.tasks,
                                .logs = lab.services.logs,
                                .packages = lab.services.packages };
        assert_ok(job_queue_start(lab.queue, err));
        for (int i = 0; i < world->count; i++)
                if (world->actors[i].joined && !world->actors[i].away)
                        connect_actor(&world->actors[i]);
}

static void restart_queue(void) {
        job_queue_stop(lab.queue);
        job_queue_free(lab.queue);
        lab.queue = job_queue_new(&lab.services, 2);
        assert_ok(job_queue_start(lab.queue, err));
}

static void see_job_through(void) {
        Deadline deadline = deadline_after_ms(60000);
        CLEANUP(error_free) Error *ended = NULL;
        JobStatus status;

        while (!has_ended(world->job)) {
                if (deadline_passed(deadline)) {
                        CLEANUP(free) char *text = job_text(world->job);
                        fail_msg("seed %llu: the job does not end:\n%s", (unsigned long long) seed, text);
                }
                (void) tick(events_so_far());
                if (is_due(&world->cancel_at, events_so_far()))
                        (void) job_queue_cancel(lab.queue, world->job, &status, &ended);
                if (is_due(&world->stop_at, events_so_far()))
                        restart_queue();
                usleep(TICK_US);
        }
}

/* ---- a run ---- */

static void reset_world(void) {
        memset(world, 0, sizeof(*world));
        world->random = seed * 2654435761U + 88172645463325252U;
        for (int i = 0; i < 8; i++)
                (void) chance(2);
        world->delays = world->random;
}

static void cast_actor(Actor *actor, int run, int number, bool newcomer, const char *release) {
        snprintf(actor->id, ID_MAX, "a-%04d-%d", run, number);
        snprintf(actor->instance, ID_MAX, "i-%04d-%d", run, number);
        actor->newcomer = newcomer;
        if (newcomer) {
                actor->joins_at = 1 + (int) chance(EVENTS_ABOUT + 6);
                return;
        }
        copy(actor->release, release);
        actor->bootstrapped = true;
        actor->fails = chance(5) == 0;
        actor->cannot_undo = chance(8) == 0;
        actor->silent = chance(10) == 0;
        if (chance(4) == 0) {
                actor->leaves_at = 1 + (int) chance(EVENTS_ABOUT);
                actor->returns_at = actor->leaves_at + 1 + (int) chance(EVENTS_ABOUT);
        }
}

static void cast(int run, const char *release) {
        int old = 1 + (int) chance(4), young = (int) chance(3);

        for (int i = 0; i < old + young; i++)
                cast_actor(&world->actors[i], run, i, i >= old, release);
        world->count = old + young;
        for (int i = 0; i < old; i++)
                join(&world->actors[i]);
}

static char *job_members(const char *const *deployments) {
        static const char *const executions[] = { "serial", "parallel" };
        static const char *const splits[] = { "", ",\"1by1\"", ",\"50%\"", ",\"2\"" };
        static const char *const words[] = { "", ",\"max_failures=1\"", ",\"rollback=all\"",
                                             ",\"max_failures=1\",\"rollback=all\"" };
        const char *execution = executions[chance(2)], *split = splits[chance(4)], *word = words[chance(4)];
        const char *which = chance(2) ? "v2" : "v1";

        if (chance(12) == 0)
                return xasprintf(
                        "\"options\":[\"%s\"%s%s],\"command\":\"deploy\",\"modules\":[{\"name\":\"site\","
                        "\"rev\":\"%s\"}]",
                        execution, split, word, which);
        return xasprintf(
                "\"command\":\"redeploy\",\"options\":[\"%s\",\"%s\"%s%s]", deployments[chance(2)], execution,
                split, word);
}

static bool anyone_silent(void) {
        for (int i = 0; i < world->count; i++)
                if (world->actors[i].silent)
                        return true;
        return false;
}

/* A controller of its own process, which may be killed in the middle. */
static void run_in_child(int die_at) {
        int status = 0;

        lab_close();
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                lab_open();
                lab.shared->die_at = die_at;
                open_controller();
                see_job_through();
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFSIGNALED(status) ? WTERMSIG(status) != SIGKILL : WEXITSTATUS(status) != 0)
                fail_msg("seed %llu: the controller ended with %d", (unsigned long long) seed, status);
        lab.shared->die_at = 0;
        lab_open();
        open_controller();
}

static void run_job_of(const char *const *deployments) {
        CLEANUP(free) char *members = job_members(deployments);
        unsigned trouble = chance(10);

        lab.services.limits.job_timeout_ms = anyone_silent() ? 60 : 60000;
        lab.shared->events = 0;
        world->cancel_at = trouble == 0 ? 1 + (int) chance(EVENTS_ABOUT) : 0;
        world->stop_at = trouble == 1 ? 1 + (int) chance(EVENTS_ABOUT) : 0;
        if (trouble == 2 || trouble == 3) {
                job_queue_stop(lab.queue);
                CLEANUP(free) char *id = submit(members);
                copy(world->job, id);
                run_in_child(1 + (int) chance(EVENTS_ABOUT));
        } else {
                CLEANUP(free) char *id = submit(members);
                copy(world->job, id);
        }
        see_job_through();
}

/* ---- the truth ---- */

static bool is_at_rest(void) {
        for (int i = 0; i < world->count; i++) {
                const Actor *actor = &world->actors[i];
                CLEANUP(document_free) Document *instance = instance_of(actor);

                for (int at = 0; at < actor->count; at++)
                        if (!actor->orders[at].done || !actor->orders[at].told)
                                return false;
                if (*document_get_string(instance, "straggler.task_id") ||
                    (actor->newcomer && strcmp(document_get_string(instance, "lifecycle"), "continued") != 0))
                        return false;
        }
        return true;
}

static void restless(void) {
        CLEANUP(text_clear) Text text = { 0 };

        for (int i = 0; i < world->count; i++) {
                const Actor *actor = &world->actors[i];
                CLEANUP(document_free) Document *instance = instance_of(actor);
                CLEANUP(free) char *told = document_text(instance);

                text_appendf(&text, "%s\n", told);
                for (int at = 0; at < actor->count; at++)
                        text_appendf(
                                &text, "  %s %d %.12s done %d told %d\n", actor->orders[at].task,
                                (int) actor->orders[at].kind, actor->orders[at].release,
                                actor->orders[at].done, actor->orders[at].told);
        }
        fprintf(stderr, "# %s\n", text.data); /* cmocka cuts */
        fail_msg("seed %llu: it does not come to rest", (unsigned long long) seed);
}

static void come_to_rest(void) {
        int quiet = 0;

        for (int i = 0; i < world->count; i++) {
                Actor *actor = &world->actors[i];

                actor->silent = false;
                actor->leaves_at = 0;
                actor->joins_at = 1;
                actor->returns_at = 1;
        }
        for (int ticks = 0; quiet < QUIET_TICKS; ticks++) {
                if (ticks > REST_TICKS)
                        restless();
                bool acted = tick(1);
                watch(); /* each of them finds nothing to do */
                quiet = !acted && is_at_rest() ? quiet + 1 : 0;
        }
}

static void untrue(const Actor *actor, const char *what, const char *wanted) {
        CLEANUP(free) char *text = job_text(world->job);
        CLEANUP(document_free) Document *instance = instance_of(actor);
        CLEANUP(free) char *told = document_text(instance);

        fprintf(stderr, "# %s\n%s\n", told, text); /* cmocka cuts */
        fail_msg(
                "seed %llu: %s: %s; it has '%.12s', wanted is '%.12s'", (unsigned long long) seed,
                actor->instance, what, actor->release, wanted);
}

static const char *release_told(const Document *instance) {
        return document_get_string(instance, "modules.0.manifest_sha256");
}

static void assert_instance_truth(const Actor *actor, const Document *job, const char *wanted) {
        CLEANUP(document_free) Document *instance = instance_of(actor);
        bool done = strcmp(document_get_string(job, "status"), "done") == 0;
        bool named = strstr(document_get_string(job, "message"), actor->instance) != NULL;

        if (strcmp(release_told(instance), actor->release) != 0)
                untrue(actor, "what is told of it is not so", wanted);
        if (strcmp(actor->release, wanted) == 0)
                return;
        /* One that was ready before the job chose its instances is one of them, and may be kept like these.
         */
        if (actor->newcomer && !deviation_find(instance, "site", wanted))
                untrue(actor, "it booted, and is not on what is wanted", wanted);
        if (done && !named)
                untrue(actor, "the job is done, and it does not have it and is not named", wanted);
        if (!deviation_find(instance, "site", wanted) &&
            (document_get_int(instance, "straggler.tries") < 3 || !named))
                untrue(actor, "it is on another release, and nothing says so", wanted);
}

/* before, after: what was wanted, and what the job brings if it does. */
static void assert_all_true(const char *before) {
        CLEANUP(document_free) Document *job = get_job(world->job);
        CLEANUP(free) char *wanted = wanted_release();
        bool done = strcmp(document_get_string(job, "status"), "done") == 0;

        if (done != (count_deployments(world->job) == 1) || (!done && strcmp(wanted, before) != 0))
                untrue(&world->actors[0], document_get_string(job, "message"), wanted);
        for (int i = 0; i < world->count; i++)
                assert_instance_truth(&world->actors[i], job, wanted);
}

static void forget_instances(void) {
        for (int i = 0; i < world->count; i++) {
                CLEANUP(document_free) Document *instance = instance_of(&world->actors[i]);
                bool stale = false;

                assert_ok(collection_delete(
                        lab.services.store, COLLECTION_INSTANCES, document_get_string(instance, "_id"), NULL,
                        &stale, err));
        }
}

static void one_run(int run, const char *const *deployments) {
        CLEANUP(free) char *before = wanted_release();

        reset_world();
        cast(run, before);
        run_job_of(deployments);
        come_to_rest();
        assert_all_true(before);
        forget_instances();
}

/* ---- all ---- */

static uint64_t number_of(const char *name, uint64_t otherwise) {
        const char *text = getenv(name);

        return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void deploy_both(const char **ret) {
        static const char *const revisions[] = { DEPLOY("v1"), DEPLOY("v2") };

        for (int i = 0; i < 2; i++) {
                CLEANUP(document_free) Document *where = document_object();
                CLEANUP(document_free) Document *found = NULL;
                CLEANUP(document_free) Document *job = run_job(revisions[i]);

                assert_job(job, "done", "Deployment OK");
                document_set_string(where, "job_id", document_get_string(job, "_id"));
                assert_ok(collection_find(lab.services.store, COLLECTION_DEPLOYMENTS, where, &found, err));
                ret[i] = xstrdup(document_get_string(document_at(found, 0), "_id"));
        }
}

static void every_interleaving_ends_in_the_truth(void **state) {
        uint64_t first = number_of("GHOST_TEST_SEED", (uint64_t) clock_now_us());
        int runs = (int) number_of("GHOST_TEST_RUNS", RUNS);
        const char *deployments[2] = { 0 };
        int64_t begun_ms = clock_monotonic_ms();

        (void) state;
        print_message("# %d runs from seed %llu\n", runs, (unsigned long long) first);
        log_set_level(LOG_LEVEL_ERROR);
        lab.services.limits.agent_wait_ms = 25;
        open_controller();
        deploy_both(deployments);
        for (int run = 0; run < runs; run++) {
                seed = first + (uint64_t) run;
                one_run(run, deployments);
        }
        print_message("# %lld ms\n", (long long) (clock_monotonic_ms() - begun_ms));
        free((char *) deployments[0]);
        free((char *) deployments[1]);
}

static int set_up_world(void **state) {
        world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_ptr_not_equal(world, MAP_FAILED);
        return set_up(state);
}

static int tear_down_world(void **state) {
        munmap(world, sizeof(*world));
        return tear_down(state);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        every_interleaving_ends_in_the_truth, set_up_world, tear_down_world),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

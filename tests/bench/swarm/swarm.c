/* Agents by the hundred on one machine: each with its own link, TLS, identity, journal and releases, as
 * ghost-agent has them, but some dozens in a process. What they are spared is the machine around them:
 * metadata, signals, and a process of their own.
 *
 *   swarm tokens DATABASE APP_ID COUNT         join tokens for so many instances, a line each
 *   swarm run CONTROLLER CA_FILE FOLDER [PER_PROCESS]  an agent for each token that standard input names;
 *                                              until SIGTERM */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "bootstrap.h"
#include "facts.h"
#include "identity.h"
#include "link_client.h"
#include "release/releases.h"
#include "run/runner.h"
#include "store/agent_store.h"
#include "tasks/tasks.h"
#include "wire_channel.h"

enum {
        TOKEN_BYTES = 32,
        TOKEN_LIFE_S = 3600,
        PER_PROCESS = 5,
        PER_PROCESS_MAX = 5000,
        OUTPUT_MAX_BYTES = 1 << 20,
        REMEMBERED_TASKS = 8,
        CA_MAX_BYTES = 1 << 20,
        PARALLEL_TASKS = 2,
        START_EACH_MS = 8, /* instances do not boot in the same moment */
};

/* ---- tokens ---- */

static bool make_tokens(const char *database, const char *app_id, uint64_t count, Error **err) {
        CLEANUP(store_free) Store *store = store_open(&(StoreSpec){ .path = database }, err);

        for (uint64_t i = 0; store && i < count; i++) {
                CLEANUP(free) char *token = crypto_random_hex(TOKEN_BYTES);
                CLEANUP(free) char *hash = crypto_sha256_hex(token, strlen(token));
                const JoinToken row = { .app_id = (char *) app_id,
                                        .job_id = "",
                                        .purpose = "instance",
                                        .expires_us = clock_now_us() + TOKEN_LIFE_S * INT64_C(1000000) };

                if (!join_token_store_insert(store, hash, &row, err))
                        return false;
                if (printf("%s\n", token) < 0)
                        return error_set(err, ERROR_INTERNAL, "standard output: %s", strerror(errno));
        }
        return store != NULL;
}

/* ---- one agent ---- */

typedef struct SwarmAgent {
        char *folder, *identity_file, *scratch;
        Bootstrap bootstrap;
        Identity identity;
        Ghost__Facts *facts;
        TaskJournal *journal;
        Releases *releases;
        Runner *runner;
        LinkClient *link;
        TaskServices services;
} SwarmAgent;

static void on_output(void *context) {
        SwarmAgent *agent = context;

        if (agent->link)
                link_client_wake(agent->link, false);
}

static void on_modules_changed(void *context) {
        SwarmAgent *agent = context;

        link_client_wake(agent->link, true);
}

typedef struct OrderWork {
        SwarmAgent *agent;
        Ghost__Order *order;
} OrderWork;

static void run_order(void *context, const atomic_bool *cancelled) {
        OrderWork *work = context;

        tasks_run(&work->agent->services, work->order, cancelled);
        ghost__order__free_unpacked(work->order, NULL);
        free(work);
}

static void on_task(void *context, const Ghost__Task *task) {
        SwarmAgent *agent = context;
        CLEANUP(error_free) Error *problem = NULL;
        TaskAcceptance acceptance = TASK_IS_NEW;
        Ghost__Order *order =
                tasks_check_order(task, agent->identity.release_key, agent->identity.agent_id, &problem);

        if (!order || !task_journal_accept(agent->journal, task, order, &acceptance, &problem)) {
                log_error("an order is refused: %s", error_message(problem));
                if (order)
                        ghost__order__free_unpacked(order, NULL);
                return;
        }
        link_client_accept_task(agent->link, order->task_id);
        link_client_wake(agent->link, false);
        if (acceptance != TASK_IS_NEW) {
                ghost__order__free_unpacked(order, NULL);
                return;
        }
        OrderWork *work = xcalloc(1, sizeof(*work));
        *work = (OrderWork){ .agent = agent, .order = order };
        if (!runner_submit(agent->runner, order->task_id, tasks_key(order), run_order, work)) {
                ghost__order__free_unpacked(order, NULL);
                free(work);
        }
}

static void on_cancel(void *context, const char *task_id) {
        SwarmAgent *agent = context;

        runner_cancel(agent->runner, task_id);
}

static Ghost__Report *make_report(void *context) {
        SwarmAgent *agent = context;
        Ghost__Report *report = xcalloc(1, sizeof(*report));
        size_t length = ghost__facts__get_packed_size(agent->facts);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);

        ghost__report__init(report);
        report->modules = releases_states(agent->releases, &report->n_modules);
        report->bootstrapped = true; /* it is told to be an instance that works already */
        ghost__facts__pack(agent->facts, packed);
        report->facts = ghost__facts__unpack(NULL, length, packed);
        return report;
}

static void name_instance(SwarmAgent *agent, uint64_t number) {
        agent->facts = facts_new();
        facts_read(agent->facts, "");
        if (agent->facts->instance_id != protobuf_c_empty_string)
                free(agent->facts->instance_id);
        if (agent->facts->private_ip != protobuf_c_empty_string)
                free(agent->facts->private_ip);
        agent->facts->instance_id = xasprintf("i-%017llx", (unsigned long long) number + 1);
        agent->facts->private_ip = xasprintf(
                "10.%llu.%llu.%llu", (unsigned long long) number / 62500,
                (unsigned long long) number / 250 % 250, (unsigned long long) number % 250 + 1);
}

static void connect_parts(SwarmAgent *agent) {
        const LinkClientSpec link = {
                .driver = &wire_channel_driver,
                .bootstrap = &agent->bootstrap,
                .identity = &agent->identity,
                .identity_file = agent->identity_file,
                .facts = agent->facts,
                .journal = agent->journal,
                .on_task = on_task,
                .on_cancel = on_cancel,
                .make_report = make_report,
                .context = agent,
        };

        agent->runner = runner_new(PARALLEL_TASKS);
        agent->link = link_client_new(&link);
        agent->services = (TaskServices){
                .releases = agent->releases,
                .journal = agent->journal,
                .source = link_client_packages(agent->link),
                .release_key = agent->identity.release_key,
                .scratch = agent->scratch,
                .root = agent->folder,
                .instance_id = agent->facts->instance_id,
                .private_ip = agent->facts->private_ip,
                .on_modules_changed = on_modules_changed,
                .context = agent,
        };
}

typedef struct SwarmSpec {
        const char *controller, *ca, *folder;
        const StringList *tokens;
} SwarmSpec;

static bool agent_start(const SwarmSpec *spec, uint64_t number, SwarmAgent *agent, Error **err) {
        name_instance(agent, number);
        agent->folder = xasprintf("%s/%s", spec->folder, agent->facts->instance_id);
        agent->identity_file = xasprintf("%s/identity", agent->folder);
        agent->scratch = xasprintf("%s/hooks", agent->folder);
        agent->bootstrap = (Bootstrap){ .controller = xstrdup(spec->controller),
                                        .server_name = xstrdup("ghost-controller"),
                                        .token = xstrdup(spec->tokens->items[number]),
                                        .ca = xstrdup(spec->ca) };
        CLEANUP(free) char *tasks = xasprintf("%s/tasks", agent->folder);
        CLEANUP(free) char *releases = xasprintf("%s/ghost", agent->folder);
        CLEANUP(free) char *tmp = xasprintf("%s/tmp", agent->folder);
        if (!file_make_folders(tmp, 0755, err) ||
            !identity_read(agent->identity_file, agent->facts->instance_id, &agent->identity, err))
                return false;
        const TaskJournalSpec journal = { .folder = tasks,
                                          .output_max_bytes = OUTPUT_MAX_BYTES,
                                          .remembered = REMEMBERED_TASKS,
                                          .on_output = on_output,
                                          .context = agent };
        agent->journal = task_journal_open(&journal, err);
        agent->releases = agent->journal ? releases_open(releases, agent->folder, err) : NULL;
        if (!agent->releases)
                return false;
        connect_parts(agent);
        link_client_start(agent->link);
        return true;
}

static void agent_end(SwarmAgent *agent) {
        if (agent->runner)
                runner_stop(agent->runner);
        if (agent->link)
                link_client_stop(agent->link);
        runner_free(agent->runner);
        link_client_free(agent->link);
        releases_free(agent->releases);
        task_journal_free(agent->journal);
        identity_clear(&agent->identity);
        bootstrap_clear(&agent->bootstrap);
        if (agent->facts)
                ghost__facts__free_unpacked(agent->facts, NULL);
        free(agent->folder);
        free(agent->identity_file);
        free(agent->scratch);
}

/* ---- many ---- */

static bool read_tokens(StringList *ret, Error **err) {
        char line[256];

        while (fgets(line, sizeof(line), stdin)) {
                CLEANUP(free) char *token = text_trim(line);
                if (*token)
                        string_list_add(ret, token);
        }
        return ret->count > 0 || error_set(err, ERROR_INVALID, "standard input names no token");
}

static void wait_for_end(void) {
        sigset_t ends;
        int number = 0;

        sigemptyset(&ends);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGINT);
        sigwait(&ends, &number);
}

/* A process of its own, for agents first … first + count. */
static int run_part(const SwarmSpec *spec, uint64_t first, size_t count) {
        SwarmAgent *agents = xcalloc(count, sizeof(*agents));
        CLEANUP(error_free) Error *failed = NULL;
        bool ok = true;

        prctl(PR_SET_PDEATHSIG, SIGTERM);
        for (size_t i = 0; ok && i < count; i++)
                ok = agent_start(spec, first + i, &agents[i], &failed);
        if (ok)
                wait_for_end();
        else
                log_error("%s", error_message(failed));
        for (size_t i = 0; i < count; i++)
                agent_end(&agents[i]);
        free(agents);
        return ok ? 0 : 1;
}

static void allow_many_files(void) {
        struct rlimit files = { 0 };

        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
}

static int end_all(pid_t *parts, size_t count) {
        int worst = 0;

        for (size_t i = 0; i < count; i++)
                kill(parts[i], SIGTERM);
        for (size_t i = 0; i < count; i++) {
                int status = 0;
                waitpid(parts[i], &status, 0);
                worst = status != 0 ? 1 : worst;
        }
        return worst;
}

static int run_all(const SwarmSpec *spec, uint64_t per_process) {
        size_t count = (spec->tokens->count + per_process - 1) / per_process;
        pid_t *parts = xcalloc(count, sizeof(*parts));
        sigset_t ends;

        allow_many_files();
        sigemptyset(&ends);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGINT);
        sigprocmask(SIG_BLOCK, &ends, NULL); /* for sigwait(), here and in every part */
        for (size_t i = 0; i < count; i++) {
                size_t first = i * per_process, rest = spec->tokens->count - first;

                parts[i] = fork();
                if (parts[i] == 0)
                        _exit(run_part(spec, first, rest < per_process ? rest : per_process));
                clock_sleep_ms((int64_t) per_process * START_EACH_MS);
        }
        wait_for_end();
        int status = end_all(parts, count);
        free(parts);
        return status;
}

static int run(int argc, char **argv) {
        CLEANUP(string_list_clear) StringList tokens = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(free) char *ca = NULL;
        uint64_t per_process = PER_PROCESS;
        size_t length = 0;

        if ((argc == 6 && !text_parse_uint(argv[5], 1, PER_PROCESS_MAX, &per_process, &failed)) ||
            !file_read(argv[3], CA_MAX_BYTES, &ca, &length, &failed) || !read_tokens(&tokens, &failed)) {
                log_error("%s", error_message(failed));
                return 1;
        }
        const SwarmSpec spec = { .controller = argv[2], .ca = ca, .folder = argv[4], .tokens = &tokens };
        return run_all(&spec, per_process);
}

static int tokens(char **argv) {
        CLEANUP(error_free) Error *failed = NULL;
        uint64_t count = 0;

        if (text_parse_uint(argv[4], 1, 100000, &count, &failed) &&
            make_tokens(argv[2], argv[3], count, &failed))
                return 0;
        log_error("%s", error_message(failed));
        return 1;
}

int main(int argc, char **argv) {
        log_set_level(LOG_LEVEL_WARN);
        if (argc == 5 && strcmp(argv[1], "tokens") == 0)
                return tokens(argv);
        if ((argc == 5 || argc == 6) && strcmp(argv[1], "run") == 0)
                return run(argc, argv);
        (void) fputs(
                "usage: swarm tokens DATABASE APP_ID COUNT\n"
                "       swarm run CONTROLLER CA_FILE FOLDER [PER_PROCESS]   (tokens on standard input)\n",
                stderr);
        return 2;
}

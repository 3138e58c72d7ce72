#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/service_notify.h"
#include "base/text.h"
#include "bootstrap.h"
#include "facts.h"
#include "identity.h"
#include "link_client.h"
#include "notice_watch.h"
#include "release/releases.h"
#include "run/runner.h"
#include "run/task_journal.h"
#include "tasks/tasks.h"

enum { REMEMBERED_TASKS = 64, CLEAN_WAIT_MS = 30000, CLEAN_POLL_MS = 100 };

typedef struct Agent {
        const AgentSettings *settings;
        const char *config_file;
        char *identity_file, *tasks_folder, *scratch, *bootstrapped_file;
        int lock_fd;
        Bootstrap bootstrap;
        Identity identity;
        Ghost__Facts *facts;
        TaskJournal *journal;
        Releases *releases;
        Runner *runner;
        LinkClient *link;
        NoticeWatch *notices; /* NULL: there is no metadata service */
        ServiceNotify *notify;
        TaskServices services;
        atomic_bool image_cleaned;
} Agent;

/* ---- signals
 * ---------------------------------------------------------------------------------------------------- */

static atomic_bool stopping;
static int wake_pipe[2] = { -1, -1 };

static void wake_main(void) {
        ssize_t ignored = write(wake_pipe[1], "", 1);
        (void) ignored;
}

static void on_signal(int number) {
        int saved = errno;

        (void) number;
        atomic_store(&stopping, true);
        wake_main();
        errno = saved;
}

static bool catch_signals(Error **err) {
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

        atomic_store(&stopping, false);
        if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
                return error_set(err, ERROR_INTERNAL, "pipe: %s", strerror(errno));
        sigemptyset(&action.sa_mask);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGINT, &action, NULL);
        action.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &action, NULL);
        return true;
}

/* ---- what tasks tell
 * -------------------------------------------------------------------------------------------- */

static void on_progress(
        void *context, const char *task_id, const char *stage, uint64_t done, uint64_t total) {
        Agent *agent = context;
        Ghost__TaskProgress progress = GHOST__TASK_PROGRESS__INIT;

        progress.task_id = (char *) task_id;
        progress.stage = (char *) stage;
        progress.done = done;
        progress.total = total;
        link_client_progress(agent->link, &progress);
        link_client_wake(agent->link, false);
}

static void on_output(void *context) {
        Agent *agent = context;

        link_client_wake(agent->link, false);
}

static void on_alive(void *context) {
        Agent *agent = context;

        service_notify_alive(agent->notify);
}

static void on_report_changed(void *context) {
        Agent *agent = context;

        link_client_wake(agent->link, true);
}

static void on_bootstrapped(void *context) {
        Agent *agent = context;
        CLEANUP(error_free) Error *problem = NULL;

        if (!file_write_atomic(agent->bootstrapped_file, "", 0, 0600, &problem))
                log_warn("%s, this instance will be bootstrapped again", error_message(problem));
}

static void on_image_cleaned(void *context) {
        Agent *agent = context;

        atomic_store(&agent->image_cleaned, true);
        wake_main();
}

/* ---- orders
 * ----------------------------------------------------------------------------------------------------- */

typedef struct OrderWork {
        Agent *agent;
        Ghost__Order *order;
        bool interrupted;
} OrderWork;

static void run_order(void *context, const atomic_bool *cancelled) {
        OrderWork *work = context;

        if (work->interrupted)
                tasks_run_interrupted(&work->agent->services, work->order, cancelled);
        else
                tasks_run(&work->agent->services, work->order, cancelled);
        ghost__order__free_unpacked(work->order, NULL);
        free(work);
}

/* Takes the order. */
static void submit(Agent *agent, Ghost__Order *order, bool interrupted) {
        OrderWork *work = xcalloc(1, sizeof(*work));

        *work = (OrderWork){ .agent = agent, .order = order, .interrupted = interrupted };
        if (runner_submit(agent->runner, order->task_id, tasks_key(order), run_order, work))
                return;
        /* The agent stops: the next start finds the task in the journal. */
        ghost__order__free_unpacked(order, NULL);
        free(work);
}

static void refuse(Agent *agent, const Ghost__Task *task, const Error *problem) {
        Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
        size_t length = 0;

        log_warn("%s, the order is refused", error_message(problem));
        if (!order)
                return;
        CLEANUP(free) uint8_t *receipt = tasks_refusal(order->task_id, order->job_id, problem, &length);
        link_client_refuse_task(agent->link, receipt, length);
        ghost__order__free_unpacked(order, NULL);
}

static void on_task(void *context, const Ghost__Task *task) {
        Agent *agent = context;
        CLEANUP(error_free) Error *problem = NULL;
        TaskAcceptance acceptance = TASK_IS_NEW;
        Ghost__Order *order =
                tasks_check_order(task, agent->identity.release_key, agent->identity.agent_id, &problem);

        if (!order || !task_journal_accept(agent->journal, task, order, &acceptance, &problem)) {
                refuse(agent, task, problem);
                if (order)
                        ghost__order__free_unpacked(order, NULL);
                return;
        }
        link_client_accept_task(agent->link, order->task_id);
        if (acceptance == TASK_IS_NEW)
                submit(agent, order, false);
        else
                ghost__order__free_unpacked(order, NULL);
        link_client_wake(agent->link, false);
}

static void on_cancel(void *context, const char *task_id) {
        Agent *agent = context;

        if (runner_cancel(agent->runner, task_id))
                log_info("task %s is to be cancelled", task_id);
}

static void resume_tasks(Agent *agent) {
        Ghost__Task *task = NULL;
        bool begun = false;

        for (size_t cursor = 0; task_journal_next_unfinished(agent->journal, &cursor, &task, &begun);) {
                Ghost__Order *order = ghost__order__unpack(NULL, task->order.len, task->order.data);
                if (!order)
                        continue;
                log_info(
                        "task %s was cut by the restart: %s", order->task_id,
                        begun ? "putting things right" : "going on");
                submit(agent, order, begun);
        }
}

static Ghost__Report *make_report(void *context) {
        Agent *agent = context;
        CLEANUP(string_list_clear) StringList running = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;
        Ghost__Report *report = xcalloc(1, sizeof(*report));

        ghost__report__init(report);
        task_journal_list_running(agent->journal, &running);
        report->modules = releases_states(agent->releases, &report->n_modules);
        report->n_running_tasks = running.count;
        report->running_tasks = running.items;
        running = (StringList){ 0 };
        file_free_bytes(releases_folder(agent->releases), &report->disk_free_bytes, &ignored);
        report->notice = agent->notices ? notice_watch_get(agent->notices) : NULL;
        report->bootstrapped = file_exists(agent->bootstrapped_file);
        size_t length = ghost__facts__get_packed_size(agent->facts);
        CLEANUP(free) uint8_t *packed = xcalloc(1, length + 1);
        ghost__facts__pack(agent->facts, packed);
        report->facts = ghost__facts__unpack(NULL, length, packed);
        return report;
}

/* ---- start and stop
 * --------------------------------------------------------------------------------------------- */

static bool take_lock(Agent *agent, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/lock", agent->settings->state_dir);

        /* Hooks that run as another user pass through to their own file; nothing else in it is readable. */
        if (!file_make_folders(agent->settings->state_dir, 0711, err))
                return false;
        agent->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (agent->lock_fd < 0)
                return error_set(err, ERROR_UNAVAILABLE, "%s: %s", path, strerror(errno));
        if (flock(agent->lock_fd, LOCK_EX | LOCK_NB) < 0)
                return error_set(
                        err, ERROR_CONFLICT, "another ghost-agent uses %s", agent->settings->state_dir);
        return true;
}

static void fill_from_identity(Agent *agent) {
        Bootstrap *bootstrap = &agent->bootstrap;
        const Identity *identity = &agent->identity;

        if (!bootstrap->controller && identity->controller)
                bootstrap->controller = xstrdup(identity->controller);
        if (!bootstrap->server_name && !text_empty(identity->server_name))
                bootstrap->server_name = xstrdup(identity->server_name);
        if (!bootstrap->ca && identity->ca)
                bootstrap->ca = xstrdup(identity->ca);
}

static bool learn_who_we_are(Agent *agent, Error **err) {
        const AgentSettings *settings = agent->settings;

        agent->facts = facts_new();
        if (!bootstrap_from_settings(settings, &agent->bootstrap, err))
                return false;
        if (settings->metadata && !settings->instance_id &&
            !bootstrap_from_metadata(
                    settings, &stopping, agent->notify, &agent->bootstrap, agent->facts, err))
                return false;
        if (settings->instance_id) {
                if (agent->facts->instance_id != protobuf_c_empty_string)
                        free(agent->facts->instance_id);
                agent->facts->instance_id = xstrdup(settings->instance_id);
        }
        facts_read(agent->facts, settings->root_dir ? settings->root_dir : "");
        if (!identity_read(agent->identity_file, agent->facts->instance_id, &agent->identity, err))
                return false;
        fill_from_identity(agent);
        return bootstrap_complete(&agent->bootstrap) ||
               error_set(
                       err, ERROR_INVALID,
                       "neither agent.conf nor the user data names the controller and its ca");
}

/* On a new instance nothing of the one whose image this is counts. */
static bool forget_former_life(Agent *agent, Error **err) {
        if (agent->identity.agent_id)
                return true;
        return file_remove_tree(agent->tasks_folder, err) && file_remove_tree(agent->bootstrapped_file, err);
}

static void sweep_releases(Agent *agent) {
        CLEANUP(string_list_clear) StringList modules = { 0 };

        releases_list_modules(agent->releases, &modules);
        for (size_t i = 0; i < modules.count; i++)
                releases_sweep(agent->releases, modules.items[i], true);
}

static bool open_state(Agent *agent, Error **err) {
        const AgentSettings *settings = agent->settings;
        const TaskJournalSpec journal = {
                .folder = agent->tasks_folder,
                .output_max_bytes = (uint64_t) settings->output_limit,
                .remembered = REMEMBERED_TASKS,
                .on_output = on_output,
                .context = agent,
        };

        if (!forget_former_life(agent, err) || !file_remove_tree(agent->scratch, err))
                return false;
        agent->journal = task_journal_open(&journal, err);
        agent->releases = agent->journal ? releases_open(
                                                   settings->releases_dir,
                                                   settings->root_dir ? settings->root_dir : "", err)
                                         : NULL;
        return agent->releases != NULL;
}

static void connect_parts(Agent *agent, const ChannelDriver *driver) {
        const AgentSettings *settings = agent->settings;
        const LinkClientSpec link = {
                .driver = driver,
                .bootstrap = &agent->bootstrap,
                .identity = &agent->identity,
                .identity_file = agent->identity_file,
                .facts = agent->facts,
                .journal = agent->journal,
                .on_task = on_task,
                .on_cancel = on_cancel,
                .make_report = make_report,
                .on_alive = on_alive,
                .context = agent,
        };

        agent->runner = runner_new((unsigned) settings->parallel_tasks);
        agent->link = link_client_new(&link);
        agent->services = (TaskServices){
                .releases = agent->releases,
                .journal = agent->journal,
                .source = link_client_packages(agent->link),
                .download_ca = agent->settings->download_ca,
                .release_key = agent->identity.release_key,
                .scratch = agent->scratch,
                .root = settings->root_dir ? settings->root_dir : "",
                .instance_id = agent->facts->instance_id,
                .private_ip = agent->facts->private_ip,
                .on_progress = on_progress,
                .on_modules_changed = on_report_changed,
                .on_bootstrapped = on_bootstrapped,
                .on_image_cleaned = on_image_cleaned,
                .context = agent,
        };
}

/* Where the metadata service has told who this instance is. */
static bool watch_notices(Agent *agent, Error **err) {
        const AgentSettings *settings = agent->settings;
        const NoticeWatchSpec spec = { .endpoint = settings->metadata_endpoint,
                                       .interval_ms = settings->notice_interval_ms,
                                       .on_change = on_report_changed,
                                       .context = agent };

        if (!settings->metadata || settings->instance_id)
                return true;
        agent->notices = notice_watch_start(&spec, err);
        return agent->notices != NULL;
}

static bool start(Agent *agent, const ChannelDriver *driver, Error **err) {
        if (!catch_signals(err) || !take_lock(agent, err))
                return false;
        /* The metadata service may be long in coming, and nobody waits for us to have met it. */
        service_notify_ready(agent->notify, "learning who this instance is");
        if (!learn_who_we_are(agent, err) || !open_state(agent, err))
                return false;
        connect_parts(agent, driver);
        sweep_releases(agent);
        resume_tasks(agent);
        if (!watch_notices(agent, err))
                return false;
        link_client_start(agent->link);
        log_info("ghost-agent %s for %s", GHOST_VERSION, agent->facts->instance_id);
        CLEANUP(free)
        char *status = xasprintf(
                "instance %s of the controller at %s", agent->facts->instance_id,
                agent->bootstrap.controller);
        service_notify_status(agent->notify, status);
        return true;
}

static void wait_for_end(Agent *agent) {
        struct pollfd wait = { .fd = wake_pipe[0], .events = POLLIN };
        Deadline deadline = DEADLINE_NEVER;
        char drained[16];

        while (!atomic_load(&stopping) && !deadline_passed(deadline)) {
                bool cleaned = atomic_load(&agent->image_cleaned);
                if (cleaned && deadline == DEADLINE_NEVER)
                        deadline = deadline_after_ms(CLEAN_WAIT_MS);
                if (cleaned && task_journal_idle(agent->journal))
                        return;
                if (poll(&wait, 1, cleaned ? CLEAN_POLL_MS : -1) > 0)
                        while (read(wake_pipe[0], drained, sizeof(drained)) > 0)
                                ;
        }
}

static void wipe_identity(Agent *agent) {
        const char *const paths[] = { agent->identity_file, agent->tasks_folder, agent->scratch,
                                      agent->bootstrapped_file };
        CLEANUP(error_free) Error *problem = NULL;

        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
                CLEANUP(error_free) Error *failure = NULL;
                if (!file_remove_tree(paths[i], &failure))
                        log_error("%s", error_message(failure));
        }
        if (agent->config_file && !agent_settings_forget_token(agent->config_file, &problem))
                log_error("%s", error_message(problem));
        log_info("the image can be made: nothing of this instance's identity is left");
}

static void stop(Agent *agent) {
        if (agent->runner)
                runner_stop(agent->runner);
        if (agent->link)
                link_client_stop(agent->link);
        if (agent->link && atomic_load(&agent->image_cleaned))
                wipe_identity(agent);
}

static void agent_clear(Agent *agent) {
        runner_free(agent->runner);
        notice_watch_stop(agent->notices);
        link_client_free(agent->link);
        releases_free(agent->releases);
        task_journal_free(agent->journal);
        identity_clear(&agent->identity);
        bootstrap_clear(&agent->bootstrap);
        if (agent->facts)
                ghost__facts__free_unpacked(agent->facts, NULL);
        if (agent->lock_fd >= 0)
                close(agent->lock_fd);
        service_notify_free(agent->notify);
        free(agent->identity_file);
        free(agent->tasks_folder);
        free(agent->scratch);
        free(agent->bootstrapped_file);
}

int agent_run(const AgentSettings *settings, const char *config_file, const ChannelDriver *driver) {
        CLEANUP(error_free) Error *problem = NULL;
        Agent agent = {
                .settings = settings,
                .config_file = config_file,
                .identity_file = xasprintf("%s/identity", settings->state_dir),
                .tasks_folder = xasprintf("%s/tasks", settings->state_dir),
                .scratch = xasprintf("%s/hooks", settings->state_dir),
                .bootstrapped_file = xasprintf("%s/bootstrapped", settings->state_dir),
                .notify = service_notify_new((const char *const *) environ),
                .lock_fd = -1,
        };

        bool ok = start(&agent, driver, &problem);
        if (ok) {
                wait_for_end(&agent);
                service_notify_stopping(agent.notify, NULL);
                stop(&agent);
        } else if (atomic_load(&stopping)) {
                ok = true;
        } else {
                log_error("%s", error_message(problem));
                service_notify_status(agent.notify, error_message(problem));
        }
        agent_clear(&agent);
        return ok ? 0 : 1;
}

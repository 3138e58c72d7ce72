/* The health check that an order asks for after post_deploy: tried until it is well, or until attempts or
 * time are over. */
#include <string.h>

#include "base/memory.h"
#include "tasks/modules.h"
#include "wire/probe.h"

enum { DEFAULT_TIMEOUT_MS = 5000, DEFAULT_DEADLINE_MS = 60000, INTERVAL_LEAST_MS = 50, LOOK_MS = 200 };

/* One check being made. */
typedef struct Health {
        Task *task;
        const ModuleHook *what; /* module and release */
        const Ghost__HealthCheck *check;
        const Ghost__Manifest *manifest;
        const char *kind;
        char *name; /* "http 10.0.0.7:8080/up" */
        Deadline deadline;
        int64_t begun_ms;
        uint32_t attempts;
        char *answer; /* the last one */
} Health;

static void health_clearp(Health *health) {
        free(health->name);
        free(health->answer);
}

/* Where others reach it too, unless the order says otherwise. */
static const char *host_of(const Health *health) {
        const char *own = health->task->services->private_ip;

        if (health->check->host[0])
                return health->check->host;
        return own && own[0] ? own : "127.0.0.1";
}

static const char *kind_of(const Ghost__HealthCheck *check) {
        switch (check->kind) {
        case GHOST__HEALTH_KIND__HEALTH_KIND_HTTP:
                return "http";
        case GHOST__HEALTH_KIND__HEALTH_KIND_TCP:
                return "tcp";
        case GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND:
                return "command";
        case GHOST__HEALTH_KIND__HEALTH_KIND_NONE:
        case _GHOST__HEALTH_KIND_IS_INT_SIZE:
        default:
                return "";
        }
}

static bool name_it(Health *health, Error **err) {
        const Ghost__HealthCheck *check = health->check;

        health->kind = kind_of(check);
        switch (check->kind) {
        case GHOST__HEALTH_KIND__HEALTH_KIND_HTTP:
                health->name = xasprintf("http %s:%u%s", host_of(health), check->port, check->path);
                break;
        case GHOST__HEALTH_KIND__HEALTH_KIND_TCP:
                health->name = xasprintf("tcp %s:%u", host_of(health), check->port);
                break;
        case GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND:
                health->name = xstrdup("command");
                break;
        case GHOST__HEALTH_KIND__HEALTH_KIND_NONE:
        case _GHOST__HEALTH_KIND_IS_INT_SIZE:
        default:
                return error_set(
                        err, ERROR_INVALID, "this agent (version %s) does not know that kind of health check",
                        GHOST_VERSION);
        }
        return health->kind[0] == 'c' || (check->port > 0 && check->port <= UINT16_MAX) ||
               error_set(err, ERROR_INVALID, "health check: port %u cannot be", check->port);
}

static int time_for_one(const Health *health) {
        int timeout_ms = health->check->timeout_ms ? (int) (health->check->timeout_ms & INT32_MAX)
                                                   : DEFAULT_TIMEOUT_MS;
        int left_ms = deadline_left_ms(health->deadline);

        return left_ms < timeout_ms ? (left_ms > 0 ? left_ms : 1) : timeout_ms;
}

static bool ask(const Health *health, char **ret_answer, Error **err) {
        const Ghost__HealthCheck *check = health->check;
        const Probe probe = {
                .host = host_of(health),
                .port = check->port,
                .path = check->kind == GHOST__HEALTH_KIND__HEALTH_KIND_HTTP ? check->path : NULL,
                .timeout_ms = time_for_one(health),
                .cancelled = health->task->cancelled,
        };
        int status = 0;

        if (!probe_ask(&probe, &status, err))
                return false;
        if (!probe.path) {
                *ret_answer = xstrdup("it is connected");
                return true;
        }
        if (status < (int) check->status_first || status > (int) check->status_last)
                return error_set(err, ERROR_INTERNAL, "status %d", status);
        *ret_answer = xasprintf("status %d", status);
        return true;
}

static bool run_command(const Health *health, char **ret_answer, Error **err) {
        ModuleHook hook = *health->what;

        hook.name = "health_check";
        hook.content = &health->check->command;
        hook.timeout_ms = (uint32_t) time_for_one(health);
        if (!module_run_hook(health->task, &hook, health->manifest, err))
                return false;
        *ret_answer = xstrdup("it exited with code 0");
        return true;
}

/* One try. Said when its answer is another than the one before. */
static bool try_once(Health *health) {
        CLEANUP(error_free) Error *problem = NULL;
        char *answer = NULL;

        health->attempts++;
        bool ok = health->check->kind == GHOST__HEALTH_KIND__HEALTH_KIND_COMMAND
                          ? run_command(health, &answer, &problem)
                          : ask(health, &answer, &problem);
        if (!ok)
                answer = xstrdup(error_message(problem));
        if (!ok && !text_equal(answer, health->answer))
                spool_say(
                        health->task->spool, "%s: health check (%s), try %u: %s", health->what->module,
                        health->name, health->attempts, answer);
        free(health->answer);
        health->answer = answer;
        return ok;
}

/* False when there shall be no other try. */
static bool wait_for_next(const Health *health) {
        uint32_t interval_ms = health->check->interval_ms > INTERVAL_LEAST_MS ? health->check->interval_ms
                                                                              : INTERVAL_LEAST_MS;
        Deadline next = deadline_after_ms(interval_ms);

        if (health->check->attempts > 0 && health->attempts >= health->check->attempts)
                return false;
        while (!deadline_passed(next)) {
                int left_ms = deadline_left_ms(next);
                if (deadline_passed(health->deadline) || atomic_load(health->task->cancelled))
                        return false;
                clock_sleep_ms(left_ms < LOOK_MS ? left_ms : LOOK_MS);
        }
        return !deadline_passed(health->deadline) && !atomic_load(health->task->cancelled);
}

static bool conclude(const Health *health, bool ok, Error **err) {
        int64_t duration_ms = clock_monotonic_ms() - health->begun_ms;
        const TaskHealthRun run = {
                .module = (char *) health->what->module,
                .kind = (char *) health->kind,
                .message = health->answer,
                .ok = ok,
                .attempts = health->attempts,
                .duration_ms = (uint32_t) duration_ms,
        };

        task_note_health(health->task, &run);
        if (ok) {
                spool_say(
                        health->task->spool, "%s: health check (%s) is well: %s (try %u, after %.1f s)",
                        health->what->module, health->name, health->answer, health->attempts,
                        (double) duration_ms / 1000);
                return true;
        }
        if (!task_check(health->task, err))
                return error_prefix(err, "health check (%s)", health->name);
        return error_set(
                err, ERROR_INTERNAL, "health check (%s) failed: %u tries in %.1f s, the last answer: %s",
                health->name, health->attempts, (double) duration_ms / 1000, health->answer);
}

bool module_check_health(
        Task *task, const ModuleHook *what, const Ghost__HealthCheck *check, const Ghost__Manifest *manifest,
        Error **err) {
        __attribute__((cleanup(health_clearp)))
        Health health = { .task = task, .what = what, .check = check, .manifest = manifest };

        if (!check)
                return true;
        if (!task_check(task, err) || !name_it(&health, err))
                return false;
        health.begun_ms = clock_monotonic_ms();
        health.deadline = deadline_earlier(
                deadline_after_ms(check->deadline_ms ? check->deadline_ms : DEFAULT_DEADLINE_MS),
                task->deadline);
        task_stage(task, "health_check");

        bool ok = try_once(&health);
        while (!ok && wait_for_next(&health))
                ok = try_once(&health);
        return conclude(&health, ok, err);
}

void module_note_healthy(Task *task, const char *module, const Ghost__HealthCheck *check) {
        const TaskHealthRun run = {
                .module = (char *) module,
                .kind = check ? (char *) kind_of(check) : NULL,
                .message = (char *) "it was well before the agent was restarted",
                .ok = true,
        };

        if (check)
                task_note_health(task, &run);
}

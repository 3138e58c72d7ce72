#include "jobs/steps/agent_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/order_post.h"
#include "store/agent_store.h"
#include "wire/envelope.h"

enum {
        LOOK_INTERVAL_MS = 500,
        LOOKS_PER_MS = 50,
        LOG_WAIT_MS = 10000,
        CANCEL_WAIT_MS = 20000,
        MARGIN_MS = 60000, /* for the receipt of a task that used all its time */
        ID_DIGITS = 24,
};

void agent_task_clear(AgentTask *task) {
        free(task->task_id);
        free(task->agent_id);
        free(task->instance_id);
        free(task->message);
        if (task->receipt)
                ghost__receipt__free_unpacked(task->receipt, NULL);
        *task = (AgentTask){ 0 };
}

static char *make_task_id(const JobContext *job, const char *step, const char *agent_id) {
        CLEANUP(free) char *name = xasprintf("%s\n%s\n%s", job->id, step, agent_id);
        char *digest = crypto_sha256_hex(name, strlen(name));

        digest[ID_DIGITS] = '\0';
        return digest;
}

static void post(JobContext *job, Ghost__Order *order, const AgentTask *task, int64_t timeout_ms) {
        const JobServices *services = job->services;

        if (!task_board_agent_connected(services->tasks, task->agent_id))
                job_log(job, "The agent of %s is not connected: waiting for it", task->instance_id);
        order_post(
                &(OrderPost){ .board = services->tasks,
                              .release_key = services->release_key,
                              .task_id = task->task_id,
                              .agent_id = task->agent_id,
                              .log_id = job->id,
                              .timeout_ms = timeout_ms,
                              .lifetime_ms = timeout_ms + services->limits.agent_wait_ms },
                order);
}

void agent_task_start(JobContext *job, const AgentTaskSpec *spec, AgentTask *ret) {
        const JobLimits *limits = &job->services->limits;
        int64_t timeout_ms = spec->timeout_ms ? spec->timeout_ms : limits->task_timeout_ms;
        CLEANUP(error_free) Error *ignored = NULL; /* met again by the wait */

        *ret = (AgentTask){ .task_id = make_task_id(job, spec->step, spec->agent_id),
                            .agent_id = xstrdup(spec->agent_id),
                            .instance_id = xstrdup(spec->instance_id ? spec->instance_id : spec->agent_id),
                            .deadline = deadline_after_ms(timeout_ms + limits->agent_wait_ms + MARGIN_MS),
                            .connected_until = deadline_after_ms(limits->agent_wait_ms),
                            .reached = job->resumes > 0 };
        (void) task_board_receipt(job->services->tasks, ret->task_id, ret->agent_id, &ret->receipt, &ignored);
        if (!ret->receipt)
                post(job, spec->order, ret, timeout_ms);
}

static void finish(JobContext *job, AgentTask *task, ErrorKind kind, const char *message) {
        TaskBoard *board = job->services->tasks;

        task->reached = task->reached || task->receipt || task_board_sent(board, task->task_id);
        task_board_remove(board, task->task_id);
        task->finished = true;
        task->kind = kind;
        if (!task->ok)
                task->message = xstrdup(text_empty(message) ? "the agent gives no reason" : message);
}

/* The receipt may overtake the last lines of the output. */
static bool log_is_complete(JobContext *job, AgentTask *task) {
        if (task->receipt->log_bytes == 0)
                return true;
        if (task->log_until == 0)
                task->log_until = deadline_after_ms(LOG_WAIT_MS);
        if (job_logs_stream_bytes(job->services->logs, job->id, task->task_id) >= task->receipt->log_bytes)
                return true;
        if (!deadline_passed(task->log_until))
                return false;
        job_log(job, "The last output of %s did not come in time", task->instance_id);
        return true;
}

static void give_up(JobContext *job, AgentTask *task) {
        CLEANUP(free) char *stage = task_board_stage(job->services->tasks, task->task_id);
        CLEANUP(free)
        char *message = xasprintf(
                "its agent gave no receipt in time%s%s", stage ? "; last heard: " : "", stage ? stage : "");

        task_board_cancel(job->services->tasks, task->task_id);
        finish(job, task, ERROR_TIMEOUT, message);
}

static bool look_at(JobContext *job, AgentTask *task, Error **err) {
        TaskBoard *board = job->services->tasks;

        if (!task->receipt && !task_board_receipt(board, task->task_id, task->agent_id, &task->receipt, err))
                return false;
        if (task->receipt) {
                if (log_is_complete(job, task)) {
                        task->ok = task->receipt->ok;
                        finish(job, task, error_kind_from_wire(task->receipt->kind), task->receipt->message);
                }
                return true;
        }
        if (task_board_agent_connected(board, task->agent_id))
                task->connected_until = deadline_after_ms(job->services->limits.agent_wait_ms);
        if (deadline_passed(task->connected_until))
                finish(job, task, ERROR_UNAVAILABLE, "its agent is not connected");
        else if (deadline_passed(task->deadline))
                give_up(job, task);
        return true;
}

static bool all_finished(const AgentTask *tasks, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished)
                        return false;
        return true;
}

static bool look_at_all(JobContext *job, AgentTask *tasks, size_t count, Error **err) {
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished && !look_at(job, &tasks[i], err))
                        return false;
        return true;
}

/* Everything an agent says wakes the job, and a look at thousands takes its time: then not at every word. */
static void wait_for_news(JobContext *job, size_t count, uint64_t *generation) {
        task_board_wait(job->services->tasks, generation, LOOK_INTERVAL_MS);
        clock_sleep_ms((int64_t) count / LOOKS_PER_MS);
}

static void cancel(JobContext *job, AgentTask *task) {
        if (task->finished)
                return;
        task_board_cancel(job->services->tasks, task->task_id);
        if (!task->receipt && !task_board_agent_connected(job->services->tasks, task->agent_id))
                finish(job, task, ERROR_CANCELLED, "cancelled");
}

/* The agents stop their hooks and say how things stand; those that do not answer are given up. */
static void cancel_all(JobContext *job, AgentTask *tasks, size_t count) {
        Deadline deadline = deadline_after_ms(CANCEL_WAIT_MS);
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t generation = 0;

        for (size_t i = 0; i < count; i++)
                cancel(job, &tasks[i]);
        while (!job_interrupted(job) && !deadline_passed(deadline) &&
               look_at_all(job, tasks, count, &ignored) && !all_finished(tasks, count))
                wait_for_news(job, count, &generation);
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished)
                        finish(job, &tasks[i], ERROR_CANCELLED, "cancelled");
}

/* Agents that have their tasks go on with them; a resumed job finds the receipts. */
static void forget_all(JobContext *job, AgentTask *tasks, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished) {
                        tasks[i].reached =
                                tasks[i].reached || task_board_sent(job->services->tasks, tasks[i].task_id);
                        task_board_remove(job->services->tasks, tasks[i].task_id);
                }
}

static bool may_go_on(JobContext *job, bool undoing, Error **err) {
        return (undoing && !job_interrupted(job)) || job_check(job, err);
}

/* watch may be NULL. */
static bool wait_all(
        JobContext *job, AgentTask *tasks, size_t count, bool undoing, const AgentTasksWatch *watch,
        Error **err) {
        uint64_t generation = 0;

        for (;;) {
                if (!look_at_all(job, tasks, count, err)) {
                        forget_all(job, tasks, count);
                        return false;
                }
                if (watch)
                        watch->look(watch->context, tasks, count);
                if (all_finished(tasks, count))
                        return true;
                if (!may_go_on(job, undoing, err)) {
                        if (job_interrupted(job))
                                forget_all(job, tasks, count);
                        else
                                cancel_all(job, tasks, count);
                        return false;
                }
                wait_for_news(job, count, &generation);
        }
}

bool agent_tasks_wait(JobContext *job, AgentTask *tasks, size_t count, bool undoing, Error **err) {
        return wait_all(job, tasks, count, undoing, NULL, err);
}

bool agent_tasks_wait_watched(
        JobContext *job, AgentTask *tasks, size_t count, const AgentTasksWatch *watch, Error **err) {
        return wait_all(job, tasks, count, false, watch, err);
}

AgentTaskState agent_task_state(JobContext *job, const char *step, const char *agent_id) {
        CLEANUP(free) char *id = make_task_id(job, step, agent_id);
        CLEANUP(error_free) Error *ignored = NULL;
        Ghost__Receipt *receipt = NULL;

        if (!task_board_receipt(job->services->tasks, id, agent_id, &receipt, &ignored) || !receipt)
                return AGENT_TASK_OPEN;
        AgentTaskState state = receipt->ok ? AGENT_TASK_OK : AGENT_TASK_FAILED;
        ghost__receipt__free_unpacked(receipt, NULL);
        return state;
}

bool agent_task_run(JobContext *job, const AgentTaskSpec *spec, Error **err) {
        CLEANUP(agent_task_clear) AgentTask task = { 0 };

        agent_task_start(job, spec, &task);
        if (!agent_tasks_wait(job, &task, 1, false, err))
                return false;
        return task.ok || error_set(err, task.kind, "%s", task.message);
}

bool agent_task_wait_agent(
        JobContext *job, const char *instance_id, Deadline deadline, char **ret_agent_id, Error **err) {
        uint64_t generation = 0;

        for (;;) {
                CLEANUP(agent_clear) Agent agent = { 0 };
                bool found = false;

                if (!agent_store_find_by_instance(job->services->store, instance_id, &agent, &found, err) ||
                    !job_check(job, err))
                        return false;
                if (found && task_board_agent_connected(job->services->tasks, agent.id)) {
                        *ret_agent_id = TAKE(agent.id);
                        return true;
                }
                if (deadline_passed(deadline))
                        return error_set(
                                err, ERROR_TIMEOUT,
                                found ? "enrolled, but not connected in time" : "it never came");
                task_board_wait(job->services->tasks, &generation, LOOK_INTERVAL_MS);
        }
}

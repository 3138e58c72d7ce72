#include "jobs/steps/deploy_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "package/signing.h"

enum {
        LOOK_INTERVAL_MS = 500,
        LOG_WAIT_MS = 10000,
        CANCEL_WAIT_MS = 20000,
        MARGIN_MS = 60000,
        ID_DIGITS = 24
};

void deploy_task_clear(DeployTask *task) {
        free(task->task_id);
        free(task->agent_id);
        free(task->instance_id);
        free(task->message);
        if (task->receipt)
                ghost__receipt__free_unpacked(task->receipt, NULL);
        *task = (DeployTask){ 0 };
}

static char *make_task_id(const JobContext *job, const char *step, const char *agent_id) {
        CLEANUP(free) char *name = xasprintf("%s\n%s\n%s", job->id, step, agent_id);
        char *digest = crypto_sha256_hex(name, strlen(name));

        digest[ID_DIGITS] = '\0';
        return digest;
}

void deploy_task_start(
        JobContext *job, Ghost__Order *order, const char *step, const char *agent_id, const char *instance_id,
        DeployTask *ret) {
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        Ghost__Task task = GHOST__TASK__INIT;

        *ret = (DeployTask){ .task_id = make_task_id(job, step, agent_id),
                             .agent_id = xstrdup(agent_id),
                             .instance_id = xstrdup(instance_id),
                             .timeout_ms = job->services->limits.task_timeout_ms };
        int64_t lifetime_ms = ret->timeout_ms + job->services->limits.agent_wait_ms;
        ret->deadline = deadline_after_ms(lifetime_ms + MARGIN_MS);
        ret->connected_until = deadline_after_ms(job->services->limits.agent_wait_ms);

        order->task_id = ret->task_id;
        order->agent_id = ret->agent_id;
        order->job_id = (char *) job->id;
        order->issued_us = clock_now_us();
        order->expires_us = order->issued_us + lifetime_ms * 1000;
        order->timeout_ms = (uint32_t) ret->timeout_ms;
        size_t length = ghost__order__get_packed_size(order);
        CLEANUP(free) uint8_t *bytes = xcalloc(1, length + 1);
        ghost__order__pack(order, bytes);
        order_sign(job->services->release_key, bytes, length, signature);
        task.order.data = bytes;
        task.order.len = length;
        task.signature.data = signature;
        task.signature.len = sizeof(signature);
        if (!task_board_agent_connected(job->services->tasks, agent_id))
                job_log(job, "The agent of %s is not connected: waiting for it", instance_id);
        task_board_add(job->services->tasks, ret->task_id, agent_id, job->id, &task);
}

static void finish(JobContext *job, DeployTask *task, bool ok, const char *message) {
        task_board_remove(job->services->tasks, task->task_id);
        task->finished = true;
        task->ok = ok;
        if (!ok)
                task->message = xstrdup(message);
}

/* The receipt may overtake the last lines of the output. */
static bool log_is_complete(JobContext *job, DeployTask *task) {
        if (task->log_until == 0)
                task->log_until = deadline_after_ms(LOG_WAIT_MS);
        if (job_logs_stream_bytes(job->services->logs, task->task_id) >= task->receipt->log_bytes)
                return true;
        if (!deadline_passed(task->log_until))
                return false;
        job_log(job, "The last output of %s did not come in time", task->instance_id);
        return true;
}

static bool look_at_receipt(JobContext *job, DeployTask *task, Error **err) {
        if (!task->receipt && !task_board_receipt(job->services->tasks, task->task_id, &task->receipt, err))
                return false;
        if (task->receipt && log_is_complete(job, task))
                finish(job, task, task->receipt->ok, task->receipt->message);
        return true;
}

static bool look_at(JobContext *job, DeployTask *task, Error **err) {
        if (!look_at_receipt(job, task, err))
                return false;
        if (task->finished || task->receipt)
                return true;
        if (task_board_agent_connected(job->services->tasks, task->agent_id))
                task->connected_until = deadline_after_ms(job->services->limits.agent_wait_ms);
        if (deadline_passed(task->connected_until))
                finish(job, task, false, "its agent is not connected");
        else if (deadline_passed(task->deadline))
                finish(job, task, false, "its agent gave no receipt in time");
        return true;
}

static bool all_finished(const DeployTask *tasks, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished)
                        return false;
        return true;
}

static bool look_at_all(JobContext *job, DeployTask *tasks, size_t count, Error **err) {
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished && !look_at(job, &tasks[i], err))
                        return false;
        return true;
}

/* The agents stop their hooks and say how things stand; those that do not answer are given up. */
static void cancel_all(JobContext *job, DeployTask *tasks, size_t count) {
        Deadline deadline = deadline_after_ms(CANCEL_WAIT_MS);
        CLEANUP(error_free) Error *ignored = NULL;
        uint64_t generation = 0;

        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished)
                        task_board_cancel(job->services->tasks, tasks[i].task_id);
        while (!job_interrupted(job) && !deadline_passed(deadline) &&
               look_at_all(job, tasks, count, &ignored) && !all_finished(tasks, count))
                task_board_wait(job->services->tasks, &generation, LOOK_INTERVAL_MS);
        for (size_t i = 0; i < count; i++)
                if (!tasks[i].finished)
                        finish(job, &tasks[i], false, "cancelled");
}

static void forget_all(JobContext *job, DeployTask *tasks, size_t count) {
        for (size_t i = 0; i < count; i++)
                task_board_remove(job->services->tasks, tasks[i].task_id);
}

static bool may_go_on(JobContext *job, bool undoing, Error **err) {
        if (undoing && !job_interrupted(job))
                return true;
        return job_check(job, err);
}

bool deploy_tasks_wait(JobContext *job, DeployTask *tasks, size_t count, bool undoing, Error **err) {
        uint64_t generation = 0;

        for (;;) {
                if (!look_at_all(job, tasks, count, err)) {
                        forget_all(job, tasks, count);
                        return false;
                }
                if (all_finished(tasks, count))
                        return true;
                if (!may_go_on(job, undoing, err)) {
                        if (job_interrupted(job))
                                forget_all(job, tasks, count); /* they go on; the resumed job finds them */
                        else
                                cancel_all(job, tasks, count);
                        return false;
                }
                task_board_wait(job->services->tasks, &generation, LOOK_INTERVAL_MS);
        }
}

#include "jobs/steps/agent_task.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "package/signing.h"
#include "store/agent_store.h"
#include "wire/envelope.h"

enum { LOOK_MS = 1000, LOG_PATIENCE_MS = 5000, TASK_ID_CHARACTERS = 24, SEND_MARGIN_MS = 60000 };

static char *task_id(const JobContext *job, const AgentTask *task) {
        CLEANUP(free) char *text = xasprintf("%s %s %s", job->id, task->name, task->agent_id);
        CLEANUP(free) char *hash = crypto_sha256_hex(text, strlen(text));

        return xstrndup(hash, TASK_ID_CHARACTERS);
}

/* Packs, signs and hands the order to the board, which copies. */
static void post(JobContext *job, const AgentTask *task, char *id, int64_t timeout_ms) {
        const JobServices *services = job->services;
        Ghost__Order *order = task->order;
        Ghost__Task message = GHOST__TASK__INIT;
        uint8_t signature[ED25519_SIGNATURE_BYTES];

        order->task_id = id;
        order->agent_id = (char *) task->agent_id;
        order->job_id = (char *) job->id;
        order->issued_us = clock_now_us();
        order->expires_us = order->issued_us + (timeout_ms + SEND_MARGIN_MS) * 1000;
        order->timeout_ms = (uint32_t) (timeout_ms > UINT32_MAX ? UINT32_MAX : timeout_ms);

        size_t length = ghost__order__get_packed_size(order);
        CLEANUP(free) uint8_t *packed = xcalloc(length + 1, 1);
        ghost__order__pack(order, packed);
        order_sign(services->release_key, packed, length, signature);
        message.order = (ProtobufCBinaryData){ length, packed };
        message.signature = (ProtobufCBinaryData){ sizeof(signature), signature };
        task_board_add(services->tasks, id, task->agent_id, job->id, &message);
}

static bool give_up(TaskBoard *board, const AgentTask *task, const char *id, Error **err) {
        CLEANUP(free) char *stage = task_board_stage(board, id);

        task_board_cancel(board, id);
        return error_set(
                err, ERROR_TIMEOUT, "%s: no answer from agent %s in time%s%s", task->name, task->agent_id,
                stage ? ", last heard: " : "", stage ? stage : "");
}

static bool wait_for_receipt(
        JobContext *job, const AgentTask *task, const char *id, Deadline deadline, Ghost__Receipt **ret,
        Error **err) {
        TaskBoard *board = job->services->tasks;
        uint64_t generation = 0;

        for (;;) {
                if (!task_board_receipt(board, id, ret, err))
                        return false;
                if (*ret)
                        return true;
                if (!job_check(job, err)) {
                        if (!job_interrupted(job))
                                task_board_cancel(board, id);
                        return false;
                }
                if (deadline_passed(deadline))
                        return give_up(board, task, id, err);
                task_board_wait(board, &generation, LOOK_MS);
        }
}

/* The lines of the task come on their own way; the job should not end before them. */
static void wait_for_log(JobContext *job, const char *id, const Ghost__Receipt *receipt) {
        Deadline patience = deadline_after_ms(LOG_PATIENCE_MS);
        uint64_t generation = 0;

        while (job_logs_stream_bytes(job->services->logs, id) < receipt->log_bytes &&
               !deadline_passed(patience) && !job_should_stop(job))
                task_board_wait(job->services->tasks, &generation, deadline_left_ms(patience));
}

bool agent_task_run(JobContext *job, const AgentTask *task, Error **err) {
        const JobLimits *limits = &job->services->limits;
        int64_t timeout_ms = task->timeout_ms ? task->timeout_ms : limits->task_timeout_ms;
        Deadline deadline = deadline_after_ms(timeout_ms + limits->agent_wait_ms);
        CLEANUP(free) char *id = task_id(job, task);
        Ghost__Receipt *receipt = NULL;

        if (!task_board_receipt(job->services->tasks, id, &receipt, err))
                return false;
        if (!receipt) {
                post(job, task, id, timeout_ms);
                bool came = wait_for_receipt(job, task, id, deadline, &receipt, err);
                task_board_remove(job->services->tasks, id);
                if (!came)
                        return false;
        }
        wait_for_log(job, id, receipt);
        bool good = receipt->ok;
        if (!good)
                error_set(
                        err, error_kind_from_wire(receipt->kind), "%s",
                        text_empty(receipt->message) ? "the agent gives no reason" : receipt->message);
        ghost__receipt__free_unpacked(receipt, NULL);
        return good;
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
                task_board_wait(job->services->tasks, &generation, LOOK_MS);
        }
}

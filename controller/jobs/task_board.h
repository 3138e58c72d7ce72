/* Tasks that jobs gave to agents and whose receipts have not come. The link's events reach the jobs here:
 * whoever handles the hub's events calls the on_* functions, job threads wait. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "store/store.h"
#include "wire/ghost.pb-c.h"

/* How tasks reach agents; the calls only queue. */
typedef struct AgentLink {
        bool (*connected)(void *context, const char *agent_id);
        /* False when the agent is not connected: the board sends again when it is. */
        bool (*send_task)(void *context, const char *agent_id, const Ghost__Task *task);
        void (*send_cancel)(void *context, const char *agent_id, const char *task_id);
        void *context;
} AgentLink;

typedef struct TaskBoard TaskBoard;

TaskBoard *task_board_new(Store *store, const AgentLink *link);
void task_board_free(TaskBoard *board);
CLEANUP_DEFINE(TaskBoard, task_board_free);

/* The agent's session began: its tasks are sent (again). */
void task_board_on_agent_connected(TaskBoard *board, const char *agent_id);
/* The receipt of the task has been stored: until this is said, a task on the board has none. */
void task_board_on_receipt(TaskBoard *board, const char *task_id);
/* Anything else a waiting job may want to look at again: log lines came, an agent left. */
void task_board_on_change(TaskBoard *board);
/* A stage of a task, for the job's message; bounded, the newest counts. */
void task_board_on_progress(TaskBoard *board, const Ghost__TaskProgress *progress);

/* Whether a job of this process waits for that task of that agent. After a restart a task is known again once
 * its job has been resumed. ret_job_id may be NULL; caller frees. */
bool task_board_knows(TaskBoard *board, const char *task_id, const char *agent_id, char **ret_job_id);

/* For job threads. Adding a task that is there already replaces its bytes. */
void task_board_add(
        TaskBoard *board, const char *task_id, const char *agent_id, const char *job_id,
        const Ghost__Task *task);
void task_board_remove(TaskBoard *board, const char *task_id);
void task_board_cancel(TaskBoard *board, const char *task_id);
/* It has been handed to the link at least once since it was added. */
bool task_board_sent(TaskBoard *board, const char *task_id);
bool task_board_agent_connected(TaskBoard *board, const char *agent_id);
/* "fetch 12 of 30 MB"; NULL when nothing is known. Caller frees. */
char *task_board_stage(TaskBoard *board, const char *task_id);
/* Waits for a change, at most timeout_ms. generation is 0 at first, and what the last wait left in it. */
void task_board_wait(TaskBoard *board, uint64_t *generation, int64_t timeout_ms);
/* *ret stays NULL when the receipt of that agent is not there. */
bool task_board_receipt(
        TaskBoard *board, const char *task_id, const char *agent_id, Ghost__Receipt **ret, Error **err);

/* Orders to agents, several at a time, from the signature to the receipt. Ids follow from job, step and
 * agent, so that a resumed job finds its tasks and their receipts again and no agent runs one twice. */
#pragma once

#include "jobs/job_context.h"
#include "wire/ghost.pb-c.h"

typedef struct AgentTaskSpec {
        const char *agent_id;
        const char *instance_id; /* in messages; NULL: the agent's id */
        const char *step;        /* unique in the job for each agent */
        Ghost__Order *order;     /* its action is set; the rest is filled in */
        int64_t timeout_ms;      /* on the instance; 0: the settings' */
} AgentTaskSpec;

typedef struct AgentTask {
        char *task_id, *agent_id, *instance_id;
        Deadline deadline, connected_until, log_until;
        Ghost__Receipt *receipt; /* NULL: none came */
        bool finished, ok;
        bool reached;   /* the agent has it, or may have it */
        ErrorKind kind; /* when it is not ok */
        char *message;
} AgentTask;
void agent_task_clear(AgentTask *task);
static inline void agent_task_clearp(AgentTask *task) {
        agent_task_clear(task);
}

/* Sent, again whenever the agent comes back, unless its receipt is here already. */
void agent_task_start(JobContext *job, const AgentTaskSpec *spec, AgentTask *ret);
/* Until all are finished, with their output in the job's log as far as the agents deliver it within seconds.
 * An agent that is away for longer than the settings say, or answers too late, makes its task fail. False
 * only when the job is to stop: the tasks are cancelled then. undoing: a cancelled job or one out of time
 * waits all the same. */
bool agent_tasks_wait(JobContext *job, AgentTask *tasks, size_t count, bool undoing, Error **err);

/* Somebody who wants to know how far they are: called several times a second. */
typedef struct AgentTasksWatch {
        void (*look)(void *context, const AgentTask *tasks, size_t count);
        void *context;
} AgentTasksWatch;
bool agent_tasks_wait_watched(
        JobContext *job, AgentTask *tasks, size_t count, const AgentTasksWatch *watch, Error **err);

typedef enum AgentTaskState { AGENT_TASK_OPEN, AGENT_TASK_OK, AGENT_TASK_FAILED } AgentTaskState;
/* By its receipt. OPEN: there is none, or it cannot be read. */
AgentTaskState agent_task_state(JobContext *job, const char *step, const char *agent_id);

/* One, from start to end. A receipt that says failed is a failure with the agent's words. */
bool agent_task_run(JobContext *job, const AgentTaskSpec *spec, Error **err);

/* Until the agent of the instance is connected. Caller frees the id. */
bool agent_task_wait_agent(
        JobContext *job, const char *instance_id, Deadline deadline, char **ret_agent_id, Error **err);

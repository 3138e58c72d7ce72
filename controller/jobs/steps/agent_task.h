/* One order to one agent, and its receipt. */
#pragma once

#include "jobs/job_context.h"

typedef struct AgentTask {
        const char *agent_id;
        const char *name; /* unique in the job: with job and agent it makes the task's id, so that a resumed
                           * job asks for the same task again, which the agent does not run twice */
        Ghost__Order *order; /* its action is set; the rest is filled in */
        int64_t timeout_ms;  /* on the instance; 0: the settings' */
} AgentTask;

/* Sent, again whenever the agent comes back, until the receipt is here or the deadline has passed; a
 * cancelled job cancels its task. A receipt that says failed is a failure with the agent's words. Returns
 * after the task's last log line was written, as far as the agent delivers it within seconds. */
bool agent_task_run(JobContext *job, const AgentTask *task, Error **err);

/* Until the agent of the instance is connected. Caller frees the id. */
bool agent_task_wait_agent(
        JobContext *job, const char *instance_id, Deadline deadline, char **ret_agent_id, Error **err);

/* Tasks given to several agents at a time, from the signed order to the receipt. Ids follow from job, step
 * and agent, so that a resumed job finds its tasks and their receipts again. */
#pragma once

#include "jobs/job_context.h"
#include "wire/ghost.pb-c.h"

typedef struct DeployTask {
        char *task_id, *agent_id, *instance_id;
        int64_t timeout_ms;
        Deadline deadline, connected_until, log_until;
        Ghost__Receipt *receipt; /* NULL: none came */
        bool finished, ok;
        char *message; /* when it is not ok */
} DeployTask;
void deploy_task_clear(DeployTask *task);
static inline void deploy_task_clearp(DeployTask *task) {
        deploy_task_clear(task);
}

/* order: its action is set; the rest is filled in here. step: unique in the job for each agent. timeout_ms 0:
 * the settings'. */
void deploy_task_start(
        JobContext *job, Ghost__Order *order, const char *step, const char *agent_id, const char *instance_id,
        DeployTask *ret);
/* Until all are finished, with their output in the job's log. False only when the job is to stop: tasks are
 * cancelled then. undoing: a cancelled job or one out of time waits all the same. */
bool deploy_tasks_wait(JobContext *job, DeployTask *tasks, size_t count, bool undoing, Error **err);

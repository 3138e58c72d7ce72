/* From an order to its receipt: the one place that knows which action is which. */
#pragma once

#include "tasks/task.h"

/* Believes nothing that the release key has not signed, for this agent, in time. Caller frees with
 * ghost__order__free_unpacked(). */
Ghost__Order *tasks_check_order(
        const Ghost__Task *task, const uint8_t *release_key, const char *agent_id, Error **err);
/* The module that the order is about, or NULL: it runs alone. */
const char *tasks_key(const Ghost__Order *order);

/* Carries the order out; its receipt is in the journal afterwards. */
void tasks_run(const TaskServices *services, const Ghost__Order *order, const atomic_bool *cancelled);
/* The same for an order that was cut by a restart after it had begun: puts right what it left, and says so.
 */
void tasks_run_interrupted(
        const TaskServices *services, const Ghost__Order *order, const atomic_bool *cancelled);

/* Receipt of a task that was not accepted, packed; caller frees. */
uint8_t *tasks_refusal(const char *task_id, const char *job_id, const Error *error, size_t *ret_length);

/* The actions, one file each. */
bool task_bootstrap(Task *task, const Ghost__Bootstrap *action, Error **err);
bool task_run_script(Task *task, const Ghost__RunScript *action, Error **err);
bool task_clean_image(Task *task, Error **err);

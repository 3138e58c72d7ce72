/* The way back of a roll-out that failed or was cancelled. */
#pragma once

#include "jobs/steps/agent_task.h"
#include "jobs/steps/roll_out.h"

/* The job's memory of a module's roll-out. */
#define ROLL_OUT_PREVIOUS "previous" /* the release that was wanted before; "": none */
#define ROLL_OUT_GIVEN "given" /* [{instance, agent}] that the package was or was about to be given to */
#define ROLL_OUT_UNDO "undo"   /* {kind, why}: it goes back, and is not begun again */
#define ROLL_OUT_DONE "rolled-out"

/* Caller frees. */
char *roll_out_step(const char *what, const char *module);
/* The step of the tasks that deploy the package; caller frees. */
char *roll_out_task_step(const RollOut *plan);

/* An empty array when it was given to none. */
bool roll_out_given(JobContext *job, const char *module, Document **ret, Error **err);

/* Remembers that there is no way but back, and why; then goes. tasks: those of this run. Returns false with
 * why and what became of the instances; CANCELLED when the controller is stopping before that is known. */
bool roll_back(
        JobContext *job, const RollOut *plan, const Error *why, const AgentTask *tasks, size_t count,
        Error **err);
/* The same in a resumed job that was going back. *ret_going_back false: it was not, and true is returned. */
bool roll_back_resume(JobContext *job, const RollOut *plan, bool *ret_going_back, Error **err);

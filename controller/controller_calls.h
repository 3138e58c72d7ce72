/* Who calls whom across the layers: what the parts are given to call each other by. Every context is the
 * Controller; a part that is not started yet, or any more, is not called. */
#pragma once

#include "api/services.h"
#include "controller.h"
#include "jobs/services.h"
#include "jobs/task_board.h"

AgentLink controller_agent_link(Controller *controller);
void controller_job_calls(Controller *controller, JobServices *ret);
void controller_api_calls(Controller *controller, Services *ret);

void controller_wake_topic(void *context, const char *topic);
void controller_wake_changes(void *context);
void controller_wake_log(void *context, const char *job_id);

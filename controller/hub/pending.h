/* Tasks that were asked of agents and whose receipts are awaited. Its own lock; nothing else is taken under
 * it. */
#pragma once

#include "hub/hub.h"

typedef struct Pending Pending;

Pending *pending_new(void);
void pending_free(Pending *pending);

/* False when the task is known already. */
bool pending_add(Pending *pending, const HubTask *task);
void pending_remove(Pending *pending, const char *task_id);
/* Keeps a copy; unknown tasks are ignored. */
void pending_complete(Pending *pending, const Ghost__Receipt *receipt);
/* As hub_wait_receipt(). */
bool pending_wait(
        Pending *pending, const char *task_id, Deadline deadline, HubCancelled cancelled, void *context,
        Ghost__Receipt **ret, Error **err);

/* Calls for every task of the agent that has no receipt yet. */
void pending_each(
        Pending *pending, const char *agent_id, void (*call)(void *context, const HubTask *task),
        void *context);
/* The agent that has the task; false when unknown. ret is freed by the caller. */
bool pending_agent(Pending *pending, const char *task_id, char **ret);

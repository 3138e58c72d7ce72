/* A user's script for an instance: where, as whom, with what environment. */
#pragma once

#include "jobs/steps/agent_task.h"
#include "jobs/steps/fleet.h"

#define SCRIPT_NAME "ghost-execute-script"
#define SCRIPT_FOLDER "/tmp" /* without a module */

typedef struct ScriptOrder {
        char *content;
        size_t length;
        const Document *module; /* in whose folder and as whose owner; NULL: none, and root. Borrowed */
        const char *user;       /* instead of the owner; "": the owner. Borrowed */
        int64_t timeout_ms;     /* on the instance */
} ScriptOrder;
void script_order_clear(ScriptOrder *script);
static inline void script_order_clearp(ScriptOrder *script) {
        script_order_clear(script);
}

/* Refused as the contract says: nothing that is base64, no shell's first line. NOT_FOUND: no such module. */
bool script_order_read(JobContext *job, const JobOptions *options, ScriptOrder *ret, Error **err);

/* Gives it to the agent. */
void script_order_start(
        JobContext *job, const ScriptOrder *script, const FleetTarget *target, const char *step,
        AgentTask *ret);

/* The ghost-agent that builders install when their image has none. */
#pragma once

#include "base/error.h"

typedef struct AgentProgram {
        const char *path;
        const char *url; /* of this controller's HTTP, as builders reach it */
} AgentProgram;

/* Where it is fetched and the checksum it has now: the file may be replaced while the controller runs. Caller
 * frees both. */
bool agent_program_describe(const AgentProgram *program, char **ret_url, char **ret_sha256, Error **err);

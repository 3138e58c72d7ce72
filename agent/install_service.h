/* The systemd unit of the agent: its text, and what systemctl is told of it. */
#pragma once

#include "base/error.h"

#define AGENT_SERVICE "ghost-agent.service"

/* The unit that the packages bring, for a program elsewhere. Caller frees. */
char *install_service_unit(const char *program);

/* Whether systemd runs this machine. */
bool install_service_here(void);
/* NULL-terminated, without "systemctl"; blocks until it is done. */
bool install_service_tell(const char *const *words, Error **err);

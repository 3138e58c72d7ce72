/* What the agent tells about its machine, without any service's help. */
#pragma once

#include "wire/ghost.pb-c.h"

/* Fills host name, operating system, kernel, architecture; root as in agent.conf. Strings are on the heap:
 * free the whole with ghost__facts__free_unpacked(). */
void facts_read(Ghost__Facts *facts, const char *root);
Ghost__Facts *facts_new(void);

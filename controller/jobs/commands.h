/* All commands, by name. */
#pragma once

#include "jobs/command.h"

/* NULL when there is none. Aliases are known here and not listed. */
const Command *command_find(const char *name);
/* In alphabetical order; NULL behind the last. */
const Command *command_at(size_t index);

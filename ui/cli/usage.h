/* Help and completion, printed from the command table. */
#pragma once

#include "cli_command.h"

void usage_program(void);
void usage_command(const CliCommand *command);
/* A bash completion script; zsh reads it through bashcompinit. */
void usage_completion(void);

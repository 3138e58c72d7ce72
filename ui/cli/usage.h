/* Help, printed from the command table. */
#pragma once

#include <stdio.h>

#include "cli_command.h"

void usage_program(void);
/* The commands of "ghost app". */
void usage_group(const CliGroup *group, FILE *out);
void usage_command(const CliCommand *command);
/* "Usage: ghost app show [OPTION]... APP" */
void usage_line(const CliCommand *command, FILE *out);

/* The manual page, for mandoc and man. */
void usage_manual(FILE *out);

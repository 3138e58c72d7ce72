/* What a job would do, as POST /plans says it, for people. */
#pragma once

#include "output.h"

#define PLAN_OPTION                                                                                          \
        { "plan", 0, NULL, "Only say what the job would do: commits, files, batches, warnings" }

/* Asks, and prints: as text, or as JSON or YAML when that is asked for. body: the job's. */
bool plan_ask(CliContext *context, const Document *body, Error **err);
/* The text alone. */
void plan_print(const Document *plan, bool colour, FILE *out);

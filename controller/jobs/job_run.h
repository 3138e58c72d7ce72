/* One job from its claim to its final status. Included by job_queue.c and its test. */
#pragma once

#include "jobs/command.h"

enum { JOB_RESUMES_MAX = 3 };

/* Returns when the job has ended, or, when *stopping became true, has been left started for the next
 * controller. The job document has status started. */
void job_run(const JobServices *services, const Document *job, const atomic_bool *stopping);
/* The same with a command of the caller's. NULL: the command is unknown. */
void job_run_command(
        const JobServices *services, const Document *document, const Command *command,
        const atomic_bool *stopping);

/* Bringing a package to the application's running instances, or nothing. */
#pragma once

#include "jobs/job_context.h"

typedef struct RollOut {
        const char *module;
        const char *manifest_sha256;
        bool parallel;
} RollOut;

/* The package becomes what the application wants; each running, bootstrapped instance gets it. On failure the
 * former release is wanted again, and instances that had switched go back to it. *ret_instances: how many
 * have it now. */
bool roll_out(JobContext *job, const RollOut *plan, size_t *ret_instances, Error **err);
/* "serial" or "parallel"; anything else is serial. */
bool roll_out_is_parallel(const char *strategy);

/* Bringing a package to the application's running instances, or nothing. */
#pragma once

#include "jobs/job_context.h"

typedef struct RollOut {
        const char *module;
        const char *manifest_sha256;
        bool parallel;
} RollOut;

typedef struct RollOutResult {
        size_t instances;    /* that have it now */
        StringList left_out; /* "i-1 (why)": they have never been bootstrapped */
} RollOutResult;
void roll_out_result_clear(RollOutResult *result);
static inline void roll_out_result_clearp(RollOutResult *result) {
        roll_out_result_clear(result);
}

/* The package becomes what the application wants; each bootstrapped instance gets it. On failure the former
 * release is wanted again, instances that had switched go back to it, and the message says which did. A
 * resumed job goes on where it was, also with going back. */
bool roll_out(JobContext *job, const RollOut *plan, RollOutResult *ret, Error **err);
/* What success leaves to say: " (no instance is running: …)", or nothing. */
void roll_out_note(const RollOutResult *result, Text *ret);
/* What a job that is not taken up again leaves behind for that module. */
void roll_out_describe(JobContext *job, const char *module, Text *ret);
/* "serial" or "parallel"; anything else is serial. */
bool roll_out_is_parallel(const char *strategy);

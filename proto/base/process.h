/* Runs one child program to its end: own session and process group, clean environment, deadline, bounded
 * output, and no survivor: whatever it forked, daemonised or not, is ended before the call returns.
 *
 * Between the caller and the program stands a small supervisor process (a fork that is the subreaper of
 * everything below it), so that the caller's other children are never touched. Blocks; thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

enum { PROCESS_KEEP_ID = -1 };

typedef struct ProcessSpec {
        const char *const *argv;        /* argv[0] is searched in the PATH of environment */
        const char *const *environment; /* "NAME=value", NULL-terminated: all the program gets */
        const char *folder;             /* its working folder; NULL: "/" */
        const void *input;              /* its standard input; NULL: /dev/null */
        size_t input_length;
        int64_t uid, gid;          /* PROCESS_KEEP_ID: the caller's own */
        Deadline deadline;         /* then TERM, and KILL after grace_ms */
        int64_t grace_ms;          /* 0: 5,000 */
        uint64_t output_max_bytes; /* of standard output and error together; 0: unbounded; more ends the
                                      program */

        /* Called in the calling thread with output as it comes. NULL: output is dropped.
         * separate_error: standard error goes to on_error instead of on_output. */
        void (*on_output)(void *context, const char *bytes, size_t length);
        void (*on_error)(void *context, const char *bytes, size_t length);
        bool separate_error;
        /* Asked every 200 ms or sooner; true ends the program as the deadline does. NULL: never. */
        bool (*cancelled)(void *context);
        void *context;
} ProcessSpec;

typedef enum ProcessEnd {
        PROCESS_EXITED,    /* by itself: code */
        PROCESS_SIGNALLED, /* by a signal that was not ours: code is its number */
        PROCESS_TIMED_OUT,
        PROCESS_CANCELLED,
        PROCESS_FLOODED, /* output_max_bytes passed */
} ProcessEnd;

typedef struct ProcessResult {
        ProcessEnd end;
        int code;
        int64_t duration_ms;
        unsigned survivors_ended; /* descendants left behind by the program and killed */
} ProcessResult;

/* False only when the program could not be run at all (not found, not executable, no resources). A program
 * that fails is a result. */
bool process_run(const ProcessSpec *spec, ProcessResult *ret, Error **err);

/* "exited with code 3", "ended by signal 9 (Killed)", "ran longer than 60 s", … Caller frees. */
char *process_result_describe(const ProcessResult *result);

/* Runs and collects: fails (kind INTERNAL, message with the last lines of its output) unless it exits 0.
 * ret_output (may be NULL): standard output, at most spec->output_max_bytes, which must be set. on_* are
 * ignored. */
bool process_capture(const ProcessSpec *spec, char **ret_output, Error **err);

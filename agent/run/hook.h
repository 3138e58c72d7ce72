/* Runs one hook or script of a package or an order: its bytes are put into a private folder, run directly
 * (their first line says by what) with the environment given and nothing else of the agent's, and ended with
 * everything they started. Output goes to the task's spool. Blocks; thread-safe. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "run/spool.h"

typedef struct HookSpec {
        const char *name; /* "pre_deploy" */
        const void *content;
        size_t content_length;
        const char *scratch;           /* folder for the program's file, searchable by uid */
        const char *folder;            /* its working folder; NULL: a private one that goes with it */
        const StringList *environment; /* "NAME=value"; PATH, HOME, LANG are added when they are missing */
        int64_t uid, gid;              /* PROCESS_KEEP_ID: as the agent */
        Deadline deadline;
        const atomic_bool *cancelled; /* NULL: it is not to be cancelled */
        Spool *spool;
} HookSpec;

/* False when it could not be run or did not end well; the message says how it ended. ret_exit_code: its
 * status, or -signal; written in both cases. */
bool hook_run(const HookSpec *spec, int32_t *ret_exit_code, uint32_t *ret_duration_ms, Error **err);

/* A name that a shell takes. */
bool hook_variable_valid(const char *name);

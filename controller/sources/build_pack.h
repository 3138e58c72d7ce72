/* Runs a script on the controller in a work tree: build_pack before packing, after_all_deploy at the end. Its
 * own process group, a deadline, bounded output, no survivor, and nothing of the controller's environment. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

typedef struct BuildPackSpec {
        const char *name;   /* "build_pack": in messages */
        const char *folder; /* its working folder */
        const void *script; /* runs by its own first line when it begins with #!, else by bash */
        size_t length;
        const char *script_folder;     /* private, outside the work tree; the script is written here */
        const StringList *environment; /* NAME=value; PATH, HOME, LANG and TMPDIR are added */
        const char *user;              /* NULL: the controller's own */
        int64_t timeout_ms;
        uint64_t output_max_bytes;
        Deadline deadline; /* the job's */
        bool (*cancelled)(void *context);
        void (*log)(void *context, const char *line); /* lines of output, without the last end */
        void *context;
} BuildPackSpec;

/* Fails unless the script exits 0; the message says how it ended. */
bool build_pack_run(const BuildPackSpec *spec, Error **err);

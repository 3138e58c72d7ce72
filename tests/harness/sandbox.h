/* A ghost-sandbox of the test's own, whose instances are only told about, with fast clocks. */
#pragma once

#include <stddef.h>

typedef struct Sandbox Sandbox;

/* NULL: this machine cannot run it; the test is to skip. */
Sandbox *sandbox_start(void);
void sandbox_stop(Sandbox *sandbox);
static inline void sandbox_stopp(Sandbox **sandbox) {
        if (*sandbox)
                sandbox_stop(*sandbox);
}

/* Of its sandbox.json: "endpoint", "access_key", "secret_key", "region", "base_image_id", "subnet_ids.0". */
const char *sandbox_value(const Sandbox *sandbox, const char *name);
/* JSON of a rule of /_sandbox/faults; NULL clears all. */
void sandbox_fault(Sandbox *sandbox, const char *rule);
/* How many calls of that action to S3 were answered with that status (0: any) since the start; path: what
 * their paths begin with, "/bucket/". */
size_t sandbox_count_calls(Sandbox *sandbox, const char *action, const char *path, int status);

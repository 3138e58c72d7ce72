/* A straggler (straggler.h) out of its load balancer while it is worked on, by the same code as deploys use.
 * What is out stands in the instance's document under "straggler_out", before it is; as long as that is
 * there, the application's jobs wait (jobs/steps/await_stragglers.h). Calls block as long as connections
 * drain. */
#pragma once

#include "groups/straggler.h"

#define STRAGGLER_OUT "straggler_out"

typedef struct StragglerWay {
        const GroupWatcherSpec *spec;
        const Document *app;
        const char *id, *log_id; /* of the instance */
        const StragglerStop *stop;
} StragglerWay;

/* Whether the application may have one. */
bool straggler_has_balancer(const GroupWatcherSpec *spec, const Document *app);
/* Its group stands still, and it is out, its connections ended; or it stays in, because no other serves. The
 * same again after a restart. CANCELLED: a job of the application has begun, or the controller stops. */
bool straggler_leave(const StragglerWay *way, Error **err);
/* Everything as it was before straggler_leave(), as far as that came. One that does not come into service in
 * time is back all the same. */
bool straggler_return(const StragglerWay *way, Error **err);
/* Whether a job of the application runs. */
bool straggler_job_runs(Store *store, const Document *app, bool *ret, Error **err);

/* The composition root: builds every long-lived object, starts and stops them in order.
 *
 *   main            signals; nothing else
 *   HTTP threads    store, files, wake-ups; never AWS, an agent, a child
 *   job workers     everything below jobs/; may block
 *   hub workers     agents' words to the store and the job logs; never wait for an agent
 *   nng's threads   only queue
 */
#pragma once

#include "base/error.h"
#include "settings.h"

typedef struct Controller Controller;

/* Everything runs when it returns. settings outlives it. */
Controller *controller_start(const ControllerSettings *settings, Error **err);
/* Refuses new work, lets running jobs reach a point from which they resume, closes everything. */
void controller_stop(Controller *controller);
CLEANUP_DEFINE(Controller, controller_stop);

/* Reads again what can change while it runs: the certificate of HTTPS. What is no good changes nothing and is
 * logged. */
void controller_reload(Controller *controller);

/* Whether what everything hangs on still moves: the store gives its lock (a call that waits for it until it
 * does), HTTP and the agent link have looked after their connections within that time. NULL, or what stands
 * still. */
const char *controller_stuck_part(Controller *controller, int64_t within_ms);

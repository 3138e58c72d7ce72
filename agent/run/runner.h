/* Runs tasks in threads: those with the same key (a module) one after the other in the order they came, those
 * with different keys side by side, one without a key alone (all before it are done, none after it begins).
 * Threads are started when there is work and end when there is none. Thread-safe. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Runner Runner;

/* cancelled becomes true when someone asked for the end; run() then returns soon. Called for queued work that
 * was cancelled too, so that it can say so. Frees context. */
typedef void (*RunnerFunction)(void *context, const atomic_bool *cancelled);

Runner *runner_new(unsigned max_threads);
/* NULL key: alone. False (and nothing taken) after runner_stop(). */
bool runner_submit(Runner *runner, const char *id, const char *key, RunnerFunction run, void *context);
/* False: no such work. */
bool runner_cancel(Runner *runner, const char *id);
/* Cancels everything, waits until the last has returned. */
void runner_stop(Runner *runner);
void runner_free(Runner *runner);

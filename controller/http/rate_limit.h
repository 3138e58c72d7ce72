/* How often somebody unknown may call: a bucket per caller that empties with each call and fills again with
 * time. Bounded memory: two callers that share a slot push each other out, which favours them. Thread-safe.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { RATE_LIMIT_SLOTS = 1024, RATE_LIMIT_KEY_MAX = 96 };

typedef struct RateLimit {
        int64_t burst;        /* calls at once */
        int64_t refill_ms;    /* until a call comes back */
        pthread_mutex_t lock; /* guards the slots */
        struct {
                char key[RATE_LIMIT_KEY_MAX];
                int64_t at_ms, credit_ms; /* a call costs refill_ms of it */
        } slots[RATE_LIMIT_SLOTS];
} RateLimit;
#define RATE_LIMIT(calls, ms_per_call)                                                                       \
        { .burst = (calls), .refill_ms = (ms_per_call), .lock = PTHREAD_MUTEX_INITIALIZER }

/* False: too often. now_ms: of the monotonic clock. */
bool rate_limit_take(RateLimit *limit, const char *key, int64_t now_ms);

/* How long until a call is there to be taken; 0: now. Takes none. */
int64_t rate_limit_wait_ms(RateLimit *limit, const char *key, int64_t now_ms);

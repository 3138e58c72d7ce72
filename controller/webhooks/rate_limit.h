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
        int64_t per_second;   /* calls that come back */
        pthread_mutex_t lock; /* guards the slots */
        struct {
                char key[RATE_LIMIT_KEY_MAX];
                int64_t at_ms, left_milli; /* thousandths of a call */
        } slots[RATE_LIMIT_SLOTS];
} RateLimit;
#define RATE_LIMIT(calls, calls_per_second)                                                                  \
        { .burst = (calls), .per_second = (calls_per_second), .lock = PTHREAD_MUTEX_INITIALIZER }

/* False: too often. now_ms: of the monotonic clock. */
bool rate_limit_take(RateLimit *limit, const char *key, int64_t now_ms);

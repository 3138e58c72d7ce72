/* How long the agent waits before it calls its controller again: ever longer while it fails, and by chance,
 * so that thousands of agents whose controller was restarted do not come back at once. Of one thread. */
#pragma once

#include <stdint.h>

typedef enum Attempt {
        ATTEMPT_FAILED,
        ATTEMPT_REFUSED, /* for good, as far as the controller knows */
        ATTEMPT_SHORT,   /* its session ended soon */
        ATTEMPT_LIVED,
        ATTEMPT_ENROLLED, /* the session comes next, without a wait */
} Attempt;

typedef struct BackOff {
        int64_t refused_ms; /* the longest wait after a refusal; 0: five minutes */
        int64_t wait_ms;    /* the longest wait so far; 0: there was none */
} BackOff;

/* The longest that is to be waited after an attempt that ended so. */
int64_t back_off_next_ms(BackOff *back_off, Attempt result);
/* A part of it by chance, from 1 to all. */
int64_t back_off_jitter_ms(int64_t most_ms);

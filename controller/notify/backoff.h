/* How long to wait before a delivery is tried again. Pure functions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Backoff {
        int64_t first_ms, max_ms; /* doubled from one attempt to the next */
        int64_t give_up_ms;       /* after the delivery was made */
} Backoff;

/* False: it is given up. attempts: failed so far, this one included. */
bool backoff_next(
        const Backoff *backoff, int64_t attempts, int64_t created_us, int64_t now_us, int64_t *ret_next_us);

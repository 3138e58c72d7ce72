/* How fast we may ask one service in one region: nothing is held back until AWS throttles, then the rate
 * falls to 70 % of what we sent and grows back along a cubic curve (the "adaptive" mode of the AWS SDKs).
 * Times are given, not taken: pure. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct Throttle {
        bool limited;   /* a throttled answer was seen */
        double rate;    /* calls per second we allow ourselves */
        double tokens;  /* calls that may go now; negative: booked ahead */
        double ceiling; /* rate when last throttled */
        int64_t cut_ms; /* when that was */
        int64_t refilled_ms;
        double measured; /* calls per second we really sent, smoothed */
        int64_t window_ms;
        unsigned window_calls;
} Throttle;

/* Books one call; the caller waits so many milliseconds before it sends. */
int64_t throttle_book(Throttle *throttle, int64_t now_ms);
void throttle_learn(Throttle *throttle, bool throttled, int64_t now_ms);

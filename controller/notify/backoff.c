#include "notify/backoff.h"

static int64_t wait_ms(const Backoff *backoff, int64_t attempts) {
        int64_t wait = backoff->first_ms;

        while (--attempts > 0 && wait < backoff->max_ms)
                wait *= 2;
        return wait < backoff->max_ms ? wait : backoff->max_ms;
}

bool backoff_next(
        const Backoff *backoff, int64_t attempts, int64_t created_us, int64_t now_us, int64_t *ret_next_us) {
        int64_t next_us = now_us + wait_ms(backoff, attempts) * 1000;

        if (next_us > created_us + backoff->give_up_ms * 1000)
                return false;
        *ret_next_us = next_us;
        return true;
}

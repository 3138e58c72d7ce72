#include "back_off.h"

#include "base/crypto.h"

enum { WAIT_FIRST_MS = 200, WAIT_MOST_MS = 30000, REFUSED_WAIT_MS = 300000 };

/* A session that ended soon takes back one failure and not all: a controller that falls whenever its agents
 * come would else be asked by all at once; and if it counted as a failure, one that is restarted a few times
 * would be without agents for long.
 */
static int64_t next_wait_ms(Attempt result, int64_t last_ms) {
        int64_t wait_ms = last_ms * 2;

        if (result == ATTEMPT_LIVED)
                wait_ms = WAIT_FIRST_MS;
        else if (result == ATTEMPT_SHORT)
                wait_ms = last_ms / 2;
        if (wait_ms < WAIT_FIRST_MS)
                return WAIT_FIRST_MS;
        return wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS;
}

int64_t back_off_next_ms(BackOff *back_off, Attempt result) {
        if (result == ATTEMPT_ENROLLED)
                return 0;
        back_off->wait_ms = next_wait_ms(result, back_off->wait_ms);
        if (result == ATTEMPT_REFUSED)
                return back_off->refused_ms > 0 ? back_off->refused_ms : REFUSED_WAIT_MS;
        return back_off->wait_ms;
}

int64_t back_off_jitter_ms(int64_t most_ms) {
        uint32_t random = 0;

        crypto_random(&random, sizeof(random));
        return (int64_t) (random % (uint64_t) most_ms) + 1;
}

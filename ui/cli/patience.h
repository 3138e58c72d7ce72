/* Tries that become rarer, until a minute has brought nothing: for what outlives a lost connection. */
#pragma once

#include "base/clock.h"
#include "base/error.h"

typedef struct Patience {
        Deadline give_up;
        int64_t pause_ms;
} Patience;

Patience patience_new(void);

/* Waits for the next try. False, with why as the error, when another try is of no use or there were enough.
 * why NULL: an answer that broke off. */
bool patience_wait(Patience *patience, const Error *why, Error **err);

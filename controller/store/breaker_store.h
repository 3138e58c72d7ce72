/* Circuit breakers of Auto Scaling groups, by application: after so many failed bootstraps in a row a group
 * launches nothing more until an operator has done something about it. */
#pragma once

#include "store/store.h"

typedef enum BreakerState {
        BREAKER_CLOSED,  /* failures are counted */
        BREAKER_OPEN,    /* launching is to stand still */
        BREAKER_CLOSING, /* launching is to go on */
} BreakerState;

typedef struct Breaker {
        BreakerState state;
        int64_t failures; /* in a row */
        bool suspended;   /* the Launch process, by us: written before it is done */
        char *reason;     /* of the last failure */
} Breaker;
void breaker_clear(Breaker *breaker);
static inline void breaker_clearp(Breaker *breaker) {
        breaker_clear(breaker);
}

/* Of an application that has none: closed, no failures. */
bool breaker_store_get(Store *store, const char *app_id, Breaker *ret, Error **err);
bool breaker_store_put(Store *store, const char *app_id, const Breaker *breaker, Error **err);
/* The operator has changed something: an open one closes, failures are forgotten. */
bool breaker_store_reset(Store *store, const char *app_id, Error **err);

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
        int64_t failures;  /* in a row */
        bool suspended;    /* the Launch process, by us: written before it is done */
        char *reason;      /* of the last failure */
        int64_t opened_us; /* 0: not open, or not known */
} Breaker;
void breaker_clear(Breaker *breaker);
static inline void breaker_clearp(Breaker *breaker) {
        breaker_clear(breaker);
}

/* Of an application that has none: closed, no failures. */
bool breaker_store_get(Store *store, const char *app_id, Breaker *ret, Error **err);
bool breaker_store_put(Store *store, const char *app_id, const Breaker *breaker, Error **err);
typedef struct OpenBreaker {
        char *app_id;
        Breaker breaker;
} OpenBreaker;

typedef struct OpenBreakers {
        OpenBreaker *items;
        size_t count;
} OpenBreakers;
void open_breakers_clear(OpenBreakers *breakers);
static inline void open_breakers_clearp(OpenBreakers *breakers) {
        open_breakers_clear(breakers);
}

/* Those that are open, the longest first. */
bool breaker_store_list_open(Store *store, OpenBreakers *ret, Error **err);
/* The operator has changed something: an open one closes, failures are forgotten. */
bool breaker_store_reset(Store *store, const char *app_id, Error **err);

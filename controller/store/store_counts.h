/* How many there are of what operators watch. A few questions to indexes; cheap enough for every few seconds.
 */
#pragma once

#include <stdint.h>

#include "store/store.h"

typedef struct JobCount {
        char *command, *status; /* not ended: init, started */
        int64_t count;
} JobCount;

typedef struct StoreCounts {
        JobCount *jobs;
        size_t job_count;
        int64_t oldest_queued_us; /* when it was asked for; 0: none waits */
        int64_t instances;        /* that are not gone */
        int64_t notifications_waiting, notifications_given_up;
} StoreCounts;
void store_counts_clear(StoreCounts *counts);
static inline void store_counts_clearp(StoreCounts *counts) {
        store_counts_clear(counts);
}

bool store_counts_read(Store *store, StoreCounts *ret, Error **err);

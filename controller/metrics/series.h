/* Series: one metric family that counts events, told apart by labels: a counter or a histogram. Thread-safe,
 * cheap, bounded: past the bound, new combinations of labels are counted under "other". */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { SERIES_LABELS_MAX = 4, SERIES_BUCKETS_MAX = 16 };

typedef struct SeriesSpec {
        const char *name, *help;
        const char *labels[SERIES_LABELS_MAX]; /* ends with NULL, or is full */
        const double *bounds;                  /* of a histogram, rising; NULL: a counter */
        size_t bound_count;                    /* SERIES_BUCKETS_MAX at most */
        size_t combinations_max;
} SeriesSpec;

typedef struct Series Series;
/* spec outlives it. */
Series *series_new(const SeriesSpec *spec);
void series_free(Series *series);
CLEANUP_DEFINE(Series, series_free);

/* values: one for each label. Adds to a counter, or observes in a histogram. */
void series_add(Series *series, const char *const *values, double amount);
/* Appends the family as Prometheus reads it. */
void series_write(Series *series, Text *ret);

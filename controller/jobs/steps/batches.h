/* In which groups the instances of an application are gone through: "1by1" one after the other, "1/3", "25%"
 * and "50%" in so many parts, dealt out in turn. */
#pragma once

#include "base/error.h"

#include <stddef.h>

/* How many batches; strategy NULL or "": one of all. INVALID: an unknown strategy, or too few hosts for it.
 */
bool batches_count(const char *strategy, size_t host_count, size_t *ret, Error **err);
/* The batch that a host is in: of five in two batches, 0 2 4 and 1 3. */
static inline size_t batches_index(size_t host, size_t batch_count) {
        return host % batch_count;
}

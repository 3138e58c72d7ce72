/* In which batches the instances of an application are gone through, dealt out in turn. */
#pragma once

#include "model/job_options.h"

/* How many batches; SAFE_NONE: one of all. INVALID: too few hosts, so that all would be out at once. */
bool batches_count(SafeStrategy strategy, size_t host_count, size_t *ret, Error **err);
/* The batch that a host is in: of five in two batches, 0 2 4 and 1 3. */
static inline size_t batches_index(size_t host, size_t batch_count) {
        return host % batch_count;
}
/* The largest batch. */
static inline size_t batches_largest(size_t host_count, size_t batch_count) {
        return (host_count + batch_count - 1) / batch_count;
}

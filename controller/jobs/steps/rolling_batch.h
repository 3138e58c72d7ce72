/* One batch of a rolling recreate, and the sizes of the group around it. Included by rolling.c and the tests.
 */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct RollingBatch {
        const char *group;
        size_t number;         /* in the job's memory */
        const StringList *old; /* to be made anew; those that are gone already are fine */
        int64_t ready_timeout_ms;
} RollingBatch;

bool rolling_batch_run(Ec2Work *work, const RollingBatch *spec, Error **err);
/* After a failure: the group has as many instances as before. While the new ones were awaited these are
 * ended; once the old ones had begun to end, the rest of them is. In a session of its own; what fails is
 * told. */
void rolling_batch_undo(Ec2Work *work, const RollingBatch *spec);
/* The maximum that the group had before the first batch, unless somebody else changed it meanwhile. */
void rolling_restore_max(Ec2Work *work, const char *group);

/* Making the instances of an Auto Scaling group anew while it serves: batch by batch, the new ones first. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct RollingSpec {
        const char *group;
        const char *strategy;     /* as safe_strategy_read() knows them */
        int64_t ready_timeout_ms; /* until a batch's new instances are in service everywhere */
} RollingSpec;

/* For each batch: room for as many more, new instances in service in the group and in all its balancers, the
 * old ones ended through the group, which lets them drain. Sizes and suspended processes are as before at the
 * end, also of a failed or cancelled job: then what came up in place of an old one that still runs is ended.
 * *ret_count 0: the group is empty. Can be run again after the controller died at any point. */
bool rolling_recreate(Ec2Work *work, const RollingSpec *spec, size_t *ret_count, Error **err);

/* Puts sizes and processes back for a job that is not run again. */
void rolling_put_back(Ec2Work *work, const char *group);

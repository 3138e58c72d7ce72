/* Bringing an application's Auto Scaling group up to date: what it launches, and, where asked, its sizes,
 * subnets and tags. */
#pragma once

#include "aws/autoscaling.h"
#include "jobs/steps/ec2_work.h"

typedef struct ScalingGroupSpec {
        const Ec2App *app;          /* with its image */
        const char *name;           /* of the group */
        int64_t min_size, max_size; /* negative: as they are */
        bool metrics;
        int64_t heartbeat_s; /* how long a new instance may take until Ghost has bootstrapped it */
} ScalingGroupSpec;

/* The group launches what the application says from now on; instances that run stay. The lifecycle hook is
 * there before. parameters: also min, max, subnets and tags; the desired capacity follows only where min and
 * max force it. Can be run again after the controller died at any point. NOT_FOUND: there is no such group.
 */
bool scaling_group_update(Ec2Work *work, const ScalingGroupSpec *spec, bool parameters, Error **err);

/* Target groups that no load balancer uses. AWS sends nothing to their targets and never looks at their
 * health, so nothing is to be waited for there. But one that had a load balancer when the job began, and has
 * none any more, is no such group: nobody can say now whether its targets would serve. */
#pragma once

#include "jobs/steps/ec2_work.h"

/* For a target that AWS calls unused because its group is not in use: whether that is how it stood when the
 * job began, or stands now before unused_groups_settle. Also false where the group is used, and only the
 * target's zone is not. */
bool unused_groups_has(Ec2Work *work, const char *arn, bool *ret, Error **err);
/* The job begins: what has been found by now is all. */
bool unused_groups_settle(Ec2Work *work, Error **err);

/* The tags that Ghost sets on an Auto Scaling group. Which they are is written on the group itself, in marker
 * tags, so that one that is not wanted any more can be taken away and nobody else's ever is. */
#pragma once

#include "aws/autoscaling.h"
#include "jobs/steps/ec2_work.h"

#define GROUP_TAGS_MARKER "ghost:tags" /* and "ghost:tags-2" …: hashes of the keys */

/* app, app_id, env, role, color, the application's own and ghost:…, all propagated. */
bool group_tags_update(Ec2Work *work, const Ec2App *app, const AutoScalingGroup *group, Error **err);

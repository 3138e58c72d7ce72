/* The mixed instances policy of a group (several types, Spot): its launch template is changed, and everything
 * else in it is sent back as it was read, whatever AWS thinks of next. For autoscaling_groups.c. */
#pragma once

#include "aws/autoscaling.h"
#include "aws/request.h"

/* Fills mixed_policy, and the launch template if there is a policy. */
void mixed_policy_read(const Xml *group, AutoScalingGroup *ret);
/* With the spec's launch template in place of its own. */
void mixed_policy_add(AwsForm *form, const AsgSpec *spec);

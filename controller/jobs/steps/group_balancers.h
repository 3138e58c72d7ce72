/* The load balancers of an Auto Scaling group, classic ones and target groups alike: whether they send work
 * to instances, and taking instances out. */
#pragma once

#include "aws/autoscaling.h"
#include "jobs/steps/ec2_work.h"

bool group_has_balancers(const AutoScalingGroup *group);

/* Whatever is registered and not in service, as "i-1 is unhealthy in …", joined; empty: all is well.
 * Instances that are being taken out do not count. */
bool group_balancers_find_bad(Ec2Work *work, const AutoScalingGroup *group, Text *ret, Error **err);
/* Of these instances, those that a balancer does not send work to (yet); empty: all are in service. */
bool group_balancers_find_waiting(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Text *ret, Error **err);

/* How long the connections of an instance that is taken out may last, at the slowest of them. */
bool group_balancers_draining_ms(Ec2Work *work, const AutoScalingGroup *group, int64_t *ret, Error **err);

/* Takes those of the instances that are registered out of every balancer, without waiting for their
 * connections. *ret_left false: no balancer had one. */
bool group_balancers_leave(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, bool *ret_left, Error **err);
/* Takes those of the instances that are registered out of every balancer and waits until their connections
 * have ended, no longer than the draining may last. */
bool group_balancers_drain(Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Error **err);

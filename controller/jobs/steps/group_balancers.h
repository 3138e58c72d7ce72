/* The load balancers of an Auto Scaling group, classic ones and target groups alike: whether they send work
 * to instances, and taking instances out. */
#pragma once

#include "aws/autoscaling.h"
#include "aws/elbv2.h"
#include "jobs/steps/ec2_work.h"

bool group_has_balancers(const AutoScalingGroup *group);
/* The part of an ARN that people know: "targetgroup/web/0123" of "arn:…:targetgroup/web/0123"; a classic
 * load balancer's name as it is. */
const char *group_balancer_name(const char *balancer);
/* Work is sent to it, as far as the target group sends any (unused_groups.h). */
bool group_target_in_service(
        Ec2Work *work, const char *arn, const TargetHealth *health, bool *ret, Error **err);

/* CONFLICT when a member is not in service and healthy. leaving_counts: one that is being ended too. */
bool group_check_members(const AutoScalingGroup *group, bool leaving_counts, Error **err);
/* Instances that some balancer sends work to and no other refuses, each once. */
bool group_balancers_find_healthy(Ec2Work *work, const AutoScalingGroup *group, StringList *ret, Error **err);

/* Whatever is registered and not in service, as "i-1 is unhealthy in …", joined; empty: all is well.
 * Instances that are being taken out do not count. */
bool group_balancers_find_bad(Ec2Work *work, const AutoScalingGroup *group, Text *ret, Error **err);
/* CONFLICT when something is, for several looks: one may show an old view. What no load balancer uses by then
 * (unused_groups.h) is not waited for in the rest of the job. */
bool group_balancers_check(Ec2Work *work, const AutoScalingGroup *group, Error **err);
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

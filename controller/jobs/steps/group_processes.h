/* Processes of an Auto Scaling group that stand still while a job works on its instances. */
#pragma once

#include "aws/autoscaling.h"
#include "jobs/steps/ec2_work.h"

/* Suspends those of `processes` (NULL-terminated) that are not suspended yet, once they are in the job's
 * memory. A resumed job suspends the same ones: what it finds suspended may be its own. */
bool group_processes_suspend(
        Ec2Work *work, const AutoScalingGroup *group, const char *const *processes, Error **err);

/* The same with what launches and ends instances, by itself or because it finds them unhealthy while they are
 * worked on. */
bool group_processes_hold(Ec2Work *work, const AutoScalingGroup *group, Error **err);

/* Resumes exactly those, for a cancelled job too, in a session of its own; nothing when there are none. What
 * cannot be resumed is told, with what to do. Not while the controller is stopping: the resumed job does it.
 */
void group_processes_resume(Ec2Work *work);

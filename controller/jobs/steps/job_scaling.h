/* The Auto Scaling group that an application names, for its jobs. */
#pragma once

#include "jobs/steps/job_ec2.h"
#include "jobs/steps/scaling_group.h"

/* As the application describes it; its name is "" when there is none. Points into ec2. */
ScalingGroupSpec job_scaling_spec(const JobEc2 *ec2);
/* How long a new instance of the group may take until it is in service. */
int64_t job_scaling_ready_ms(const JobContext *job);

/* While instances get another release the group launches and ends none, and those that boot are awaited. A
 * group that is not there or cannot be held is only told: what boots gets the release that is wanted then.
 * False only when the job is to stop. */
bool job_scaling_hold(JobContext *job, Error **err);
/* Lets it go again; see group_processes_resume(). */
void job_scaling_release(JobContext *job);

/* A job does not begin while an instance of its application is out of its load balancer without a job
 * (groups/straggler_balancer.h): that is put back first. */
#pragma once

#include "jobs/job_context.h"

/* False: the job is to stop. */
bool await_stragglers(JobContext *job, Error **err);

/* A person's yes, without which a job does not go on. */
#pragma once

#include "jobs/job_context.h"
#include "model/job_options.h"

/* Waits until somebody has approved of that point; at once when somebody has, also before the controller was
 * started again. The time that people take is not the job's: its limit begins again where it was. False:
 * job_check()'s. point: unique in the job. */
bool approval_await(JobContext *job, const char *point, const char *question, Error **err);
/* What approve=start asks for: before anything is begun. */
bool approval_await_start(JobContext *job, const JobOptions *options, Error **err);

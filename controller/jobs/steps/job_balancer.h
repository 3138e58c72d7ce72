/* What a job takes its batches out of. */
#pragma once

#include "jobs/steps/app_balancer.h"
#include "jobs/steps/job_ec2.h"
#include "model/job_options.h"

typedef struct JobBalancer {
        const DeployBalancer *balancer; /* NULL: none */
        bool opened;
        JobEc2 ec2;
        AppBalancer app;
} JobBalancer;
void job_balancer_clear(JobBalancer *balancer);
static inline void job_balancer_clearp(JobBalancer *balancer) {
        job_balancer_clear(balancer);
}

/* In place. Without a safe strategy there is none. What it is, is said in the log. Fails before anything is
 * changed; in a resumed job the same as before. */
bool job_balancer_open(JobContext *job, const JobOptions *options, JobBalancer *ret, Error **err);
/* For a job that is not run again. */
void job_balancer_put_back(JobContext *job);

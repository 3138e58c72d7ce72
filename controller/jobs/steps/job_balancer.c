#include "jobs/steps/job_balancer.h"

static AppBalancerSpec spec_of(const JobContext *job) {
        const JobLimits *limits = &job->services->limits;

        return (AppBalancerSpec){ .app = job->app,
                                  .in_service_ms = limits->in_service_ms,
                                  .answer_ms = limits->agent_wait_ms };
}

void job_balancer_clear(JobBalancer *balancer) {
        if (!balancer->opened)
                return;
        app_balancer_clear(&balancer->app);
        job_ec2_clear(&balancer->ec2);
        *balancer = (JobBalancer){ 0 };
}

bool job_balancer_open(JobContext *job, const JobOptions *options, JobBalancer *ret, Error **err) {
        const AppBalancerSpec spec = spec_of(job);

        *ret = (JobBalancer){ 0 };
        if (options->safe.kind == SAFE_NONE)
                return true;
        job_ec2_init(&ret->ec2, job);
        ret->opened = true;
        if (!app_balancer_open(&ret->ec2.work, &spec, &ret->app, err))
                return false;
        ret->balancer = ret->app.balancer;
        return true;
}

void job_balancer_put_back(JobContext *job) {
        const AppBalancerSpec spec = spec_of(job);

        if (!job->app || !job->services->aws)
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        app_balancer_put_back_all(&ec2.work, &spec);
}

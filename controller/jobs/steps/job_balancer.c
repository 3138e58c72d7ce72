#include "jobs/steps/job_balancer.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SECOND_MS = 1000 };

static bool open_group(JobBalancer *ret, Error **err) {
        JobContext *job = ret->ec2.job;
        const char *type = ret->spec.type;
        CLEANUP(text_clear) Text names = { 0 };
        bool found = false;

        if (!job->services->aws)
                return text_empty(type) ||
                       error_set(
                               err, ERROR_INVALID, "load_balancer_type is %s, and this controller has no AWS",
                               type);
        if (!aws_balancer_open(&ret->ec2.work, &ret->spec, &ret->aws, &found, err))
                return false;
        if (!found) {
                job_log(job, "No load balancer: load_balancer_type is not set, and %s",
                        text_empty(ret->spec.group) ? "the application has no Auto Scaling group"
                                                    : "its Auto Scaling group has none");
                return true;
        }
        ret->balancer = &ret->aws.balancer;
        ret->balancer->describe(ret->balancer->context, &names);
        job_log(job, "Load balancer (%s): %s", text_empty(type) ? "as the Auto Scaling group has it" : type,
                names.data);
        return true;
}

static bool open_none(JobBalancer *ret, Error **err) {
        (void) err;
        job_log(ret->ec2.job, "No load balancer: load_balancer_type is none");
        return true;
}

static const struct {
        const char *type; /* safe-deployment.load_balancer_type */
        bool (*open)(JobBalancer *ret, Error **err);
} kinds[] = {
        { "", open_group },    { "elb", open_group }, { "alb", open_group },
        { "nlb", open_group }, { "none", open_none },
};

void job_balancer_clear(JobBalancer *balancer) {
        if (!balancer->opened)
                return;
        aws_balancer_clear(&balancer->aws);
        job_ec2_clear(&balancer->ec2);
        *balancer = (JobBalancer){ 0 };
}

bool job_balancer_open(JobContext *job, const JobOptions *options, JobBalancer *ret, Error **err) {
        const Document *settings = document_get(job->app, "safe-deployment");
        const char *type = document_get_string(settings, "load_balancer_type");

        *ret = (JobBalancer){ 0 };
        if (options->safe.kind == SAFE_NONE)
                return true;
        job_ec2_init(&ret->ec2, job);
        ret->opened = true;
        ret->spec = (AwsBalancerSpec){
                .group = document_get_string(job->app, "autoscale.name"),
                .type = type,
                .in_service_ms = job->services->limits.in_service_ms,
                .wait_before_ms = document_get_int(settings, "wait_before_deploy") * SECOND_MS,
                .wait_after_ms = document_get_int(settings, "wait_after_deploy") * SECOND_MS,
        };
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (text_equal(kinds[i].type, type))
                        return kinds[i].open(ret, err);
        return error_set(
                err, ERROR_INVALID,
                "safe-deployment.load_balancer_type '%.40s' cannot be used: elb, alb, nlb or none is "
                "expected, or nothing for what the Auto Scaling group has",
                type);
}

void job_balancer_put_back(JobContext *job) {
        if (!job->services->aws)
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        aws_balancer_put_back_all(&ec2.work);
}

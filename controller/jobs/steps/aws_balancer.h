/* The load balancers of an Auto Scaling group (application, network, classic; all that it has) as a roll-out
 * takes batches out of them. */
#pragma once

#include "jobs/steps/deploy_balancer.h"
#include "jobs/steps/group_balancers.h"

typedef struct AwsBalancerSpec {
        const char *group;     /* NULL or "": the application has none */
        const char *type;      /* "elb", "alb", "nlb": what it must have; "": what it has, if any */
        int64_t in_service_ms; /* until an instance that was put back is in service */
        int64_t wait_before_ms, wait_after_ms;
} AwsBalancerSpec;

typedef struct AwsBalancer {
        Ec2Work *work;
        AwsSession *jobs_own, last;
        const AwsBalancerSpec *spec;
        AutoScalingGroup group; /* its name and its balancers alone */
        DeployBalancer balancer;
} AwsBalancer;
void aws_balancer_clear(AwsBalancer *aws);
static inline void aws_balancer_clearp(AwsBalancer *aws) {
        aws_balancer_clear(aws);
}

/* In place: the balancer points to ret, ret to work and spec. *ret_found false: there is none, which is an
 * error when the type says that there is. A resumed job finds the ones that it began with. */
bool aws_balancer_open(
        Ec2Work *work, const AwsBalancerSpec *spec, AwsBalancer *ret, bool *ret_found, Error **err);
/* For a job that is not run again: what it took out and did not put back is registered again, and said. */
void aws_balancer_put_back_all(Ec2Work *work);

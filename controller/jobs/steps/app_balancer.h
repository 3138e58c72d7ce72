/* What sends work to an application's instances: as its safe-deployment says, or as its group has it. */
#pragma once

#include "jobs/steps/aws_balancer.h"
#include "jobs/steps/haproxy_balancer.h"
#include "json/document.h"

typedef struct AppBalancerSpec {
        const Document *app;
        int64_t in_service_ms; /* of an instance that was put back */
        int64_t answer_ms;     /* how long a HAProxy may be out of reach */
} AppBalancerSpec;

typedef struct AppBalancer {
        const DeployBalancer *balancer; /* NULL: none */
        Ec2Work *work;
        AwsBalancerSpec aws_spec;
        AwsBalancer aws;
        HaproxyBalancerSpec haproxy_spec;
        HaproxyBalancer haproxy;
} AppBalancer;
void app_balancer_clear(AppBalancer *balancer);
static inline void app_balancer_clearp(AppBalancer *balancer) {
        app_balancer_clear(balancer);
}

/* In place; work outlives it. What it is, is said in the log. Fails before anything is changed; with the same
 * memory the same as before. */
bool app_balancer_open(Ec2Work *work, const AppBalancerSpec *spec, AppBalancer *ret, Error **err);
/* Whatever the memory says was taken out, without waiting for service. */
void app_balancer_put_back_all(Ec2Work *work, const AppBalancerSpec *spec);

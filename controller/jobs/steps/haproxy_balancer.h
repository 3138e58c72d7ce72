/* HAProxys in front of an application, as a roll-out takes batches out of them: all running instances with
 * the tags app, env and role "loadbalancer", which have one backend with the application's servers. */
#pragma once

#include "haproxy/haproxy.h"
#include "jobs/steps/deploy_balancer.h"
#include "jobs/steps/ec2_work.h"

#define HAPROXY_ROLE "loadbalancer"

typedef struct HaproxyBalancerSpec {
        const char *app_tag; /* of the HAProxys */
        const char *env;
        const char *backend;
        HaproxyApiKind api;
        int port;              /* 0: the API's own */
        int64_t drain_ms;      /* until the sessions of a server have ended, where the API tells them */
        int64_t in_service_ms; /* until a server that was put back is up */
        int64_t answer_ms;     /* how long a HAProxy may be out of reach */
        int64_t poll_ms;
        int64_t wait_before_ms, wait_after_ms;
} HaproxyBalancerSpec;

typedef struct HaproxyBalancer {
        Ec2Work *work;
        AwsSession *jobs_own, last;
        const HaproxyBalancerSpec *spec;
        StringList hosts; /* addresses of the HAProxys */
        DeployBalancer balancer;
} HaproxyBalancer;
void haproxy_balancer_clear(HaproxyBalancer *haproxy);
static inline void haproxy_balancer_clearp(HaproxyBalancer *haproxy) {
        haproxy_balancer_clear(haproxy);
}

/* In place: the balancer points to ret, ret to work and spec. NOT_FOUND: no such HAProxy runs. A resumed job
 * finds the ones that it began with. */
bool haproxy_balancer_open(Ec2Work *work, const HaproxyBalancerSpec *spec, HaproxyBalancer *ret, Error **err);
/* For a job that is not run again: what it took out and did not put back gets requests again, and it is said.
 */
void haproxy_balancer_put_back_all(Ec2Work *work, const HaproxyBalancerSpec *spec);

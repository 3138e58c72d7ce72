/* Classic load balancers. Registering and deregistering only begin here: what has become of it is the
 * health's to say. API version 2012-06-01; see aws/aws.h for sessions. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

typedef struct ElbLoadBalancer {
        char *name, *dns_name, *scheme, *vpc_id;
        StringList instance_ids, subnet_ids, security_groups;
        char *health_target; /* "HTTP:80/" */
        int64_t health_interval_s, health_timeout_s, unhealthy_threshold, healthy_threshold;
} ElbLoadBalancer;

typedef struct ElbLoadBalancers {
        ElbLoadBalancer *items;
        size_t count;
} ElbLoadBalancers;
void elb_load_balancers_clear(ElbLoadBalancers *balancers);
static inline void elb_load_balancers_clearp(ElbLoadBalancers *balancers) {
        elb_load_balancers_clear(balancers);
}
/* NOT_FOUND when one of the names is none. Refuses an empty list: that would be everybody's. */
bool elb_describe_load_balancers(
        AwsSession *session, const StringList *names, ElbLoadBalancers *ret, Error **err);

/* All of the account and region, whoever they belong to: only to choose from. */
bool elb_list_load_balancers(AwsSession *session, ElbLoadBalancers *ret, Error **err);

/* Instances that are registered already, or are not, are success. */
bool elb_register_instances(AwsSession *session, const char *name, const StringList *ids, Error **err);
bool elb_deregister_instances(AwsSession *session, const char *name, const StringList *ids, Error **err);

typedef struct ElbInstanceHealth {
        char *instance_id;
        char *state;  /* "InService", "OutOfService", "Unknown" */
        char *reason; /* "ELB", "Instance", "N/A": whose fault */
        char *description;
} ElbInstanceHealth;

typedef struct ElbHealth {
        ElbInstanceHealth *items;
        size_t count;
} ElbHealth;
void elb_health_clear(ElbHealth *health);
static inline void elb_health_clearp(ElbHealth *health) {
        elb_health_clear(health);
}
/* It was taken out, and connections go on: it is InService to the end. */
bool elb_instance_is_leaving(const ElbInstanceHealth *health);
/* Of these instances; an empty list: of all that are registered. INVALID when one is not registered. */
bool elb_describe_instance_health(
        AwsSession *session, const char *name, const StringList *ids, ElbHealth *ret, Error **err);

/* How long connections may last on an instance that is taken out; 0: draining is off, they end at once. */
bool elb_get_draining(AwsSession *session, const char *name, int64_t *ret_seconds, Error **err);
bool elb_set_draining(AwsSession *session, const char *name, int64_t seconds, Error **err);

typedef struct ElbHealthCheck {
        const char *target;
        int64_t interval_s, timeout_s, unhealthy_threshold, healthy_threshold;
} ElbHealthCheck;
bool elb_configure_health_check(
        AwsSession *session, const char *name, const ElbHealthCheck *check, Error **err);

typedef struct ElbListener {
        const char *protocol, *instance_protocol, *certificate_id; /* NULL: none */
        int64_t port, instance_port;
} ElbListener;

typedef struct ElbSpec {
        const char *name, *scheme; /* NULL: for the Internet */
        const ElbListener *listeners;
        size_t listener_count;
        const StringList *subnet_ids, *security_groups;
        const char *const *tags; /* key, value, key, value …, NULL */
} ElbSpec;
/* One of the same name and settings is success. */
bool elb_create_load_balancer(AwsSession *session, const ElbSpec *spec, char **ret_dns_name, Error **err);
/* One that is gone is success. */
bool elb_delete_load_balancer(AwsSession *session, const char *name, Error **err);

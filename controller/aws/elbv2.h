/* Application and network load balancers: target groups and their targets' health; listeners and rules that
 * forward to them. Registering and deregistering only begin here. API version 2015-12-01; see aws/aws.h for
 * sessions. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

/* ---- target groups (elbv2.c) ---- */

typedef struct TargetGroup {
        char *arn, *name, *protocol, *vpc_id, *target_type; /* "instance", "ip" … */
        int64_t port;
        char *health_path, *health_protocol, *health_codes; /* codes: "200-299" */
        int64_t health_interval_s, health_timeout_s, healthy_threshold, unhealthy_threshold;
        StringList load_balancer_arns;
} TargetGroup;

typedef struct TargetGroups {
        TargetGroup *items;
        size_t count;
} TargetGroups;
void target_groups_clear(TargetGroups *groups);
static inline void target_groups_clearp(TargetGroups *groups) {
        target_groups_clear(groups);
}
/* NOT_FOUND when one of the ARNs is none. Refuses an empty list: that would be everybody's. */
bool elbv2_describe_target_groups(
        AwsSession *session, const StringList *arns, TargetGroups *ret, Error **err);
bool elbv2_find_target_group(AwsSession *session, const char *name, TargetGroups *ret, Error **err);
bool elbv2_describe_target_groups_of(
        AwsSession *session, const char *load_balancer_arn, TargetGroups *ret, Error **err);

/* All of the account and region, whoever they belong to: only to choose from. */
bool elbv2_list_target_groups(AwsSession *session, TargetGroups *ret, Error **err);

/* A target is an instance and a port; the same instance with two ports is two. */
typedef struct Target {
        const char *id;
        int64_t port; /* 0: the group's */
} Target;
/* Needs a running instance. Registered already: success. */
bool elbv2_register_targets(
        AwsSession *session, const char *arn, const Target *targets, size_t count, Error **err);
/* Not registered: success. */
bool elbv2_deregister_targets(
        AwsSession *session, const char *arn, const Target *targets, size_t count, Error **err);

typedef enum TargetState {
        TARGET_INITIAL,
        TARGET_HEALTHY,
        TARGET_UNHEALTHY,
        TARGET_UNUSED,
        TARGET_DRAINING,
        TARGET_UNAVAILABLE, /* health checks are off */
        TARGET_STATE_OTHER,
        TARGET_STATE_COUNT,
} TargetState;
const char *target_state_word(TargetState state);

typedef struct TargetHealth {
        char *id;
        int64_t port;
        TargetState state;
        char *reason, *description; /* "Target.FailedHealthChecks", in words */
} TargetHealth;

typedef struct TargetHealths {
        TargetHealth *items;
        size_t count;
} TargetHealths;
void target_healths_clear(TargetHealths *healths);
static inline void target_healths_clearp(TargetHealths *healths) {
        target_healths_clear(healths);
}
/* Of these, registered or not; count 0: of all that are registered. */
bool elbv2_describe_target_health(
        AwsSession *session, const char *arn, const Target *targets, size_t count, TargetHealths *ret,
        Error **err);

/* "deregistration_delay.timeout_seconds" and the like; *ret "" when there is no such attribute. */
bool elbv2_get_target_group_attribute(
        AwsSession *session, const char *arn, const char *key, char **ret, Error **err);
bool elbv2_set_target_group_attribute(
        AwsSession *session, const char *arn, const char *key, const char *value, Error **err);

typedef struct TargetGroupSpec {
        const char *name; /* 32 letters, digits and - at most */
        const char *protocol, *vpc_id;
        int64_t port;
        const char *health_path, *health_codes;
        int64_t health_interval_s, health_timeout_s, healthy_threshold,
                unhealthy_threshold; /* 0: AWS's own */
        const char *const *tags;     /* key, value, key, value …, NULL */
} TargetGroupSpec;
/* One of the same name and settings is success. */
bool elbv2_create_target_group(AwsSession *session, const TargetGroupSpec *spec, char **ret_arn, Error **err);
/* CONFLICT while a listener or rule names it. One that is gone is success. */
bool elbv2_delete_target_group(AwsSession *session, const char *arn, Error **err);

/* ---- listeners and rules (elbv2_listeners.c) ---- */

typedef struct Listener {
        char *arn;                 /* of the listener or rule */
        char *protocol, *priority; /* priority: of a rule; "default" */
        int64_t port;
        StringList target_group_arns; /* it forwards to */
} Listener;

typedef struct Listeners {
        Listener *items;
        size_t count;
} Listeners;
void listeners_clear(Listeners *listeners);
static inline void listeners_clearp(Listeners *listeners) {
        listeners_clear(listeners);
}
bool elbv2_describe_listeners(
        AwsSession *session, const char *load_balancer_arn, Listeners *ret, Error **err);
bool elbv2_describe_rules(AwsSession *session, const char *listener_arn, Listeners *ret, Error **err);

typedef struct Forward {
        const char *target_group_arn;
        int64_t weight; /* 0 to 999 */
} Forward;
/* The whole list is replaced. One forward is written plainly, several with their weights. */
bool elbv2_forward_listener(
        AwsSession *session, const char *listener_arn, const Forward *forwards, size_t count, Error **err);
bool elbv2_forward_rule(
        AwsSession *session, const char *rule_arn, const Forward *forwards, size_t count, Error **err);

typedef struct LoadBalancer {
        char *arn, *name, *dns_name, *scheme, *type, *vpc_id, *state; /* "provisioning", "active" … */
} LoadBalancer;

typedef struct LoadBalancers {
        LoadBalancer *items;
        size_t count;
} LoadBalancers;
void load_balancers_clear(LoadBalancers *balancers);
static inline void load_balancers_clearp(LoadBalancers *balancers) {
        load_balancers_clear(balancers);
}
/* Refuses an empty list. */
bool elbv2_describe_load_balancers(
        AwsSession *session, const StringList *arns, LoadBalancers *ret, Error **err);
/* All of the account and region, whoever they belong to: only to choose from. */
bool elbv2_list_load_balancers(AwsSession *session, LoadBalancers *ret, Error **err);

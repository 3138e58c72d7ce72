/* Auto Scaling: groups, their instances, hooks and refreshes. One function per action; all block, retry and
 * respect the session (aws/aws.h). Actions that change nothing when repeated are safe to repeat; the others
 * say so. API version 2011-01-01. */
#pragma once

#include "aws/aws.h"
#include "base/text.h"

/* ---- groups (autoscaling_groups.c) ---- */

typedef struct AsgTag {
        char *key, *value;
        bool propagate; /* to instances that are launched from now on */
} AsgTag;

typedef struct AsgTags {
        AsgTag *items;
        size_t count;
} AsgTags;
void asg_tags_add(AsgTags *tags, const char *key, const char *value, bool propagate);
void asg_tags_clear(AsgTags *tags);
static inline void asg_tags_clearp(AsgTags *tags) {
        asg_tags_clear(tags);
}

typedef enum AsgInstanceState {
        ASG_PENDING,
        ASG_PENDING_WAIT,
        ASG_PENDING_PROCEED,
        ASG_IN_SERVICE,
        ASG_TERMINATING,
        ASG_TERMINATING_WAIT,
        ASG_TERMINATING_PROCEED,
        ASG_TERMINATED,
        ASG_DETACHING,
        ASG_DETACHED,
        ASG_ENTERING_STANDBY,
        ASG_STANDBY,
        ASG_STATE_OTHER, /* warm pools, and what AWS thinks of next */
        ASG_INSTANCE_STATE_COUNT,
} AsgInstanceState;
const char *asg_instance_state_word(AsgInstanceState state); /* as AWS writes it: "Pending:Wait" */

typedef struct AsgInstance {
        char *id, *zone, *health; /* "Healthy", "Unhealthy" */
        char *group_name;         /* only where instances are described without their group */
        AsgInstanceState state;
        char *launch_template_id, *launch_template_version, *launch_configuration; /* "": none */
        bool protected_from_scale_in;
} AsgInstance;

typedef struct AsgInstances {
        AsgInstance *items;
        size_t count;
} AsgInstances;
void asg_instances_clear(AsgInstances *instances);
static inline void asg_instances_clearp(AsgInstances *instances) {
        asg_instances_clear(instances);
}

typedef struct AutoScalingGroup {
        char *name, *status; /* "Delete in progress"; "": nothing special */
        char *launch_template_id, *launch_template_version, *launch_configuration; /* also of the policy */
        StringList mixed_policy; /* name, value, name, value … as a request would set it; empty: none */
        int64_t min_size, max_size, desired_capacity;
        StringList subnet_ids, load_balancers, target_group_arns, suspended_processes, termination_policies;
        char *health_check_type; /* "EC2", "ELB" */
        int64_t health_check_grace_s;
        AsgInstances instances;
        AsgTags tags;
} AutoScalingGroup; /* strings are never NULL; "": none */

typedef struct AutoScalingGroups {
        AutoScalingGroup *items;
        size_t count;
} AutoScalingGroups;
void auto_scaling_group_clear(AutoScalingGroup *group);
static inline void auto_scaling_group_clearp(AutoScalingGroup *group) {
        auto_scaling_group_clear(group);
}
void auto_scaling_groups_clear(AutoScalingGroups *groups);
static inline void auto_scaling_groups_clearp(AutoScalingGroups *groups) {
        auto_scaling_groups_clear(groups);
}

/* Those of the names that exist. Refuses an empty list: that would be everybody's groups. */
bool asg_describe_groups(AwsSession *session, const StringList *names, AutoScalingGroups *ret, Error **err);
/* All of the account and region, whoever they belong to: only to choose from. */
bool asg_list_groups(AwsSession *session, AutoScalingGroups *ret, Error **err);
/* NOT_FOUND when there is none. */
bool asg_describe_group(AwsSession *session, const char *name, AutoScalingGroup *ret, Error **err);
/* All of the account and region that carry the tag; follows all pages. */
bool asg_find_groups(
        AwsSession *session, const char *tag_key, const char *tag_value, AutoScalingGroups *ret, Error **err);

/* Which group instances are in; ids that are in none are missing from the answer. At most 50 at a time. */
bool asg_describe_instances(AwsSession *session, const StringList *ids, AsgInstances *ret, Error **err);

typedef struct AsgHook {
        const char *name;
        bool launching;      /* else terminating */
        int64_t heartbeat_s; /* 30 to 7,200 */
        bool abandon;        /* when nobody answers; else CONTINUE */
} AsgHook;

/* NULL, empty and negative members are not sent: an update leaves them as they are. */
typedef struct AsgSpec {
        const char *name; /* 33 to 126 visible characters, no colon */
        const char *launch_template_id;
        const char *launch_template_version; /* a number, never $Latest: a group must not change by itself */
        const StringList *mixed_policy;      /* AutoScalingGroup's: kept, but for the launch template in it */
        int64_t min_size, max_size, desired_capacity;
        const StringList *subnet_ids, *load_balancers, *target_group_arns, *termination_policies;
        const char *health_check_type;
        int64_t health_check_grace_s, default_warmup_s;
        const AsgTags *tags;  /* CreateAutoScalingGroup only */
        const AsgHook *hooks; /* the same */
        size_t hook_count;
} AsgSpec;
#define ASG_SPEC(group_name)                                                                                 \
        (AsgSpec) {                                                                                          \
                .name = (group_name), .min_size = -1, .max_size = -1, .desired_capacity = -1,                \
                .health_check_grace_s = -1, .default_warmup_s = -1                                           \
        }

/* CONFLICT when one of the name exists: look whether it is ours. */
bool asg_create_group(AwsSession *session, const AsgSpec *spec, Error **err);
bool asg_update_group(AwsSession *session, const AsgSpec *spec, Error **err);
/* force: with the instances in it. One that is gone is success. */
bool asg_delete_group(AwsSession *session, const char *name, bool force, Error **err);
/* Outside min and max: INVALID. */
bool asg_set_desired_capacity(AwsSession *session, const char *name, int64_t count, Error **err);

bool asg_put_tags(AwsSession *session, const char *name, const AsgTags *tags, Error **err);
bool asg_delete_tags(AwsSession *session, const char *name, const AsgTags *tags, Error **err);

/* "Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck",
 * "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions". Refuses an empty list: that would be all. */
bool asg_suspend_processes(AwsSession *session, const char *name, const StringList *processes, Error **err);
bool asg_resume_processes(AwsSession *session, const char *name, const StringList *processes, Error **err);

/* granularity is AWS's only one, a minute; an empty list is all metrics. */
bool asg_enable_metrics(AwsSession *session, const char *name, const StringList *metrics, Error **err);
bool asg_disable_metrics(AwsSession *session, const char *name, const StringList *metrics, Error **err);

/* ---- instances of groups (autoscaling.c) ---- */

/* Twenty at a time at most. Attaching and leaving standby raise the desired capacity; the others lower it
 * when `decrement`, else AWS launches others in their place. */
bool asg_attach_instances(AwsSession *session, const char *name, const StringList *ids, Error **err);
bool asg_detach_instances(
        AwsSession *session, const char *name, const StringList *ids, bool decrement, Error **err);
bool asg_enter_standby(
        AwsSession *session, const char *name, const StringList *ids, bool decrement, Error **err);
bool asg_exit_standby(AwsSession *session, const char *name, const StringList *ids, Error **err);
/* One that is in no group any more is success; then nothing was counted down. */
bool asg_terminate_instance(AwsSession *session, const char *id, bool decrement, Error **err);
bool asg_protect_instances(
        AwsSession *session, const char *name, const StringList *ids, bool protect, Error **err);
bool asg_set_health(AwsSession *session, const char *id, bool healthy, Error **err);

typedef struct AsgActivity {
        char *id, *status;                   /* "InProgress", "Successful", "Failed", "Cancelled" … */
        char *description, *cause, *message; /* message: why a launch failed */
        char *start_time;
        int64_t progress; /* of 100 */
} AsgActivity;

typedef struct AsgActivities {
        AsgActivity *items;
        size_t count;
} AsgActivities;
void asg_activities_clear(AsgActivities *activities);
static inline void asg_activities_clearp(AsgActivities *activities) {
        asg_activities_clear(activities);
}
/* The latest, at most 100. */
bool asg_describe_activities(
        AwsSession *session, const char *name, int64_t count, AsgActivities *ret, Error **err);

typedef struct AsgAttachment {
        char *name;  /* of a load balancer, or the ARN of a target group */
        char *state; /* "Adding", "Added", "InService", "Removing", "Removed" */
} AsgAttachment;

typedef struct AsgAttachments {
        AsgAttachment *items;
        size_t count;
} AsgAttachments;
void asg_attachments_clear(AsgAttachments *attachments);
static inline void asg_attachments_clearp(AsgAttachments *attachments) {
        asg_attachments_clear(attachments);
}
bool asg_attach_target_groups(AwsSession *session, const char *name, const StringList *arns, Error **err);
bool asg_detach_target_groups(AwsSession *session, const char *name, const StringList *arns, Error **err);
bool asg_describe_target_groups(AwsSession *session, const char *name, AsgAttachments *ret, Error **err);
/* Classic ones. */
bool asg_attach_load_balancers(AwsSession *session, const char *name, const StringList *names, Error **err);
bool asg_detach_load_balancers(AwsSession *session, const char *name, const StringList *names, Error **err);
bool asg_describe_load_balancers(AwsSession *session, const char *name, AsgAttachments *ret, Error **err);

/* ---- lifecycle hooks (autoscaling_hooks.c) ---- */

typedef struct AsgLifecycleHook {
        char *name, *transition, *default_result;
        int64_t heartbeat_s;
} AsgLifecycleHook;

typedef struct AsgLifecycleHooks {
        AsgLifecycleHook *items;
        size_t count;
} AsgLifecycleHooks;
void asg_lifecycle_hooks_clear(AsgLifecycleHooks *hooks);
static inline void asg_lifecycle_hooks_clearp(AsgLifecycleHooks *hooks) {
        asg_lifecycle_hooks_clear(hooks);
}
bool asg_put_lifecycle_hook(AwsSession *session, const char *name, const AsgHook *hook, Error **err);
bool asg_describe_lifecycle_hooks(AwsSession *session, const char *name, AsgLifecycleHooks *ret, Error **err);
bool asg_delete_lifecycle_hook(AwsSession *session, const char *name, const char *hook, Error **err);

typedef struct AsgLifecycleAction {
        const char *group, *hook, *instance_id;
} AsgLifecycleAction;
/* INVALID when the instance does not wait there: look at its state, it may be done. */
bool asg_complete_lifecycle_action(
        AwsSession *session, const AsgLifecycleAction *action, bool proceed, Error **err);
bool asg_record_heartbeat(AwsSession *session, const AsgLifecycleAction *action, Error **err);

/* ---- instance refresh (autoscaling_refresh.c) ---- */

typedef struct AsgRefreshSpec {
        const char *group;
        const char *launch_template_id, *launch_template_version; /* NULL: the group's */
        int64_t min_healthy_percent;                              /* 0 to 100 */
        int64_t max_healthy_percent;                              /* 100 to 200; 0: not said */
        int64_t warmup_s;
        bool skip_matching; /* instances that are as wanted stay */
        bool auto_rollback;
} AsgRefreshSpec;

typedef struct AsgRefresh {
        char *id, *status, *reason; /* "Pending", "InProgress", "Successful", "Failed" … */
        int64_t percent, left;      /* instances still to be replaced */
} AsgRefresh;
void asg_refresh_clear(AsgRefresh *refresh);
static inline void asg_refresh_clearp(AsgRefresh *refresh) {
        asg_refresh_clear(refresh);
}
/* CONFLICT while another runs. */
bool asg_start_refresh(AwsSession *session, const AsgRefreshSpec *spec, char **ret_id, Error **err);
/* NOT_FOUND when the group has none of the id. */
bool asg_describe_refresh(
        AwsSession *session, const char *group, const char *id, AsgRefresh *ret, Error **err);
/* The one that is not at its end; there is one at most. ret->id "": none. */
bool asg_find_running_refresh(AwsSession *session, const char *group, AsgRefresh *ret, Error **err);
bool asg_cancel_refresh(AwsSession *session, const char *group, Error **err);
bool asg_roll_back_refresh(AwsSession *session, const char *group, Error **err);

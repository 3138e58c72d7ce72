/* Auto Scaling: instances of groups, activities, refreshes. */
#include <stdlib.h>

#include "aws/autoscaling.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

static const char *group_of(const Document *in) {
        return text_of(in, "AutoScalingGroupName");
}

static bool attach(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");

        (void) ret;
        return asg_attach_instances(session, group_of(in), &ids, err);
}

static bool exit_standby(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");

        (void) ret;
        return asg_exit_standby(session, group_of(in), &ids, err);
}

/* A function of a group, instances and a flag. */
#define WITH_FLAG(function, call, flag)                                                                      \
        static bool function(AwsSession *session, const Document *in, Document **ret, Error **err) {         \
                CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");                     \
                                                                                                             \
                (void) ret;                                                                                  \
                return call(session, group_of(in), &ids, document_get_bool(in, flag), err);                  \
        }
WITH_FLAG(detach, asg_detach_instances, "ShouldDecrementDesiredCapacity")
WITH_FLAG(enter_standby, asg_enter_standby, "ShouldDecrementDesiredCapacity")
WITH_FLAG(protect, asg_protect_instances, "ProtectedFromScaleIn")

static bool terminate(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_terminate_instance(
                session, text_of(in, "InstanceId"), document_get_bool(in, "ShouldDecrementDesiredCapacity"),
                err);
}

static bool set_health(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_set_health(
                session, text_of(in, "InstanceId"), text_equal(text_of(in, "HealthStatus"), "Healthy"), err);
}

static bool describe_instances(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceIds");
        CLEANUP(asg_instances_clear) AsgInstances found = { 0 };

        if (!asg_describe_instances(session, &ids, &found, err))
                return false;
        *ret = counted(found.count);
        document_set_string(*ret, "State", found.count ? asg_instance_state_word(found.items[0].state) : "");
        return true;
}

static bool describe_activities(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_activities_clear) AsgActivities found = { 0 };

        if (!asg_describe_activities(session, group_of(in), document_get_int(in, "MaxRecords"), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool start_refresh(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *wanted = document_get(in, "DesiredConfiguration.LaunchTemplate");
        const Document *preferences = document_get(in, "Preferences");
        const AsgRefreshSpec spec = {
                .group = group_of(in),
                .launch_template_id = text_of(wanted, "LaunchTemplateId"),
                .launch_template_version = text_of(wanted, "Version"),
                .min_healthy_percent = document_get_int(preferences, "MinHealthyPercentage"),
                .max_healthy_percent = document_get_int(preferences, "MaxHealthyPercentage"),
                .warmup_s = document_get_int(preferences, "InstanceWarmup"),
                .skip_matching = document_get_bool(preferences, "SkipMatching"),
                .auto_rollback = document_get_bool(preferences, "AutoRollback"),
        };
        CLEANUP(free) char *id = NULL;

        if (!asg_start_refresh(session, &spec, &id, err))
                return false;
        *ret = named("InstanceRefreshId", id);
        return true;
}

static bool describe_refresh(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = texts_of(in, "InstanceRefreshIds");
        CLEANUP(asg_refresh_clear) AsgRefresh found = { 0 };

        if (!asg_describe_refresh(session, group_of(in), first_of(&ids), &found, err))
                return false;
        *ret = named("Status", found.status);
        return true;
}

static bool cancel_refresh(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_cancel_refresh(session, group_of(in), err);
}

static bool roll_back_refresh(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_roll_back_refresh(session, group_of(in), err);
}

static const AwsCall calls[] = {
        { "autoscaling", "AttachInstances", attach },
        { "autoscaling", "DetachInstances", detach },
        { "autoscaling", "EnterStandby", enter_standby },
        { "autoscaling", "ExitStandby", exit_standby },
        { "autoscaling", "SetInstanceProtection", protect },
        { "autoscaling", "TerminateInstanceInAutoScalingGroup", terminate },
        { "autoscaling", "SetInstanceHealth", set_health },
        { "autoscaling", "DescribeAutoScalingInstances", describe_instances },
        { "autoscaling", "DescribeScalingActivities", describe_activities },
        { "autoscaling", "StartInstanceRefresh", start_refresh },
        { "autoscaling", "DescribeInstanceRefreshes", describe_refresh },
        { "autoscaling", "CancelInstanceRefresh", cancel_refresh },
        { "autoscaling", "RollbackInstanceRefresh", roll_back_refresh },
};
const AwsCalls aws_calls_autoscaling = AWS_CALLS(calls);

/* Auto Scaling: groups and their settings. */
#include <stdlib.h>

#include "aws/autoscaling.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

static const char *group_of(const Document *in) {
        return text_of(in, "AutoScalingGroupName");
}

static AsgTags group_tags(const Document *in) {
        const Document *list = document_get(in, "Tags");
        AsgTags tags = { 0 };

        for (size_t i = 0; i < document_count(list); i++) {
                const Document *tag = document_at(list, i);

                asg_tags_add(
                        &tags, text_of(tag, "Key"), text_of(tag, "Value"),
                        document_get_bool(tag, "PropagateAtLaunch"));
        }
        return tags;
}

static AsgHook hook_of(const Document *hook) {
        return (AsgHook){ .name = text_of(hook, "LifecycleHookName"),
                          .launching = text_ends_with(text_of(hook, "LifecycleTransition"), "LAUNCHING"),
                          .heartbeat_s = document_get_int(hook, "HeartbeatTimeout"),
                          .abandon = text_equal(text_of(hook, "DefaultResult"), "ABANDON") };
}

/* -1: not said. */
static int64_t number_of(const Document *in, const char *name) {
        return document_get(in, name) ? document_get_int(in, name) : -1;
}

static bool write_group(AwsSession *session, const Document *in, bool create, Error **err) {
        const Document *first_hook = document_at(document_get(in, "LifecycleHookSpecificationList"), 0);
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        CLEANUP(string_list_clear) StringList balancers = texts_of(in, "LoadBalancerNames");
        CLEANUP(string_list_clear) StringList arns = texts_of(in, "TargetGroupARNs");
        CLEANUP(string_list_clear) StringList policies = texts_of(in, "TerminationPolicies");
        CLEANUP(asg_tags_clear) AsgTags tags = group_tags(in);
        const AsgHook hook = hook_of(first_hook);
        AsgSpec spec = ASG_SPEC(group_of(in));

        if (*text_of(in, "VPCZoneIdentifier"))
                text_split(text_of(in, "VPCZoneIdentifier"), ',', &subnets);
        spec.launch_template_id = text_of(in, "LaunchTemplate.LaunchTemplateId");
        spec.launch_template_version = *spec.launch_template_id ? text_of(in, "LaunchTemplate.Version") : "";
        spec.min_size = number_of(in, "MinSize");
        spec.max_size = number_of(in, "MaxSize");
        spec.desired_capacity = number_of(in, "DesiredCapacity");
        spec.health_check_grace_s = number_of(in, "HealthCheckGracePeriod");
        spec.default_warmup_s = number_of(in, "DefaultInstanceWarmup");
        spec.health_check_type = text_of(in, "HealthCheckType");
        spec.subnet_ids = subnets.count ? &subnets : NULL;
        spec.load_balancers = balancers.count ? &balancers : NULL;
        spec.target_group_arns = arns.count ? &arns : NULL;
        spec.termination_policies = policies.count ? &policies : NULL;
        spec.tags = &tags;
        spec.hooks = &hook;
        spec.hook_count = first_hook ? 1 : 0;
        return create ? asg_create_group(session, &spec, err) : asg_update_group(session, &spec, err);
}

static bool create_group(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return write_group(session, in, true, err);
}

static bool update_group(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return write_group(session, in, false, err);
}

static bool delete_group(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_delete_group(session, group_of(in), document_get_bool(in, "ForceDelete"), err);
}

static bool describe_groups(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList names = texts_of(in, "AutoScalingGroupNames");
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups found = { 0 };

        if (names.count ? !asg_describe_groups(session, &names, &found, err)
                        : !asg_list_groups(session, &found, err))
                return false;
        *ret = counted(found.count);
        if (found.count > 0) {
                const AutoScalingGroup *group = &found.items[0];

                document_set_int(*ret, "DesiredCapacity", group->desired_capacity);
                document_set_int(*ret, "Instances", (int64_t) group->instances.count);
                if (group->instances.count > 0)
                        document_set_string(*ret, "InstanceId", group->instances.items[0].id);
                document_set_int(*ret, "SuspendedProcesses", (int64_t) group->suspended_processes.count);
        }
        return true;
}

static bool set_capacity(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_set_desired_capacity(session, group_of(in), document_get_int(in, "DesiredCapacity"), err);
}

/* Which group a tag is of stands in the tag. */
static const char *tagged_group(const Document *in) {
        return text_of(document_at(document_get(in, "Tags"), 0), "ResourceId");
}

static bool put_tags(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_tags_clear) AsgTags tags = group_tags(in);

        (void) ret;
        return asg_put_tags(session, tagged_group(in), &tags, err);
}

static bool delete_tags(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_tags_clear) AsgTags tags = group_tags(in);

        (void) ret;
        return asg_delete_tags(session, tagged_group(in), &tags, err);
}

/* A function of a group and a list of words. */
#define WITH_LIST(function, call, member)                                                                    \
        static bool function(AwsSession *session, const Document *in, Document **ret, Error **err) {         \
                CLEANUP(string_list_clear) StringList words = texts_of(in, member);                          \
                                                                                                             \
                (void) ret;                                                                                  \
                return call(session, group_of(in), &words, err);                                             \
        }
WITH_LIST(suspend, asg_suspend_processes, "ScalingProcesses")
WITH_LIST(resume, asg_resume_processes, "ScalingProcesses")
WITH_LIST(enable_metrics, asg_enable_metrics, "Metrics")
WITH_LIST(disable_metrics, asg_disable_metrics, "Metrics")
WITH_LIST(attach_targets, asg_attach_target_groups, "TargetGroupARNs")
WITH_LIST(detach_targets, asg_detach_target_groups, "TargetGroupARNs")
WITH_LIST(attach_balancers, asg_attach_load_balancers, "LoadBalancerNames")
WITH_LIST(detach_balancers, asg_detach_load_balancers, "LoadBalancerNames")

static bool describe_targets(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_attachments_clear) AsgAttachments found = { 0 };

        if (!asg_describe_target_groups(session, group_of(in), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool describe_balancers(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_attachments_clear) AsgAttachments found = { 0 };

        if (!asg_describe_load_balancers(session, group_of(in), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool put_hook(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const AsgHook hook = hook_of(in);

        (void) ret;
        return asg_put_lifecycle_hook(session, group_of(in), &hook, err);
}

static bool describe_hooks(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(asg_lifecycle_hooks_clear) AsgLifecycleHooks found = { 0 };

        if (!asg_describe_lifecycle_hooks(session, group_of(in), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool delete_hook(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return asg_delete_lifecycle_hook(session, group_of(in), text_of(in, "LifecycleHookName"), err);
}

static AsgLifecycleAction action_of(const Document *in) {
        return (AsgLifecycleAction){ .group = group_of(in),
                                     .hook = text_of(in, "LifecycleHookName"),
                                     .instance_id = text_of(in, "InstanceId") };
}

static bool complete_action(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const AsgLifecycleAction action = action_of(in);
        bool proceed = text_equal(text_of(in, "LifecycleActionResult"), "CONTINUE");

        (void) ret;
        return asg_complete_lifecycle_action(session, &action, proceed, err);
}

static bool heartbeat(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const AsgLifecycleAction action = action_of(in);

        (void) ret;
        return asg_record_heartbeat(session, &action, err);
}

static const AwsCall calls[] = {
        { "autoscaling", "CreateAutoScalingGroup", create_group },
        { "autoscaling", "UpdateAutoScalingGroup", update_group },
        { "autoscaling", "DeleteAutoScalingGroup", delete_group },
        { "autoscaling", "DescribeAutoScalingGroups", describe_groups },
        { "autoscaling", "SetDesiredCapacity", set_capacity },
        { "autoscaling", "CreateOrUpdateTags", put_tags },
        { "autoscaling", "DeleteTags", delete_tags },
        { "autoscaling", "SuspendProcesses", suspend },
        { "autoscaling", "ResumeProcesses", resume },
        { "autoscaling", "EnableMetricsCollection", enable_metrics },
        { "autoscaling", "DisableMetricsCollection", disable_metrics },
        { "autoscaling", "AttachLoadBalancerTargetGroups", attach_targets },
        { "autoscaling", "DetachLoadBalancerTargetGroups", detach_targets },
        { "autoscaling", "DescribeLoadBalancerTargetGroups", describe_targets },
        { "autoscaling", "AttachLoadBalancers", attach_balancers },
        { "autoscaling", "DetachLoadBalancers", detach_balancers },
        { "autoscaling", "DescribeLoadBalancers", describe_balancers },
        { "autoscaling", "PutLifecycleHook", put_hook },
        { "autoscaling", "DescribeLifecycleHooks", describe_hooks },
        { "autoscaling", "DeleteLifecycleHook", delete_hook },
        { "autoscaling", "CompleteLifecycleAction", complete_action },
        { "autoscaling", "RecordLifecycleActionHeartbeat", heartbeat },
};
const AwsCalls aws_calls_groups = AWS_CALLS(calls);

/* Load balancers of both kinds. */
#include <stdlib.h>

#include "aws/elb.h"
#include "aws/elbv2.h"
#include "base/memory.h"
#include "harness/aws_calls.h"

enum { TARGETS_MAX = 8 };

/* ---- classic ---- */

static StringList instance_ids(const Document *in) {
        const Document *list = document_get(in, "Instances");
        StringList ids = { 0 };

        for (size_t i = 0; i < document_count(list); i++)
                string_list_add(&ids, document_get_string(document_at(list, i), "InstanceId"));
        return ids;
}

static bool describe_classic(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList names = texts_of(in, "LoadBalancerNames");
        CLEANUP(elb_load_balancers_clear) ElbLoadBalancers found = { 0 };

        if (names.count ? !elb_describe_load_balancers(session, &names, &found, err)
                        : !elb_list_load_balancers(session, &found, err))
                return false;
        *ret = counted(found.count);
        if (found.count > 0 && found.items[0].instance_ids.count > 0)
                document_set_string(*ret, "InstanceId", found.items[0].instance_ids.items[0]);
        return true;
}

static bool create_classic(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *one = document_at(document_get(in, "Listeners"), 0);
        const Document *tag = document_at(document_get(in, "Tags"), 0);
        CLEANUP(string_list_clear) StringList subnets = texts_of(in, "Subnets");
        CLEANUP(string_list_clear) StringList groups = texts_of(in, "SecurityGroups");
        CLEANUP(free) char *dns_name = NULL;
        const ElbListener listener = { .protocol = text_of(one, "Protocol"),
                                       .instance_protocol = text_of(one, "InstanceProtocol"),
                                       .certificate_id = text_of(one, "SSLCertificateId"),
                                       .port = document_get_int(one, "LoadBalancerPort"),
                                       .instance_port = document_get_int(one, "InstancePort") };
        const char *const tags[] = { text_of(tag, "Key"), text_of(tag, "Value"), NULL };
        const ElbSpec spec = { .name = text_of(in, "LoadBalancerName"),
                               .scheme = text_of(in, "Scheme"),
                               .listeners = &listener,
                               .listener_count = 1,
                               .subnet_ids = &subnets,
                               .security_groups = &groups,
                               .tags = tags };

        if (!elb_create_load_balancer(session, &spec, &dns_name, err))
                return false;
        *ret = named("DNSName", dns_name);
        return true;
}

static bool delete_classic(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return elb_delete_load_balancer(session, text_of(in, "LoadBalancerName"), err);
}

static bool register_classic(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = instance_ids(in);

        (void) ret;
        return elb_register_instances(session, text_of(in, "LoadBalancerName"), &ids, err);
}

static bool deregister_classic(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = instance_ids(in);

        (void) ret;
        return elb_deregister_instances(session, text_of(in, "LoadBalancerName"), &ids, err);
}

static bool classic_health(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList ids = instance_ids(in);
        CLEANUP(elb_health_clear) ElbHealth health = { 0 };

        if (!elb_describe_instance_health(session, text_of(in, "LoadBalancerName"), &ids, &health, err))
                return false;
        *ret = counted(health.count);
        document_set_string(*ret, "State", health.count ? health.items[0].state : "");
        return true;
}

static bool configure_check(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *check = document_get(in, "HealthCheck");

        (void) ret;
        return elb_configure_health_check(
                session, text_of(in, "LoadBalancerName"),
                &(ElbHealthCheck){ .target = text_of(check, "Target"),
                                   .interval_s = document_get_int(check, "Interval"),
                                   .timeout_s = document_get_int(check, "Timeout"),
                                   .unhealthy_threshold = document_get_int(check, "UnhealthyThreshold"),
                                   .healthy_threshold = document_get_int(check, "HealthyThreshold") },
                err);
}

static bool get_draining(AwsSession *session, const Document *in, Document **ret, Error **err) {
        int64_t seconds = 0;

        if (!elb_get_draining(session, text_of(in, "LoadBalancerName"), &seconds, err))
                return false;
        *ret = document_object();
        document_set_int(*ret, "Timeout", seconds);
        return true;
}

static bool set_draining(AwsSession *session, const Document *in, Document **ret, Error **err) {
        int64_t seconds = document_get_int(in, "LoadBalancerAttributes.ConnectionDraining.Timeout");

        (void) ret;
        return elb_set_draining(session, text_of(in, "LoadBalancerName"), seconds, err);
}

/* ---- application ---- */

static bool describe_groups(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList arns = texts_of(in, "TargetGroupArns");
        CLEANUP(string_list_clear) StringList names = texts_of(in, "Names");
        CLEANUP(target_groups_clear) TargetGroups found = { 0 };
        const char *balancer = text_of(in, "LoadBalancerArn");
        bool good;

        if (arns.count > 0)
                good = elbv2_describe_target_groups(session, &arns, &found, err);
        else if (names.count > 0)
                good = elbv2_find_target_group(session, first_of(&names), &found, err);
        else if (*balancer)
                good = elbv2_describe_target_groups_of(session, balancer, &found, err);
        else
                good = elbv2_list_target_groups(session, &found, err);
        if (!good)
                return false;
        *ret = counted(found.count);
        document_set_string(*ret, "TargetGroupArn", found.count ? found.items[0].arn : "");
        return true;
}

static bool create_group(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *tag = document_at(document_get(in, "Tags"), 0);
        const char *const tags[] = { text_of(tag, "Key"), text_of(tag, "Value"), NULL };
        CLEANUP(free) char *arn = NULL;
        const TargetGroupSpec spec = { .name = text_of(in, "Name"),
                                       .protocol = text_of(in, "Protocol"),
                                       .vpc_id = text_of(in, "VpcId"),
                                       .port = document_get_int(in, "Port"),
                                       .health_path = text_of(in, "HealthCheckPath"),
                                       .health_codes = text_of(in, "Matcher.HttpCode"),
                                       .health_interval_s =
                                               document_get_int(in, "HealthCheckIntervalSeconds"),
                                       .health_timeout_s = document_get_int(in, "HealthCheckTimeoutSeconds"),
                                       .healthy_threshold = document_get_int(in, "HealthyThresholdCount"),
                                       .unhealthy_threshold = document_get_int(in, "UnhealthyThresholdCount"),
                                       .tags = tags };

        if (!elbv2_create_target_group(session, &spec, &arn, err))
                return false;
        *ret = named("TargetGroupArn", arn);
        return true;
}

static bool delete_group(AwsSession *session, const Document *in, Document **ret, Error **err) {
        (void) ret;
        return elbv2_delete_target_group(session, text_of(in, "TargetGroupArn"), err);
}

static size_t targets_of(const Document *in, Target targets[TARGETS_MAX]) {
        const Document *list = document_get(in, "Targets");
        size_t count = document_count(list) < TARGETS_MAX ? document_count(list) : TARGETS_MAX;

        for (size_t i = 0; i < count; i++)
                targets[i] = (Target){ .id = text_of(document_at(list, i), "Id"),
                                       .port = document_get_int(document_at(list, i), "Port") };
        return count;
}

static bool register_targets(AwsSession *session, const Document *in, Document **ret, Error **err) {
        Target targets[TARGETS_MAX];

        (void) ret;
        return elbv2_register_targets(
                session, text_of(in, "TargetGroupArn"), targets, targets_of(in, targets), err);
}

static bool deregister_targets(AwsSession *session, const Document *in, Document **ret, Error **err) {
        Target targets[TARGETS_MAX];

        (void) ret;
        return elbv2_deregister_targets(
                session, text_of(in, "TargetGroupArn"), targets, targets_of(in, targets), err);
}

static bool target_health(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };
        Target targets[TARGETS_MAX];

        if (!elbv2_describe_target_health(
                    session, text_of(in, "TargetGroupArn"), targets, targets_of(in, targets), &found, err))
                return false;
        *ret = counted(found.count);
        document_set_string(*ret, "State", found.count ? target_state_word(found.items[0].state) : "");
        return true;
}

#define DELAY "deregistration_delay.timeout_seconds"

static bool group_attributes(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(free) char *value = NULL;

        if (!elbv2_get_target_group_attribute(session, text_of(in, "TargetGroupArn"), DELAY, &value, err))
                return false;
        *ret = named("Delay", value);
        return true;
}

static bool change_group_attributes(AwsSession *session, const Document *in, Document **ret, Error **err) {
        const Document *one = document_at(document_get(in, "Attributes"), 0);

        (void) ret;
        return elbv2_set_target_group_attribute(
                session, text_of(in, "TargetGroupArn"), text_of(one, "Key"), text_of(one, "Value"), err);
}

static bool describe_balancers(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(string_list_clear) StringList arns = texts_of(in, "LoadBalancerArns");
        CLEANUP(load_balancers_clear) LoadBalancers found = { 0 };

        if (arns.count ? !elbv2_describe_load_balancers(session, &arns, &found, err)
                       : !elbv2_list_load_balancers(session, &found, err))
                return false;
        *ret = counted(found.count);
        document_set_string(*ret, "State", found.count ? found.items[0].state : "");
        return true;
}

static bool describe_listeners(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(listeners_clear) Listeners found = { 0 };

        if (!elbv2_describe_listeners(session, text_of(in, "LoadBalancerArn"), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

static bool describe_rules(AwsSession *session, const Document *in, Document **ret, Error **err) {
        CLEANUP(listeners_clear) Listeners found = { 0 };

        if (!elbv2_describe_rules(session, text_of(in, "ListenerArn"), &found, err))
                return false;
        *ret = counted(found.count);
        return true;
}

/* One group plainly, or several with weights. */
static size_t forwards_of(const Document *actions, Forward forwards[TARGETS_MAX]) {
        const Document *action = document_at(actions, 0);
        const Document *list = document_get(action, "ForwardConfig.TargetGroups");
        size_t count = document_count(list) < TARGETS_MAX ? document_count(list) : TARGETS_MAX;

        if (count == 0) {
                forwards[0] = (Forward){ .target_group_arn = text_of(action, "TargetGroupArn"), .weight = 1 };
                return 1;
        }
        for (size_t i = 0; i < count; i++)
                forwards[i] = (Forward){ .target_group_arn = text_of(document_at(list, i), "TargetGroupArn"),
                                         .weight = document_get_int(document_at(list, i), "Weight") };
        return count;
}

static bool modify_listener(AwsSession *session, const Document *in, Document **ret, Error **err) {
        Forward forwards[TARGETS_MAX];
        size_t count = forwards_of(document_get(in, "DefaultActions"), forwards);

        (void) ret;
        return elbv2_forward_listener(session, text_of(in, "ListenerArn"), forwards, count, err);
}

static bool modify_rule(AwsSession *session, const Document *in, Document **ret, Error **err) {
        Forward forwards[TARGETS_MAX];
        size_t count = forwards_of(document_get(in, "Actions"), forwards);

        (void) ret;
        return elbv2_forward_rule(session, text_of(in, "RuleArn"), forwards, count, err);
}

static const AwsCall calls[] = {
        { "elb", "DescribeLoadBalancers", describe_classic },
        { "elb", "CreateLoadBalancer", create_classic },
        { "elb", "DeleteLoadBalancer", delete_classic },
        { "elb", "RegisterInstancesWithLoadBalancer", register_classic },
        { "elb", "DeregisterInstancesFromLoadBalancer", deregister_classic },
        { "elb", "DescribeInstanceHealth", classic_health },
        { "elb", "ConfigureHealthCheck", configure_check },
        { "elb", "DescribeLoadBalancerAttributes", get_draining },
        { "elb", "ModifyLoadBalancerAttributes", set_draining },
        { "elbv2", "DescribeTargetGroups", describe_groups },
        { "elbv2", "CreateTargetGroup", create_group },
        { "elbv2", "DeleteTargetGroup", delete_group },
        { "elbv2", "RegisterTargets", register_targets },
        { "elbv2", "DeregisterTargets", deregister_targets },
        { "elbv2", "DescribeTargetHealth", target_health },
        { "elbv2", "DescribeTargetGroupAttributes", group_attributes },
        { "elbv2", "ModifyTargetGroupAttributes", change_group_attributes },
        { "elbv2", "DescribeLoadBalancers", describe_balancers },
        { "elbv2", "DescribeListeners", describe_listeners },
        { "elbv2", "DescribeRules", describe_rules },
        { "elbv2", "ModifyListener", modify_listener },
        { "elbv2", "ModifyRule", modify_rule },
};
const AwsCalls aws_calls_balancers = AWS_CALLS(calls);

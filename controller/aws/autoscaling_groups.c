#include <stdlib.h>
#include <string.h>

#include "aws/autoscaling.h"
#include "aws/autoscaling_change.h"
#include "aws/autoscaling_policy.h"
#include "aws/query_form.h"
#include "base/memory.h"
#include "base/names.h"
#include "net/url.h"

static const char *const state_words[ASG_INSTANCE_STATE_COUNT] = {
        [ASG_PENDING] = "Pending",
        [ASG_PENDING_WAIT] = "Pending:Wait",
        [ASG_PENDING_PROCEED] = "Pending:Proceed",
        [ASG_IN_SERVICE] = "InService",
        [ASG_TERMINATING] = "Terminating",
        [ASG_TERMINATING_WAIT] = "Terminating:Wait",
        [ASG_TERMINATING_PROCEED] = "Terminating:Proceed",
        [ASG_TERMINATED] = "Terminated",
        [ASG_DETACHING] = "Detaching",
        [ASG_DETACHED] = "Detached",
        [ASG_ENTERING_STANDBY] = "EnteringStandby",
        [ASG_STANDBY] = "Standby",
        [ASG_STATE_OTHER] = "other",
};

const char *asg_instance_state_word(AsgInstanceState state) {
        return state_words[state];
}

static AsgInstanceState read_state(const char *word) {
        static const Names names = NAMES(state_words);
        int state;

        return word && names_value(&names, word, &state) ? (AsgInstanceState) state : ASG_STATE_OTHER;
}

void asg_tags_add(AsgTags *tags, const char *key, const char *value, bool propagate) {
        tags->items = xrealloc(tags->items, (tags->count + 1) * sizeof(*tags->items));
        tags->items[tags->count++] = (AsgTag){ xstrdup(key), xstrdup(value), propagate };
}

void asg_tags_clear(AsgTags *tags) {
        for (size_t i = 0; i < tags->count; i++) {
                free(tags->items[i].key);
                free(tags->items[i].value);
        }
        free(tags->items);
        *tags = (AsgTags){ 0 };
}

void asg_instances_clear(AsgInstances *instances) {
        for (size_t i = 0; i < instances->count; i++) {
                AsgInstance *instance = &instances->items[i];
                char *const strings[] = { instance->id,
                                          instance->zone,
                                          instance->health,
                                          instance->group_name,
                                          instance->launch_template_id,
                                          instance->launch_template_version,
                                          instance->launch_configuration };

                for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
                        free(strings[j]);
        }
        free(instances->items);
        *instances = (AsgInstances){ 0 };
}

void auto_scaling_group_clear(AutoScalingGroup *group) {
        char *const strings[] = { group->name,
                                  group->status,
                                  group->launch_template_id,
                                  group->launch_template_version,
                                  group->launch_configuration,
                                  group->health_check_type };
        StringList *const lists[] = { &group->subnet_ids,           &group->load_balancers,
                                      &group->target_group_arns,    &group->suspended_processes,
                                      &group->termination_policies, &group->mixed_policy };

        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
                free(strings[i]);
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                string_list_clear(lists[i]);
        asg_instances_clear(&group->instances);
        asg_tags_clear(&group->tags);
        *group = (AutoScalingGroup){ 0 };
}

void auto_scaling_groups_clear(AutoScalingGroups *groups) {
        for (size_t i = 0; i < groups->count; i++)
                auto_scaling_group_clear(&groups->items[i]);
        free(groups->items);
        *groups = (AutoScalingGroups){ 0 };
}

/* ---- reading ---- */

static void add_instance(void *context, const Xml *item) {
        AsgInstances *ret = context;

        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        ret->items[ret->count++] = (AsgInstance){
                .id = xml_text_copy(item, "InstanceId"),
                .zone = xml_text_copy(item, "AvailabilityZone"),
                .health = xml_text_copy(item, "HealthStatus"),
                .group_name = xml_text_copy(item, "AutoScalingGroupName"),
                .state = read_state(xml_text(item, "LifecycleState")),
                .launch_template_id = xml_text_copy(item, "LaunchTemplate/LaunchTemplateId"),
                .launch_template_version = xml_text_copy(item, "LaunchTemplate/Version"),
                .launch_configuration = xml_text_copy(item, "LaunchConfigurationName"),
                .protected_from_scale_in = xml_bool(item, "ProtectedFromScaleIn"),
        };
}

static void read_instances(const Xml *list, AsgInstances *ret) {
        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member"))
                add_instance(ret, item);
}

/* "subnet-1,subnet-2"; blanks are somebody's. */
static void read_subnets(const char *text, StringList *ret) {
        CLEANUP(string_list_clear) StringList parts = { 0 };

        text_split(text ? text : "", ',', &parts);
        for (size_t i = 0; i < parts.count; i++) {
                CLEANUP(free) char *id = text_trim(parts.items[i]);

                if (*id)
                        string_list_add(ret, id);
        }
}

static void read_processes(const Xml *group, StringList *ret) {
        const Xml *list = xml_first(group, "SuspendedProcesses");

        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member"))
                string_list_take(ret, xml_text_copy(item, "ProcessName"));
}

static void read_tags(const Xml *group, AsgTags *ret) {
        const Xml *list = xml_first(group, "Tags");

        for (const Xml *item = xml_first(list, "member"); item; item = xml_next(item, "member")) {
                const char *value = xml_text(item, "Value");

                asg_tags_add(
                        ret, xml_text(item, "Key") ? xml_text(item, "Key") : "", value ? value : "",
                        xml_bool(item, "PropagateAtLaunch"));
        }
}

static void read_group(const Xml *item, AutoScalingGroup *ret) {
        *ret = (AutoScalingGroup){
                .name = xml_text_copy(item, "AutoScalingGroupName"),
                .status = xml_text_copy(item, "Status"),
                .launch_template_id = xml_text_copy(item, "LaunchTemplate/LaunchTemplateId"),
                .launch_template_version = xml_text_copy(item, "LaunchTemplate/Version"),
                .launch_configuration = xml_text_copy(item, "LaunchConfigurationName"),
                .min_size = xml_int(item, "MinSize"),
                .max_size = xml_int(item, "MaxSize"),
                .desired_capacity = xml_int(item, "DesiredCapacity"),
                .health_check_type = xml_text_copy(item, "HealthCheckType"),
                .health_check_grace_s = xml_int(item, "HealthCheckGracePeriod"),
        };
        read_subnets(xml_text(item, "VPCZoneIdentifier"), &ret->subnet_ids);
        query_read_list(item, "LoadBalancerNames", &ret->load_balancers);
        query_read_list(item, "TargetGroupARNs", &ret->target_group_arns);
        query_read_list(item, "TerminationPolicies", &ret->termination_policies);
        read_processes(item, &ret->suspended_processes);
        read_instances(xml_first(item, "Instances"), &ret->instances);
        read_tags(item, &ret->tags);
        mixed_policy_read(item, ret);
}

static void add_group(void *context, const Xml *item) {
        AutoScalingGroups *groups = context;

        groups->items = xrealloc(groups->items, (groups->count + 1) * sizeof(*groups->items));
        read_group(item, &groups->items[groups->count++]);
}

static bool describe(AwsSession *session, AwsForm *form, AutoScalingGroups *ret, Error **err) {
        AutoScalingGroups found = { 0 };
        const QueryPages pages = { .service = &aws_autoscaling,
                                   .action = "DescribeAutoScalingGroups",
                                   .form = form,
                                   .token_sent = "NextToken",
                                   .token_read = "NextToken",
                                   .list = "AutoScalingGroups",
                                   .key = "AutoScalingGroupName",
                                   .read = add_group,
                                   .context = &found };

        form_add_int(form, 100, "MaxRecords");
        if (!query_read_pages(session, &pages, err)) {
                auto_scaling_groups_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

bool asg_describe_groups(AwsSession *session, const StringList *names, AutoScalingGroups *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (names->count == 0)
                return error_set(
                        err, ERROR_INVALID, "DescribeAutoScalingGroups: no name would be everybody's groups");
        query_form_add_list(&form, "AutoScalingGroupNames", names);
        return describe(session, &form, ret, err);
}

bool asg_list_groups(AwsSession *session, AutoScalingGroups *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        return describe(session, &form, ret, err);
}

bool asg_describe_group(AwsSession *session, const char *name, AutoScalingGroup *ret, Error **err) {
        CLEANUP(string_list_clear) StringList names = { 0 };
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups found = { 0 };

        string_list_add(&names, name);
        if (text_empty(name) || !asg_describe_groups(session, &names, &found, err))
                return text_empty(name) ? error_set(err, ERROR_INVALID, "an Auto Scaling group has a name")
                                        : false;
        if (found.count == 0)
                return error_set(err, ERROR_NOT_FOUND, "there is no Auto Scaling group '%s'", name);
        *ret = found.items[0];
        found.items[0] = (AutoScalingGroup){ 0 };
        return true;
}

bool asg_find_groups(
        AwsSession *session, const char *tag_key, const char *tag_value, AutoScalingGroups *ret,
        Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(free) char *name = xasprintf("tag:%s", tag_key);

        if (text_empty(tag_key) || text_empty(tag_value))
                return error_set(
                        err, ERROR_INVALID, "DescribeAutoScalingGroups: no tag would be everybody's groups");
        form_add(&form, name, "Filters.member.1.Name");
        form_add(&form, tag_value, "Filters.member.1.Values.member.1");
        return describe(session, &form, ret, err);
}

bool asg_describe_instances(AwsSession *session, const StringList *ids, AsgInstances *ret, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        AsgInstances found = { 0 };
        const QueryPages pages = { .service = &aws_autoscaling,
                                   .action = "DescribeAutoScalingInstances",
                                   .form = &form,
                                   .token_sent = "NextToken",
                                   .token_read = "NextToken",
                                   .list = "AutoScalingInstances",
                                   .key = "InstanceId",
                                   .read = add_instance,
                                   .context = &found };

        if (ids->count == 0 || ids->count > 50)
                return error_set(err, ERROR_INVALID, "DescribeAutoScalingInstances: 1 to 50 ids at a time");
        query_form_add_list(&form, "InstanceIds", ids);
        if (!query_read_pages(session, &pages, err)) {
                asg_instances_clear(&found);
                return false;
        }
        *ret = found;
        return true;
}

/* ---- making and changing ---- */

static void add_size(AwsForm *form, int64_t value, const char *name) {
        if (value >= 0)
                form_add_int(form, value, "%s", name);
}

static void add_subnets(AwsForm *form, const StringList *ids) {
        CLEANUP(text_clear) Text joined = { 0 };

        for (size_t i = 0; ids && i < ids->count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? "," : "", ids->items[i]);
        form_add(form, joined.data, "VPCZoneIdentifier");
}

static void fill_group(AwsForm *form, const AsgSpec *spec) {
        form_add(form, spec->name, "AutoScalingGroupName");
        if (spec->mixed_policy && spec->mixed_policy->count > 0)
                mixed_policy_add(form, spec);
        else {
                form_add(form, spec->launch_template_id, "LaunchTemplate.LaunchTemplateId");
                form_add(form, spec->launch_template_version, "LaunchTemplate.Version");
        }
        add_size(form, spec->min_size, "MinSize");
        add_size(form, spec->max_size, "MaxSize");
        add_size(form, spec->desired_capacity, "DesiredCapacity");
        add_subnets(form, spec->subnet_ids);
        form_add(form, spec->health_check_type, "HealthCheckType");
        add_size(form, spec->health_check_grace_s, "HealthCheckGracePeriod");
        add_size(form, spec->default_warmup_s, "DefaultInstanceWarmup");
        query_form_add_list(form, "TerminationPolicies", spec->termination_policies);
}

static void add_tags(AwsForm *form, const char *group, const AsgTags *tags) {
        for (size_t i = 0; tags && i < tags->count; i++) {
                CLEANUP(free) char *value = xasprintf("Tags.member.%zu.Value", i + 1);
                CLEANUP(free) char *propagate = xasprintf("Tags.member.%zu.PropagateAtLaunch", i + 1);

                form_add(form, tags->items[i].key, "Tags.member.%zu.Key", i + 1);
                url_append_parameter(
                        &form->body, value, tags->items[i].value); /* an empty value is a value */
                form_add_bool(form, tags->items[i].propagate, propagate);
                form_add(form, group, "Tags.member.%zu.ResourceId", i + 1);
                form_add(form, "auto-scaling-group", "Tags.member.%zu.ResourceType", i + 1);
        }
}

static void add_hooks(AwsForm *form, const AsgSpec *spec) {
        static const char list[] = "LifecycleHookSpecificationList.member";

        for (size_t i = 0; i < spec->hook_count; i++) {
                const AsgHook *hook = &spec->hooks[i];

                form_add(form, hook->name, "%s.%zu.LifecycleHookName", list, i + 1);
                form_add(
                        form,
                        hook->launching ? "autoscaling:EC2_INSTANCE_LAUNCHING"
                                        : "autoscaling:EC2_INSTANCE_TERMINATING",
                        "%s.%zu.LifecycleTransition", list, i + 1);
                form_add_int(form, hook->heartbeat_s, "%s.%zu.HeartbeatTimeout", list, i + 1);
                form_add(form, hook->abandon ? "ABANDON" : "CONTINUE", "%s.%zu.DefaultResult", list, i + 1);
        }
}

/* "$Latest" would let the group launch what nobody decided on. */
static bool check_version(const AsgSpec *spec, Error **err) {
        const char *version = spec->launch_template_version;

        if (!spec->launch_template_id == !version &&
            (!version || strspn(version, "0123456789") == strlen(version)))
                return true;
        return error_set(
                err, ERROR_INVALID, "a group is given a launch template by its id and a version number");
}

bool asg_create_group(AwsSession *session, const AsgSpec *spec, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!check_version(spec, err))
                return false;
        fill_group(&form, spec);
        query_form_add_list(&form, "LoadBalancerNames", spec->load_balancers);
        query_form_add_list(&form, "TargetGroupARNs", spec->target_group_arns);
        add_tags(&form, spec->name, spec->tags);
        add_hooks(&form, spec);
        return query_do(session, &aws_autoscaling, "CreateAutoScalingGroup", &form, err);
}

bool asg_update_group(AwsSession *session, const AsgSpec *spec, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (!check_version(spec, err))
                return false;
        fill_group(&form, spec);
        return asg_change(session, "UpdateAutoScalingGroup", &form, err);
}

/* There is no code for "no such group": only the words tell. */
static bool is_absent(const AwsSession *session, const Error *error) {
        return text_equal(session->failure.code, "ValidationError") &&
               strstr(error_message(error), "AutoScalingGroup name not found");
}

bool asg_delete_group(AwsSession *session, const char *name, bool force, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        form_add(&form, name, "AutoScalingGroupName");
        if (force)
                form_add_bool(&form, true, "ForceDelete");
        if (query_do(session, &aws_autoscaling, "DeleteAutoScalingGroup", &form, &why) ||
            is_absent(session, why))
                return true;
        *err = TAKE(why);
        return false;
}

bool asg_set_desired_capacity(AwsSession *session, const char *name, int64_t count, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "AutoScalingGroupName");
        form_add_int(&form, count, "DesiredCapacity");
        form_add_bool(&form, false, "HonorCooldown");
        return asg_change(session, "SetDesiredCapacity", &form, err);
}

static bool change_tags(
        AwsSession *session, const char *action, const char *name, const AsgTags *tags, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (tags->count == 0)
                return true;
        add_tags(&form, name, tags);
        return query_do(session, &aws_autoscaling, action, &form, err);
}

bool asg_put_tags(AwsSession *session, const char *name, const AsgTags *tags, Error **err) {
        return change_tags(session, "CreateOrUpdateTags", name, tags, err);
}

bool asg_delete_tags(AwsSession *session, const char *name, const AsgTags *tags, Error **err) {
        return change_tags(session, "DeleteTags", name, tags, err);
}

static bool change_processes(
        AwsSession *session, const char *action, const char *name, const StringList *processes, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        if (processes->count == 0)
                return error_set(err, ERROR_INVALID, "%s: no process would be all of them", action);
        form_add(&form, name, "AutoScalingGroupName");
        query_form_add_list(&form, "ScalingProcesses", processes);
        return query_do(session, &aws_autoscaling, action, &form, err);
}

bool asg_suspend_processes(AwsSession *session, const char *name, const StringList *processes, Error **err) {
        return change_processes(session, "SuspendProcesses", name, processes, err);
}

bool asg_resume_processes(AwsSession *session, const char *name, const StringList *processes, Error **err) {
        return change_processes(session, "ResumeProcesses", name, processes, err);
}

bool asg_enable_metrics(AwsSession *session, const char *name, const StringList *metrics, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "AutoScalingGroupName");
        form_add(&form, "1Minute", "Granularity");
        query_form_add_list(&form, "Metrics", metrics);
        return query_do(session, &aws_autoscaling, "EnableMetricsCollection", &form, err);
}

bool asg_disable_metrics(AwsSession *session, const char *name, const StringList *metrics, Error **err) {
        CLEANUP(form_clear) AwsForm form = { 0 };

        form_add(&form, name, "AutoScalingGroupName");
        query_form_add_list(&form, "Metrics", metrics);
        return query_do(session, &aws_autoscaling, "DisableMetricsCollection", &form, err);
}

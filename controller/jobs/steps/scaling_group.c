#include "jobs/steps/scaling_group.h"

#include <stdlib.h>

#include "aws/launch_configuration.h"
#include "base/memory.h"
#include "jobs/steps/group_refresh.h"
#include "jobs/steps/group_tags.h"
#include "jobs/steps/group_template.h"
#include "model/scaling_group.h"

#define STEP_GROUP "group.update" /* what the group is being pointed to */

static bool find_group(Ec2Work *work, const char *name, AutoScalingGroup *ret, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        const char *region = work->session->region ? work->session->region : aws_region(work->session->aws);

        if (!asg_describe_group(work->session, name, ret, &error)) {
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return error_set(
                                err, ERROR_NOT_FOUND,
                                "there is no Auto Scaling group '%s' in %s: make it, or correct "
                                "autoscale.name",
                                name, region ? region : "the region");
                *err = TAKE(error);
                return false;
        }
        return text_empty(ret->status) ||
               error_set(err, ERROR_CONFLICT, "Auto Scaling group %s: %s", name, ret->status);
}

static bool check(const ScalingGroupSpec *spec, bool parameters, Error **err) {
        if (text_empty(spec->app->image_id))
                return error_set(
                        err, ERROR_CONFLICT,
                        "the application has no image that its Auto Scaling group '%s' could launch: please "
                        "use buildimage before",
                        spec->name);
        return !parameters || spec->min_size < 0 || spec->max_size < 0 || spec->min_size <= spec->max_size ||
               error_set(
                       err, ERROR_INVALID, "autoscale.min (%lld) is more than autoscale.max (%lld)",
                       (long long) spec->min_size, (long long) spec->max_size);
}

/* Without it an instance would be in service before anything is deployed on it. */
static bool ensure_hook(Ec2Work *work, const ScalingGroupSpec *spec, Error **err) {
        CLEANUP(asg_lifecycle_hooks_clear) AsgLifecycleHooks hooks = { 0 };
        const AsgHook hook = { .name = SCALING_GROUP_HOOK,
                               .launching = true,
                               .heartbeat_s = spec->heartbeat_s,
                               .abandon = true };

        if (!asg_describe_lifecycle_hooks(work->session, spec->name, &hooks, err))
                return false;
        for (size_t i = 0; i < hooks.count; i++) {
                const AsgLifecycleHook *there = &hooks.items[i];

                if (text_equal(there->name, SCALING_GROUP_HOOK) &&
                    text_equal(there->transition, "autoscaling:EC2_INSTANCE_LAUNCHING") &&
                    text_equal(there->default_result, "ABANDON") && there->heartbeat_s == hook.heartbeat_s)
                        return true;
        }
        work_log(
                work, "Auto Scaling group %s: setting the lifecycle hook %s (%lld s)", spec->name,
                SCALING_GROUP_HOOK, (long long) spec->heartbeat_s);
        return asg_put_lifecycle_hook(work->session, spec->name, &hook, err);
}

/* Nobody deletes it: it may be other groups' too. */
static void tell_configuration(Ec2Work *work, const AutoScalingGroup *group) {
        CLEANUP(launch_configuration_clear) LaunchConfiguration old = { 0 };
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *content = NULL;

        if (text_empty(group->launch_configuration))
                return;
        if (asg_describe_launch_configuration(work->session, group->launch_configuration, &old, &ignored))
                content = xasprintf(" (%s, %s)", old.image_id, old.instance_type);
        work_log(
                work,
                "Auto Scaling group %s launched by the launch configuration %s%s until now; it is kept: "
                "delete it when no group needs it",
                group->name, group->launch_configuration, content ? content : "");
}

static void tell_template(Ec2Work *work, const AutoScalingGroup *group, const GroupTemplate *template) {
        tell_configuration(work, group);
        if (!text_empty(group->launch_template_id) && !text_equal(group->launch_template_id, template->id))
                work_log(
                        work,
                        "Auto Scaling group %s launched by the launch template %s until now; it is kept",
                        group->name, group->launch_template_id);
        work_log(
                work, "Auto Scaling group %s launches version %s of %s from now on", group->name,
                template->version, template->name);
}

static void tell_sizes(Ec2Work *work, const AutoScalingGroup *group, const ScalingGroupSpec *spec) {
        int64_t min_size = spec->min_size >= 0 ? spec->min_size : group->min_size;
        int64_t max_size = spec->max_size >= 0 ? spec->max_size : group->max_size;

        if (min_size != group->min_size || max_size != group->max_size)
                work_log(
                        work, "Auto Scaling group %s: min %lld to %lld, max %lld to %lld", group->name,
                        (long long) group->min_size, (long long) min_size, (long long) group->max_size,
                        (long long) max_size);
        if (group->desired_capacity < min_size)
                work_log(
                        work, "Its desired capacity was %lld: the new minimum makes it launch",
                        (long long) group->desired_capacity);
        if (group->desired_capacity > max_size)
                work_log(
                        work, "Its desired capacity was %lld: the new maximum makes it end instances",
                        (long long) group->desired_capacity);
}

static bool update_group(
        Ec2Work *work, const ScalingGroupSpec *spec, const AutoScalingGroup *group,
        const GroupTemplate *template, bool parameters, Error **err) {
        CLEANUP(free) char *intent = xasprintf("%s %s:%s", spec->name, template->id, template->version);
        AsgSpec wanted = ASG_SPEC(spec->name);

        wanted.launch_template_id = template->id;
        wanted.launch_template_version = template->version;
        wanted.mixed_policy = &group->mixed_policy;
        if (parameters) {
                wanted.min_size = spec->min_size;
                wanted.max_size = spec->max_size;
                wanted.subnet_ids = spec->app->subnet_ids;
                tell_sizes(work, group, spec);
        }
        tell_template(work, group, template);
        return work->remember(work->context, STEP_GROUP, intent, err) &&
               asg_update_group(work->session, &wanted, err);
}

static bool set_metrics(Ec2Work *work, const ScalingGroupSpec *spec, Error **err) {
        const StringList all = { 0 };

        return spec->metrics ? asg_enable_metrics(work->session, spec->name, &all, err)
                             : asg_disable_metrics(work->session, spec->name, &all, err);
}

bool scaling_group_update(Ec2Work *work, const ScalingGroupSpec *spec, bool parameters, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(group_template_clear) GroupTemplate template = { 0 };

        return check(spec, parameters, err) && find_group(work, spec->name, &group, err) &&
               group_refresh_check(work, spec->name, err) &&
               group_template_ensure(work, spec->app, &template, err) && ensure_hook(work, spec, err) &&
               update_group(work, spec, &group, &template, parameters, err) && set_metrics(work, spec, err) &&
               (!parameters || group_tags_update(work, spec->app, &group, err)) &&
               group_template_tidy(work, spec->app, spec->name, &template, err);
}

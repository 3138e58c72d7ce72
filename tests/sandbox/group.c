/* The controller's own AWS code through the life of an Auto Scaling group, for test_controller_groups.py: a
 * launch template and its versions, a group whose instances wait at a hook, standby, leaving and coming back,
 * a refresh, the end.
 *
 *   group ENDPOINT ACCESS_KEY SECRET_KEY REGION IMAGE SUBNET NAME
 *
 * Prints the ids of the template and of the group's instances; fails at the first call that fails. */
#include <stdio.h>

#include "aws/autoscaling.h"
#include "aws/launch_template.h"
#include "base/memory.h"

enum { LIFE_TIMEOUT_MS = 60000, LOOK_MS = 30 };

static const char hook_name[] = "boot";

typedef struct Life {
        AwsSession *session;
        const char *image, *subnet, *name;
        char *template_id;
        StringList ids; /* of the instances that are in service */
} Life;

/* ---- waiting ---- */

static size_t count_state(const AutoScalingGroup *group, AsgInstanceState state, StringList *ret) {
        size_t count = 0;

        for (size_t i = 0; i < group->instances.count; i++) {
                if (group->instances.items[i].state != state)
                        continue;
                count++;
                if (ret)
                        string_list_add(ret, group->instances.items[i].id);
        }
        return count;
}

/* What waits at the hook goes on. It may be shown there a moment longer than it waits. */
static bool let_go_on(const Life *life, const AutoScalingGroup *group, Error **err) {
        CLEANUP(string_list_clear) StringList waiting = { 0 };

        count_state(group, ASG_PENDING_WAIT, &waiting);
        for (size_t i = 0; i < waiting.count; i++) {
                const AsgLifecycleAction action = { life->name, hook_name, waiting.items[i] };
                CLEANUP(error_free) Error *why = NULL;

                if (asg_record_heartbeat(life->session, &action, &why) &&
                    asg_complete_lifecycle_action(life->session, &action, true, &why))
                        continue;
                if (error_kind(why) != ERROR_INVALID) {
                        *err = TAKE(why);
                        return false;
                }
        }
        return true;
}

/* Until the group has so many instances in the state, and none besides but `others`. */
static bool wait_for(Life *life, AsgInstanceState state, size_t count, size_t others, Error **err) {
        for (;;) {
                CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

                if (!asg_describe_group(life->session, life->name, &group, err) ||
                    !let_go_on(life, &group, err))
                        return false;
                if (count_state(&group, state, NULL) == count && group.instances.count == count + others) {
                        string_list_clear(&life->ids);
                        count_state(&group, ASG_IN_SERVICE, &life->ids);
                        return true;
                }
                if (!aws_session_sleep(life->session, LOOK_MS, err))
                        return false;
        }
}

/* ---- steps ---- */

static bool make_template(Life *life, Error **err) {
        CLEANUP(launch_template_clear) LaunchTemplate made = { 0 };
        CLEANUP(launch_template_clear) LaunchTemplate found = { 0 };
        CLEANUP(ec2_tags_clear) Ec2Tags tags = { 0 };
        const Ec2BlockDevice disk = { .name = "/dev/xvda", .size_gib = 20 };

        ec2_tags_add(&tags, "app", "demo & <co>");
        const LaunchTemplateData data = { .image_id = life->image,
                                          .instance_type = "t3.micro",
                                          .instance_profile = "web",
                                          .user_data = "#!/bin/sh\n",
                                          .tags_in_metadata = true,
                                          .devices = &disk,
                                          .device_count = 1,
                                          .instance_tags = &tags };
        const LaunchTemplateSpec spec = {
                .name = life->name, .client_token = life->name, .data = &data, .tags = &tags
        };

        if (!ec2_create_launch_template(life->session, &spec, &made, err) ||
            !ec2_find_launch_template(life->session, life->name, &found, err))
                return false;
        life->template_id = xstrdup(found.id);
        return text_equal(made.id, found.id) ||
               error_set(err, ERROR_INTERNAL, "made %s, found %s", made.id, found.id);
}

/* A second version, which the first makes way for. */
static bool change_template(const Life *life, Error **err) {
        const LaunchTemplateData data = { .image_id = life->image, .instance_type = "t3.small" };
        CLEANUP(launch_template_versions_clear) LaunchTemplateVersions versions = { 0 };
        CLEANUP(free) char *hash = launch_template_hash(&data);
        CLEANUP(free) char *token = xasprintf("%s-2", life->template_id);
        int64_t number;

        if (!ec2_create_launch_template_version(
                    life->session, life->template_id, token, &data, &number, err) ||
            !ec2_set_default_launch_template_version(life->session, life->template_id, number, err) ||
            !ec2_describe_launch_template_versions(life->session, life->template_id, &versions, err))
                return false;
        const LaunchTemplateVersion *latest = &versions.items[0];
        if (number == 2 && versions.count == 2 && latest->number == 2 && latest->is_default &&
            text_equal(latest->description, hash))
                return true;
        return error_set(err, ERROR_INTERNAL, "the versions are not as they were made");
}

static bool make_group(Life *life, Error **err) {
        CLEANUP(string_list_clear) StringList subnets = { 0 };
        CLEANUP(asg_tags_clear) AsgTags tags = { 0 };
        const AsgHook hook = { .name = hook_name, .launching = true, .heartbeat_s = 600, .abandon = true };
        AsgSpec spec = ASG_SPEC(life->name);

        string_list_add(&subnets, life->subnet);
        asg_tags_add(&tags, "role", "web", true);
        asg_tags_add(&tags, "empty", "", false);
        spec.launch_template_id = life->template_id;
        spec.launch_template_version = "1";
        spec.min_size = 0;
        spec.max_size = 3;
        spec.desired_capacity = 1;
        spec.subnet_ids = &subnets;
        spec.health_check_type = "EC2";
        spec.health_check_grace_s = 60;
        spec.tags = &tags;
        spec.hooks = &hook;
        spec.hook_count = 1;
        return asg_create_group(life->session, &spec, err) && wait_for(life, ASG_IN_SERVICE, 1, 0, err);
}

static bool change_settings(const Life *life, Error **err) {
        CLEANUP(string_list_clear) StringList processes = { 0 };
        CLEANUP(string_list_clear) StringList metrics = { 0 };
        CLEANUP(asg_tags_clear) AsgTags tags = { 0 };
        CLEANUP(auto_scaling_groups_clear) AutoScalingGroups found = { 0 };
        CLEANUP(asg_lifecycle_hooks_clear) AsgLifecycleHooks hooks = { 0 };

        string_list_add(&processes, "Terminate");
        string_list_add(&metrics, "GroupMaxSize");
        asg_tags_add(&tags, "ghost:app", life->name, false);
        if (!asg_put_tags(life->session, life->name, &tags, err) ||
            !asg_find_groups(life->session, "ghost:app", life->name, &found, err) ||
            !asg_delete_tags(life->session, life->name, &tags, err) ||
            !asg_suspend_processes(life->session, life->name, &processes, err) ||
            !asg_resume_processes(life->session, life->name, &processes, err) ||
            !asg_enable_metrics(life->session, life->name, &metrics, err) ||
            !asg_disable_metrics(life->session, life->name, &metrics, err) ||
            !asg_describe_lifecycle_hooks(life->session, life->name, &hooks, err))
                return false;
        if (found.count == 1 && found.items[0].tags.count == 3 && hooks.count == 1 &&
            hooks.items[0].heartbeat_s == 600)
                return true;
        return error_set(err, ERROR_INTERNAL, "the group is not as it was made");
}

/* One instance into standby and back, out of the group and back. */
static bool move_instance(Life *life, Error **err) {
        CLEANUP(string_list_clear) StringList one = { 0 };
        const char *name = life->name;
        AwsSession *session = life->session;

        string_list_add(&one, life->ids.items[0]);
        return asg_set_desired_capacity(session, name, 2, err) && wait_for(life, ASG_IN_SERVICE, 2, 0, err) &&
               asg_enter_standby(session, name, &one, true, err) && wait_for(life, ASG_STANDBY, 1, 1, err) &&
               asg_exit_standby(session, name, &one, err) && wait_for(life, ASG_IN_SERVICE, 2, 0, err) &&
               asg_detach_instances(session, name, &one, true, err) &&
               wait_for(life, ASG_IN_SERVICE, 1, 0, err) && asg_attach_instances(session, name, &one, err) &&
               wait_for(life, ASG_IN_SERVICE, 2, 0, err) &&
               asg_protect_instances(session, name, &one, true, err) &&
               asg_protect_instances(session, name, &one, false, err) &&
               asg_set_health(session, one.items[0], true, err) &&
               asg_terminate_instance(session, one.items[0], true, err) &&
               wait_for(life, ASG_IN_SERVICE, 1, 0, err);
}

static bool refresh(Life *life, Error **err) {
        const AsgRefreshSpec spec = { .group = life->name,
                                      .launch_template_id = life->template_id,
                                      .launch_template_version = "2",
                                      .min_healthy_percent = 100,
                                      .max_healthy_percent = 200,
                                      .skip_matching = true,
                                      .auto_rollback = true };
        CLEANUP(free) char *id = NULL;

        if (!asg_start_refresh(life->session, &spec, &id, err))
                return false;
        for (;;) {
                CLEANUP(asg_refresh_clear) AsgRefresh now = { 0 };
                CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

                if (!asg_describe_refresh(life->session, life->name, id, &now, err))
                        return false;
                if (text_equal(now.status, "Successful"))
                        return wait_for(life, ASG_IN_SERVICE, 1, 0, err);
                if (!text_equal(now.status, "Pending") && !text_equal(now.status, "InProgress"))
                        return error_set(
                                err, ERROR_INTERNAL, "the refresh is %s: %s", now.status, now.reason);
                if (!asg_describe_group(life->session, life->name, &group, err) ||
                    !let_go_on(life, &group, err) || !aws_session_sleep(life->session, LOOK_MS, err))
                        return false;
        }
}

static bool end(const Life *life, Error **err) {
        CLEANUP(asg_activities_clear) AsgActivities activities = { 0 };
        CLEANUP(asg_instances_clear) AsgInstances instances = { 0 };
        const int64_t first = 1;

        if (!asg_describe_activities(life->session, life->name, 100, &activities, err) ||
            !asg_describe_instances(life->session, &life->ids, &instances, err) ||
            !ec2_delete_launch_template_versions(life->session, life->template_id, &first, 1, err) ||
            !asg_delete_group(life->session, life->name, true, err) ||
            !ec2_delete_launch_template(life->session, life->template_id, err))
                return false;
        if (instances.count != 1 || !text_equal(instances.items[0].launch_template_version, "2"))
                return error_set(err, ERROR_INTERNAL, "the instance was not replaced");
        printf("%s %s %zu\n", life->template_id, instances.items[0].id, activities.count);
        return true;
}

int main(int argc, char **argv) {
        CLEANUP(error_free) Error *error = NULL;

        if (argc != 8) {
                fprintf(stderr, "usage: group ENDPOINT ACCESS_KEY SECRET_KEY REGION IMAGE SUBNET NAME\n");
                return 2;
        }
        const AwsOptions options = {
                .endpoint_url = argv[1],
                .access_key_id = argv[2],
                .secret_access_key = argv[3],
                .region = argv[4],
                .poll_interval_ms = 50,
                .retry_base_ms = 20,
        };
        CLEANUP(aws_free) Aws *aws = aws_new(&options, &error);
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(LIFE_TIMEOUT_MS) };
        Life life = { .session = &session, .image = argv[5], .subnet = argv[6], .name = argv[7] };

        bool done = aws && make_template(&life, &error) && make_group(&life, &error) &&
                    change_settings(&life, &error) && change_template(&life, &error) &&
                    move_instance(&life, &error) && refresh(&life, &error) && end(&life, &error);
        if (!done)
                fprintf(stderr, "group: %s (%s)\n", error_message(error), session.failure.code);
        string_list_clear(&life.ids);
        free(life.template_id);
        return done ? 0 : 1;
}

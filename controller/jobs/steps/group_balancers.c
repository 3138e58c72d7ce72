#include "jobs/steps/group_balancers.h"

#include <stdlib.h>

#include "aws/elb.h"
#include "aws/elbv2.h"
#include "base/memory.h"
#include "jobs/steps/unused_groups.h"

enum { LOOKS = 3, SECOND_MS = 1000, DRAINING_DEFAULT_S = 300, DRAINING_MARGIN_MS = 60 * 1000 };

bool group_has_balancers(const AutoScalingGroup *group) {
        return group->target_group_arns.count > 0 || group->load_balancers.count > 0;
}

const char *group_balancer_name(const char *balancer) {
        const char *name = balancer;

        for (const char *at = balancer; *at; at++)
                if (*at == ':')
                        name = at + 1;
        return name;
}

static void add(Text *ret, const char *id, const char *state, const char *reason, const char *balancer) {
        text_appendf(
                ret, "%s%s is %s in %s%s%s%s", ret->length > 0 ? "; " : "", id, state, balancer,
                text_empty(reason) ? "" : " (", text_empty(reason) ? "" : reason,
                text_empty(reason) ? "" : ")");
}

/* Nothing is known where checks are off. */
bool group_target_in_service(
        Ec2Work *work, const char *arn, const TargetHealth *health, bool *ret, Error **err) {
        *ret = health->state == TARGET_HEALTHY || health->state == TARGET_UNAVAILABLE;
        if (health->state == TARGET_UNUSED && text_equal(health->reason, "Target.NotInUse"))
                return unused_groups_has(work, arn, ret, err);
        return true;
}

static bool is_wanted(const char *id, const StringList *ids) {
        return !ids || string_list_contains(ids, id);
}

static void add_missing(const StringList *ids, const StringList *seen, const char *balancer, Text *ret) {
        for (size_t i = 0; ids && i < ids->count; i++)
                if (!string_list_contains(seen, ids->items[i]))
                        add(ret, ids->items[i], "not registered", NULL, balancer);
}

/* ids NULL: everything that is registered. */
static bool look_at_target_group(
        Ec2Work *work, const char *arn, const StringList *ids, Text *ret, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };
        CLEANUP(string_list_clear) StringList seen = { 0 };

        if (!elbv2_describe_target_health(work->session, arn, NULL, 0, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                const TargetHealth *health = &found.items[i];
                bool good = false;

                if (!is_wanted(health->id, ids) || (!ids && health->state == TARGET_DRAINING))
                        continue;
                string_list_add(&seen, health->id);
                if (!group_target_in_service(work, arn, health, &good, err))
                        return false;
                if (!good)
                        add(ret, health->id, target_state_word(health->state), health->reason,
                            group_balancer_name(arn));
        }
        add_missing(ids, &seen, group_balancer_name(arn), ret);
        return true;
}

static bool look_at_classic(Ec2Work *work, const char *name, const StringList *ids, Text *ret, Error **err) {
        CLEANUP(elb_health_clear) ElbHealth found = { 0 };
        CLEANUP(string_list_clear) StringList seen = { 0 };
        const StringList all = { 0 };

        if (!elb_describe_instance_health(work->session, name, &all, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                const ElbInstanceHealth *health = &found.items[i];

                if (!is_wanted(health->instance_id, ids))
                        continue;
                string_list_add(&seen, health->instance_id);
                if (!text_equal(health->state, "InService"))
                        add(ret, health->instance_id, health->state, health->description, name);
        }
        add_missing(ids, &seen, name, ret);
        return true;
}

static bool look(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Text *ret, Error **err) {
        for (size_t i = 0; i < group->target_group_arns.count; i++)
                if (!look_at_target_group(work, group->target_group_arns.items[i], ids, ret, err))
                        return false;
        for (size_t i = 0; i < group->load_balancers.count; i++)
                if (!look_at_classic(work, group->load_balancers.items[i], ids, ret, err))
                        return false;
        return true;
}

bool group_balancers_find_bad(Ec2Work *work, const AutoScalingGroup *group, Text *ret, Error **err) {
        return look(work, group, NULL, ret, err);
}

bool group_balancers_check(Ec2Work *work, const AutoScalingGroup *group, Error **err) {
        for (int number = 1;; number++) {
                CLEANUP(text_clear) Text bad = { 0 };

                if (!group_balancers_find_bad(work, group, &bad, err))
                        return false;
                if (bad.length == 0)
                        return unused_groups_settle(work, err);
                if (number == LOOKS)
                        return error_set(
                                err, ERROR_CONFLICT,
                                "Cannot continue because one or more instances are in the out of service "
                                "state: %.1000s",
                                bad.data);
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

bool group_balancers_find_waiting(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Text *ret, Error **err) {
        return look(work, group, ids, ret, err);
}

/* ---- who serves ---- */

static void sort_out(const char *id, bool good, StringList *healthy, StringList *bad) {
        StringList *list = good ? healthy : bad;

        if (!string_list_contains(list, id))
                string_list_add(list, id);
}

static bool sort_targets(Ec2Work *work, const char *arn, StringList *healthy, StringList *bad, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };

        if (!elbv2_describe_target_health(work->session, arn, NULL, 0, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                bool good = false;

                if (!group_target_in_service(work, arn, &found.items[i], &good, err))
                        return false;
                sort_out(found.items[i].id, good, healthy, bad);
        }
        return true;
}

static bool sort_classic(Ec2Work *work, const char *name, StringList *healthy, StringList *bad, Error **err) {
        CLEANUP(elb_health_clear) ElbHealth found = { 0 };
        const StringList all = { 0 };

        if (!elb_describe_instance_health(work->session, name, &all, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                sort_out(
                        found.items[i].instance_id,
                        text_equal(found.items[i].state, "InService") &&
                                !elb_instance_is_leaving(&found.items[i]),
                        healthy, bad);
        return true;
}

bool group_balancers_find_healthy(
        Ec2Work *work, const AutoScalingGroup *group, StringList *ret, Error **err) {
        CLEANUP(string_list_clear) StringList healthy = { 0 };
        CLEANUP(string_list_clear) StringList bad = { 0 };

        for (size_t i = 0; i < group->target_group_arns.count; i++)
                if (!sort_targets(work, group->target_group_arns.items[i], &healthy, &bad, err))
                        return false;
        for (size_t i = 0; i < group->load_balancers.count; i++)
                if (!sort_classic(work, group->load_balancers.items[i], &healthy, &bad, err))
                        return false;
        for (size_t i = 0; i < healthy.count; i++)
                if (!string_list_contains(&bad, healthy.items[i]))
                        string_list_add(ret, healthy.items[i]);
        return true;
}

static bool is_leaving(const AsgInstance *instance) {
        return instance->state == ASG_TERMINATING || instance->state == ASG_TERMINATING_WAIT ||
               instance->state == ASG_TERMINATING_PROCEED || instance->state == ASG_TERMINATED ||
               instance->state == ASG_DETACHING || instance->state == ASG_DETACHED;
}

bool group_check_members(const AutoScalingGroup *group, bool leaving_counts, Error **err) {
        for (size_t i = 0; i < group->instances.count; i++) {
                const AsgInstance *instance = &group->instances.items[i];

                if (!leaving_counts && is_leaving(instance))
                        continue;
                if (instance->state != ASG_IN_SERVICE || !text_equal(instance->health, "Healthy"))
                        return error_set(
                                err, ERROR_CONFLICT,
                                "Cannot continue because one or more instances are in the out of service "
                                "state: %s of Auto Scaling group %s is %s, %s",
                                instance->id, group->name, asg_instance_state_word(instance->state),
                                instance->health);
        }
        return true;
}

/* ---- taking out ---- */

static bool target_group_draining_s(Ec2Work *work, const char *arn, int64_t *ret, Error **err) {
        CLEANUP(free) char *value = NULL;
        CLEANUP(error_free) Error *not_a_number = NULL;
        uint64_t seconds = DRAINING_DEFAULT_S;

        if (!elbv2_get_target_group_attribute(
                    work->session, arn, "deregistration_delay.timeout_seconds", &value, err))
                return false;
        if (!text_empty(value) && !text_parse_uint(value, 0, 3600, &seconds, &not_a_number))
                seconds = DRAINING_DEFAULT_S;
        *ret = (int64_t) seconds;
        return true;
}

bool group_balancers_draining_ms(Ec2Work *work, const AutoScalingGroup *group, int64_t *ret, Error **err) {
        int64_t longest_s = 0, seconds = 0;

        for (size_t i = 0; i < group->target_group_arns.count; i++) {
                if (!target_group_draining_s(work, group->target_group_arns.items[i], &seconds, err))
                        return false;
                longest_s = seconds > longest_s ? seconds : longest_s;
        }
        for (size_t i = 0; i < group->load_balancers.count; i++) {
                if (!elb_get_draining(work->session, group->load_balancers.items[i], &seconds, err))
                        return false;
                longest_s = seconds > longest_s ? seconds : longest_s;
        }
        *ret = longest_s * SECOND_MS;
        return true;
}

/* With their ports, as they are registered. */
static bool leave_target_group(
        Ec2Work *work, const char *arn, const StringList *ids, bool *left, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };
        size_t count = 0;

        if (!elbv2_describe_target_health(work->session, arn, NULL, 0, &found, err))
                return false;
        CLEANUP(free) Target *targets = xcalloc(found.count + 1, sizeof(*targets));
        for (size_t i = 0; i < found.count; i++)
                if (found.items[i].state != TARGET_DRAINING && string_list_contains(ids, found.items[i].id))
                        targets[count++] = (Target){ found.items[i].id, found.items[i].port };
        if (count == 0)
                return true;
        *left = true;
        work_log(work, "Taking %zu instances out of %s", count, group_balancer_name(arn));
        return elbv2_deregister_targets(work->session, arn, targets, count, err);
}

static bool leave_classic(Ec2Work *work, const char *name, const StringList *ids, bool *left, Error **err) {
        CLEANUP(elb_health_clear) ElbHealth found = { 0 };
        CLEANUP(string_list_clear) StringList registered = { 0 };
        const StringList all = { 0 };

        if (!elb_describe_instance_health(work->session, name, &all, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (!elb_instance_is_leaving(&found.items[i]) &&
                    string_list_contains(ids, found.items[i].instance_id))
                        string_list_add(&registered, found.items[i].instance_id);
        if (registered.count == 0)
                return true;
        *left = true;
        work_log(work, "Taking %zu instances out of %s", registered.count, name);
        return elb_deregister_instances(work->session, name, &registered, err);
}

/* What has drained is not in the answer any more. */
static bool is_target_draining(
        Ec2Work *work, const char *arn, const StringList *ids, bool *ret, Error **err) {
        CLEANUP(target_healths_clear) TargetHealths found = { 0 };

        if (!elbv2_describe_target_health(work->session, arn, NULL, 0, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (found.items[i].state != TARGET_UNUSED && string_list_contains(ids, found.items[i].id))
                        *ret = true;
        return true;
}

static bool is_classic_draining(
        Ec2Work *work, const char *name, const StringList *ids, bool *ret, Error **err) {
        CLEANUP(elb_health_clear) ElbHealth found = { 0 };
        const StringList all = { 0 };

        if (!elb_describe_instance_health(work->session, name, &all, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++)
                if (string_list_contains(ids, found.items[i].instance_id))
                        *ret = true;
        return true;
}

static bool is_any_draining(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, bool *ret, Error **err) {
        *ret = false;
        for (size_t i = 0; i < group->target_group_arns.count; i++)
                if (!is_target_draining(work, group->target_group_arns.items[i], ids, ret, err))
                        return false;
        for (size_t i = 0; i < group->load_balancers.count; i++)
                if (!is_classic_draining(work, group->load_balancers.items[i], ids, ret, err))
                        return false;
        return true;
}

static bool wait_drained(Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Error **err) {
        int64_t draining_ms = 0;
        bool draining = true;

        if (!group_balancers_draining_ms(work, group, &draining_ms, err))
                return false;
        Deadline deadline = deadline_after_ms(draining_ms + DRAINING_MARGIN_MS);
        for (;;) {
                if (!is_any_draining(work, group, ids, &draining, err))
                        return false;
                if (!draining)
                        return true;
                if (deadline_passed(deadline)) {
                        work_log(
                                work,
                                "The balancers still show connections after the draining time, going on");
                        return true;
                }
                if (!aws_session_sleep(work->session, aws_poll_interval_ms(work->session->aws), err))
                        return false;
        }
}

static bool leave(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, bool *left, Error **err) {
        for (size_t i = 0; i < group->target_group_arns.count; i++)
                if (!leave_target_group(work, group->target_group_arns.items[i], ids, left, err))
                        return false;
        for (size_t i = 0; i < group->load_balancers.count; i++)
                if (!leave_classic(work, group->load_balancers.items[i], ids, left, err))
                        return false;
        return true;
}

bool group_balancers_leave(
        Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, bool *ret_left, Error **err) {
        *ret_left = false;
        return leave(work, group, ids, ret_left, err);
}

bool group_balancers_drain(Ec2Work *work, const AutoScalingGroup *group, const StringList *ids, Error **err) {
        bool left = false;

        return leave(work, group, ids, &left, err) && wait_drained(work, group, ids, err);
}

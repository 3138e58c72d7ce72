#include "jobs/steps/destroy.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/group_balancers.h"

enum { MEMBERS_AT_ONCE = 50 };

void destroy_result_clear(DestroyResult *result) {
        string_list_clear(&result->replaced_by);
        string_list_clear(&result->kept);
}

static bool add_members(Ec2Work *work, const StringList *ids, AsgInstances *ret, Error **err) {
        CLEANUP(asg_instances_clear) AsgInstances found = { 0 };

        if (!asg_describe_instances(work->session, ids, &found, err))
                return false;
        ret->items = xrealloc(ret->items, (ret->count + found.count + 1) * sizeof(*ret->items));
        for (size_t i = 0; i < found.count; i++) {
                ret->items[ret->count++] = found.items[i];
                found.items[i] = (AsgInstance){ 0 };
        }
        return true;
}

bool find_group_members(Ec2Work *work, const StringList *ids, AsgInstances *ret, Error **err) {
        for (size_t first = 0; first < ids->count; first += MEMBERS_AT_ONCE) {
                CLEANUP(string_list_clear) StringList some = { 0 };

                for (size_t i = first; i < ids->count && i < first + MEMBERS_AT_ONCE; i++)
                        string_list_add(&some, ids->items[i]);
                if (!add_members(work, &some, ret, err)) {
                        asg_instances_clear(ret);
                        return false;
                }
        }
        return true;
}

/* ---- through a group ---- */

static bool is_leaving(AsgInstanceState state) {
        return state == ASG_TERMINATING || state == ASG_TERMINATING_WAIT ||
               state == ASG_TERMINATING_PROCEED || state == ASG_TERMINATED;
}

/* A group at its minimum cannot get smaller. */
static bool may_shrink(Ec2Work *work, const AsgInstance *member, bool *ret, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };

        if (!asg_describe_group(work->session, member->group_name, &group, err))
                return false;
        *ret = group.desired_capacity > group.min_size;
        if (!*ret)
                work_log(
                        work, "Auto Scaling group %s is at its minimum of %lld", group.name,
                        (long long) group.min_size);
        return true;
}

/* The group takes it out of its balancers, lets it drain and ends it. */
static bool end_member(
        Ec2Work *work, const AsgInstance *member, bool shrink, DestroyResult *result, Error **err) {
        CLEANUP(free) char *step = xasprintf("destroy.member.%s", member->id);

        if (is_leaving(member->state))
                return true;
        if (shrink && !may_shrink(work, member, &shrink, err))
                return false;
        if (!shrink && !string_list_contains(&result->replaced_by, member->group_name))
                string_list_add(&result->replaced_by, member->group_name);
        work_log(
                work, "Ending %s through its Auto Scaling group %s, which %s%s", member->id,
                member->group_name, shrink ? "gets smaller by it" : "launches another in its place",
                member->protected_from_scale_in ? "; it was protected from scale-in" : "");
        return work->remember(work->context, step, shrink ? "shrink" : "replace", err) &&
               asg_terminate_instance(work->session, member->id, shrink, err);
}

/* ---- outside of groups ---- */

/* One protected instance fails a call for all. */
static bool terminate_each(Ec2Work *work, const StringList *ids, DestroyResult *result, Error **err) {
        for (size_t i = 0; i < ids->count; i++) {
                CLEANUP(string_list_clear) StringList one = { 0 };
                CLEANUP(error_free) Error *error = NULL;

                string_list_add(&one, ids->items[i]);
                work_log(work, "Terminating instance %s", ids->items[i]);
                if (discard_terminate(work, &one, &error))
                        continue;
                if (!text_equal(work->session->failure.code, "OperationNotPermitted")) {
                        *err = TAKE(error);
                        return false;
                }
                work_log(work, "%s is protected against termination, it stays", ids->items[i]);
                string_list_addf(&result->kept, "%s", ids->items[i]);
        }
        return true;
}

static bool drain_outside(Ec2Work *work, const DestroySpec *spec, const StringList *ids, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (text_empty(spec->group) || ids->count == 0)
                return true;
        if (!asg_describe_group(work->session, spec->group, &group, &error)) {
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(error);
                return false;
        }
        return group_balancers_drain(work, &group, ids, err);
}

static bool wait_gone(Ec2Work *work, const StringList *ids, const StringList *kept, Error **err) {
        const Ec2Wait wait = { .progress = work_log_progress, .context = work };

        for (size_t i = 0; i < ids->count; i++)
                if (!string_list_contains(kept, ids->items[i]) &&
                    (!ec2_wait_instance(work->session, ids->items[i], EC2_TERMINATED, &wait, NULL, err) ||
                     (work->gone && !work->gone(work->context, ids->items[i], err))))
                        return false;
        return true;
}

static bool is_member(const AsgInstances *members, const char *id) {
        for (size_t i = 0; i < members->count; i++)
                if (text_equal(members->items[i].id, id))
                        return true;
        return false;
}

static bool is_ending(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return found->items[i].state == EC2_TERMINATED ||
                               found->items[i].state == EC2_SHUTTING_DOWN;
        return false;
}

/* One that EC2 does not show is among them: that is no proof of its end. */
static bool find_outside(
        Ec2Work *work, const StringList *ids, const AsgInstances *members, StringList *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };

        if (!ec2_find_instances(work->session, ids, &found, err))
                return false;
        for (size_t i = 0; i < ids->count; i++)
                if (!is_ending(&found, ids->items[i]) && !is_member(members, ids->items[i]))
                        string_list_add(ret, ids->items[i]);
        return true;
}

bool destroy_instances(Ec2Work *work, const DestroySpec *spec, DestroyResult *ret, Error **err) {
        CLEANUP(asg_instances_clear) AsgInstances members = { 0 };
        CLEANUP(string_list_clear) StringList outside = { 0 };

        if (spec->ids->count == 0)
                return true;
        if (!find_group_members(work, spec->ids, &members, err) ||
            !find_outside(work, spec->ids, &members, &outside, err))
                return false;
        for (size_t i = 0; i < members.count; i++)
                if (!end_member(work, &members.items[i], spec->shrink, ret, err))
                        return false;
        if (!drain_outside(work, spec, &outside, err) || !terminate_each(work, &outside, ret, err) ||
            !wait_gone(work, spec->ids, &ret->kept, err))
                return false;
        if (ret->kept.count == 0)
                return true;
        CLEANUP(text_clear) Text kept = { 0 };
        for (size_t i = 0; i < ret->kept.count; i++)
                text_appendf(&kept, "%s%s", i > 0 ? ", " : "", ret->kept.items[i]);
        return error_set(err, ERROR_CONFLICT, "protected against termination, so they stay: %s", kept.data);
}

#include "jobs/steps/rolling.h"

#include <stdlib.h>

#include "aws/autoscaling.h"
#include "base/memory.h"
#include "jobs/steps/batches.h"
#include "jobs/steps/group_balancers.h"
#include "jobs/steps/group_processes.h"
#include "jobs/steps/group_refresh.h"
#include "jobs/steps/rolling_batch.h"

#define STEP_PLAN "rolling.plan" /* the instances to be made anew */

/* What would end or launch instances behind the job's back. Launch and Terminate are what it works with. */
static const char *const disturbing[] = { "AZRebalance", "AlarmNotification", "ScheduledActions",
                                          "InstanceRefresh", NULL };
static const char *const needed[] = { "Launch", "Terminate", "AddToLoadBalancer", NULL };

static bool count_batches(const RollingSpec *spec, size_t hosts, size_t *ret, Error **err) {
        SafeStrategy strategy;

        return safe_strategy_read(spec->strategy, &strategy, err) && batches_count(strategy, hosts, ret, err);
}

/* ---- before anything is changed ---- */

static bool check_processes(const AutoScalingGroup *group, Error **err) {
        for (size_t i = 0; needed[i]; i++)
                if (string_list_contains(&group->suspended_processes, needed[i]))
                        return error_set(
                                err, ERROR_CONFLICT,
                                "Cannot continue because the process %s of Auto Scaling group %s is "
                                "suspended: "
                                "resume it",
                                needed[i], group->name);
        return true;
}

static bool make_plan(Ec2Work *work, const RollingSpec *spec, StringList *ret, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        size_t count = 0;

        if (!asg_describe_group(work->session, spec->group, &group, err))
                return false;
        if (group.instances.count == 0)
                return true;
        if (!group_has_balancers(&group))
                work_log(work, "Auto Scaling group %s has no load balancer", group.name);
        if (!count_batches(spec, group.instances.count, &count, err) ||
            !group_refresh_check(work, group.name, err) || !check_processes(&group, err) ||
            !group_check_members(&group, true, err) || !group_balancers_check(work, &group, err))
                return false;
        for (size_t i = 0; i < group.instances.count; i++)
                string_list_add(ret, group.instances.items[i].id);
        work_log(
                work, "%zu instances of Auto Scaling group %s will be made anew in %zu batches", ret->count,
                group.name, count);
        return work_remember_list(work, STEP_PLAN, ret, err);
}

/* ---- the batches ---- */

static bool run_batches(Ec2Work *work, const RollingSpec *spec, const StringList *plan, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        size_t count = 0;

        if (!count_batches(spec, plan->count, &count, err) ||
            !asg_describe_group(work->session, spec->group, &group, err) ||
            !group_processes_suspend(work, &group, disturbing, err))
                return false;
        for (size_t number = 0; number < count; number++) {
                CLEANUP(string_list_clear) StringList old = { 0 };
                CLEANUP(error_free) Error *error = NULL;
                const RollingBatch batch = { .group = spec->group,
                                             .number = number,
                                             .old = &old,
                                             .ready_timeout_ms = spec->ready_timeout_ms };

                for (size_t i = 0; i < plan->count; i++)
                        if (batches_index(i, count) == number)
                                string_list_add(&old, plan->items[i]);
                if (rolling_batch_run(work, &batch, &error))
                        continue;
                if (!work_interrupted(work))
                        rolling_batch_undo(work, &batch);
                return error_set(
                        err, error_kind(error), "batch %zu of %zu: %s", number + 1, count,
                        error_message(error));
        }
        return true;
}

void rolling_put_back(Ec2Work *work, const char *group) {
        rolling_restore_max(work, group);
        group_processes_resume(work);
}

bool rolling_recreate(Ec2Work *work, const RollingSpec *spec, size_t *ret_count, Error **err) {
        CLEANUP(string_list_clear) StringList plan = { 0 };
        bool known = false;

        if (!work_recall_list(work, STEP_PLAN, &plan, &known, err) ||
            (!known && !make_plan(work, spec, &plan, err)))
                return false;
        *ret_count = plan.count;
        if (plan.count == 0)
                return true;
        bool good = run_batches(work, spec, &plan, err);
        if (!work_interrupted(work))
                rolling_put_back(work, spec->group);
        return good;
}

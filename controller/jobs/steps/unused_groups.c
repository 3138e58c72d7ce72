#include "jobs/steps/unused_groups.h"

#include "aws/elbv2.h"

#define STEP_UNUSED "balancers.unused"   /* ARNs */
#define STEP_SETTLED "balancers.settled" /* there are no others */

static bool ask(Ec2Work *work, const char *arn, bool *ret, Error **err) {
        CLEANUP(target_groups_clear) TargetGroups found = { 0 };
        CLEANUP(string_list_clear) StringList arns = { 0 };

        string_list_add(&arns, arn);
        if (!elbv2_describe_target_groups(work->session, &arns, &found, err))
                return false;
        *ret = found.count == 1 && found.items[0].load_balancer_arns.count == 0;
        return !*ret || work_remember_in_list(work, STEP_UNUSED, arn, err);
}

bool unused_groups_has(Ec2Work *work, const char *arn, bool *ret, Error **err) {
        CLEANUP(string_list_clear) StringList unused = { 0 }, settled = { 0 };
        bool known = false, is_settled = false;

        if (!work_recall_list(work, STEP_UNUSED, &unused, &known, err) ||
            !work_recall_list(work, STEP_SETTLED, &settled, &is_settled, err))
                return false;
        *ret = string_list_contains(&unused, arn);
        return *ret || is_settled || ask(work, arn, ret, err);
}

bool unused_groups_settle(Ec2Work *work, Error **err) {
        return work->remember(work->context, STEP_SETTLED, "", err);
}

#include "jobs/steps/group_refresh.h"

#include "aws/autoscaling.h"
#include "base/memory.h"

bool group_refresh_check(Ec2Work *work, const char *group, Error **err) {
        CLEANUP(asg_refresh_clear) AsgRefresh refresh = { 0 };

        if (!asg_find_running_refresh(work->session, group, &refresh, err))
                return false;
        return text_empty(refresh.id) ||
               error_set(
                       err, ERROR_CONFLICT,
                       "instance refresh %s of Auto Scaling group %s is %s (%lld %%), Ghost did not start "
                       "it: wait for its end or cancel it (aws autoscaling cancel-instance-refresh), then "
                       "run this again",
                       refresh.id, group, refresh.status, (long long) refresh.percent);
}

/* updateautoscaling: the application's Auto Scaling group as the application describes it. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/job_scaling.h"
#include "store/breaker_store.h"

static bool update_autoscaling_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;

        job_ec2_init(&ec2, job);
        const ScalingGroupSpec spec = job_scaling_spec(&ec2);
        if (text_empty(spec.name)) {
                job_log(job, "The application names no Auto Scaling group (autoscale.name): nothing to do");
                return true;
        }
        if (!scaling_group_update(&ec2.work, &spec, true, err) ||
            !breaker_store_reset(job->services->store, job->app_id, err))
                return false;
        *ret_message = xasprintf("AutoScaling [%s] updated", spec.name);
        return true;
}

const Command command_update_autoscaling = {
        .name = "updateautoscaling",
        .run = update_autoscaling_run,
};

/* updatelifecyclehooks: instances to come bootstrap with the application's hooks as they are now. They get
 * the hooks over the link when they boot; what is left to do is to see that these can be used, and that the
 * group launches instances that come for them. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/job_scaling.h"
#include "store/breaker_store.h"

static bool check_hooks(const JobEc2 *ec2, Error **err) {
        static const char *const names[] = { "pre_bootstrap", "post_bootstrap", "pre_buildimage",
                                             "post_buildimage" };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                CLEANUP(free) char *script = NULL;

                if (!job_ec2_hook(ec2, names[i], &script, err))
                        return false;
                if (script && !text_starts_with(script, "#!"))
                        job_log(ec2->job, "WARNING: hook %s does not say in its first line what runs it (#!)",
                                names[i]);
        }
        return true;
}

static bool update(JobEc2 *ec2, Error **err) {
        const ScalingGroupSpec spec = job_scaling_spec(ec2);

        if (!check_hooks(ec2, err) || !breaker_store_reset(ec2->job->services->store, ec2->job->app_id, err))
                return false;
        if (!text_empty(spec.name) && !text_empty(ec2->app.image_id))
                return scaling_group_update(&ec2->work, &spec, false, err);
        job_log(ec2->job, "The application has no %s: instances get the hooks when they boot",
                text_empty(spec.name) ? "Auto Scaling group" : "image yet");
        return true;
}

static bool update_lifecycle_hooks_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;

        job_ec2_init(&ec2, job);
        if (!update(&ec2, err)) {
                if (error_kind(*err) != ERROR_CANCELLED)
                        *ret_message = xasprintf("Scripts Update Failed: %s", error_message(*err));
                return false;
        }
        *ret_message = xstrdup("Scripts Update OK");
        return true;
}

const Command command_update_lifecycle_hooks = {
        .name = "updatelifecyclehooks",
        .run = update_lifecycle_hooks_run,
};

/* updatelifecyclehooks: instances to come bootstrap with the application's hooks and variables as they are
 * now. They get them over the link when they boot; what is left to do is to see that these can be used, that
 * the group launches instances that come for them, and to say that they are in use. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/boot_hooks.h"
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

/* A group that launches nothing goes on with the new hooks, never with those that it failed with. */
static bool take_into_use(const JobContext *job, Error **err) {
        Store *store = job->services->store;

        if (!store_begin(store, err))
                return false;
        if (!boot_hooks_update(store, job->app_id, job->app, err) ||
            !breaker_store_reset(store, job->app_id, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool update(JobEc2 *ec2, Error **err) {
        const ScalingGroupSpec spec = job_scaling_spec(ec2);

        if (!check_hooks(ec2, err))
                return false;
        if (text_empty(spec.name) || text_empty(ec2->app.image_id))
                job_log(ec2->job, "The application has no %s: instances get the hooks when they boot",
                        text_empty(spec.name) ? "Auto Scaling group" : "image yet");
        else if (!scaling_group_update(&ec2->work, &spec, false, err))
                return false;
        return take_into_use(ec2->job, err);
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

#include "jobs/steps/create.h"

#include <stdlib.h>

#include "jobs/steps/await_agent.h"
#include "jobs/steps/bake.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/launch_instance.h"

static bool bring_up(Ec2Work *work, const char *id, Error **err) {
        CLEANUP(free) char *agent_id = NULL;

        work_log(work, "Waiting for the agent of %s", id);
        if (!await_agent(work, id, &agent_id, err))
                return false;
        work_log(work, "Bootstrapping %s", id);
        return work->bootstrap(work->context, agent_id, err) || error_prefix(err, "bootstrap of %s", id);
}

/* Stays in its record when it is ended. */
static void note_failure(Ec2Work *work, const char *id, const Error *failed) {
        CLEANUP(error_free) Error *error = NULL;

        if (work->failed && error_kind(failed) != ERROR_CANCELLED &&
            !work->failed(work->context, id, error_message(failed), &error))
                work_log(work, "the failure of %s was not recorded: %s", id, error_message(error));
}

bool create_one(Ec2Work *work, const Ec2App *app, const LaunchSpec *launch, Ec2Instance *ret, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!launch_instance(work, app, launch, ret, err))
                return false;
        if (bring_up(work, ret->id, &failed))
                return true;
        note_failure(work, ret->id, failed);
        *err = TAKE(failed);
        return false;
}

static bool run_steps(Ec2Work *work, const CreateSpec *spec, Ec2Instance *ret, Error **err) {
        const LaunchSpec launch = { .purpose = "instance",
                                    .subnet_id = spec->subnet_id,
                                    .private_ip = spec->private_ip };

        return create_one(work, spec->app, &launch, ret, err);
}

/* Launches that a lost answer hid from us: the job wants one instance. */
static void end_doubles(Ec2Work *work, const char *keep_id) {
        CLEANUP(string_list_clear) StringList kept = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        string_list_add(&kept, keep_id);
        if (!discard_job_but(work, &kept, &error))
                work_log(work, "%s", error_message(error));
}

bool create_instance(Ec2Work *work, const CreateSpec *spec, Ec2Instance *ret, Error **err) {
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (run_steps(work, spec, &instance, err)) {
                end_doubles(work, instance.id);
                *ret = instance;
                instance = (Ec2Instance){ 0 };
                return true;
        }
        if (work->interrupted && work->interrupted(work->context))
                return false;
        if (error_kind(*err) != ERROR_CANCELLED)
                bake_log_console(work);
        if (!discard_job(work, false, NULL, &error))
                work_log(
                        work, "%s; please remove what is tagged ghost:job=%s yourself", error_message(error),
                        work->job_id);
        return false;
}

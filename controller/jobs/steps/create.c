#include "jobs/steps/create.h"

#include <stdlib.h>

#include "jobs/steps/await_agent.h"
#include "jobs/steps/bake.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/launch_instance.h"

static bool run_steps(Ec2Work *work, const CreateSpec *spec, Ec2Instance *ret, Error **err) {
        const LaunchSpec launch = { .purpose = "instance",
                                    .subnet_id = spec->subnet_id,
                                    .private_ip = spec->private_ip };
        CLEANUP(free) char *agent_id = NULL;

        if (!launch_instance(work, spec->app, &launch, ret, err))
                return false;
        work_log(work, "Waiting for the agent of %s", ret->id);
        if (!await_agent(work, ret->id, &agent_id, err))
                return false;
        work_log(work, "Bootstrapping %s", ret->id);
        return work->bootstrap(work->context, agent_id, err) || error_prefix(err, "bootstrap of %s", ret->id);
}

/* Launches that a lost answer hid from us: the job wants one instance. */
static void end_doubles(Ec2Work *work, const char *keep_id) {
        CLEANUP(ec2_filters_clear) Ec2Filters filters = { 0 };
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        ec2_filters_add_tag(&filters, "ghost:job", work->job_id);
        ec2_filters_add_living(&filters);
        if (!ec2_describe_instances(work->session, &filters, &found, &error)) {
                work_log(work, "%s", error_message(error));
                return;
        }
        for (size_t i = 0; i < found.count; i++)
                if (!text_equal(found.items[i].id, keep_id)) {
                        work_log(work, "Terminating instance %s, launched twice", found.items[i].id);
                        string_list_add(&ids, found.items[i].id);
                }
        if (!ec2_terminate_instances(work->session, &ids, &error))
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

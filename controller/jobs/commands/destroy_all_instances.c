/* destroyallinstances: ends every instance of the application. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/app_instances.h"
#include "jobs/steps/destroy.h"
#include "jobs/steps/job_ec2.h"

#define STEP_IDS "destroy.ids" /* what a group launches meanwhile is not among them */

static bool find_ids(JobEc2 *ec2, StringList *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        bool known = false;

        if (!work_recall_list(&ec2->work, STEP_IDS, ret, &known, err))
                return false;
        if (known)
                return true;
        if (!find_app_instances(&ec2->work, &ec2->app, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                job_log(ec2->job, "To be terminated: %s (%s)", found.items[i].id, found.items[i].private_ip);
                string_list_add(ret, found.items[i].id);
        }
        return work_remember_list(&ec2->work, STEP_IDS, ret, err);
}

static bool destroy_all(JobEc2 *ec2, Error **err) {
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };
        const DestroySpec spec = { .group = document_get_string(ec2->job->app, "autoscale.name"),
                                   .ids = &ids };

        if (!find_ids(ec2, &ids, err))
                return false;
        bool gone = destroy_instances(&ec2->work, &spec, &result, err);
        for (size_t i = 0; i < result.replaced_by.count; i++)
                job_log(ec2->job,
                        "Auto Scaling group %s launches others in their place: to have none, set "
                        "autoscale.min and the group's desired capacity to 0",
                        result.replaced_by.items[i]);
        return gone;
}

static bool destroy_all_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;

        job_ec2_init(&ec2, job);
        if (!destroy_all(&ec2, err)) {
                if (error_kind(*err) != ERROR_CANCELLED)
                        *ret_message = xasprintf(
                                "Destroy all instances Failed: [%s]\n%s", ec2.app.name, error_message(*err));
                return false;
        }
        *ret_message = xasprintf("Instance deletion OK: [%s]", ec2.app.name);
        return true;
}

const Command command_destroy_all_instances = {
        .name = "destroyallinstances",
        .run = destroy_all_run,
};

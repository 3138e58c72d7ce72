/* destroyallinstances: ends every instance of the application. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/job_ec2.h"

static bool destroy_all(JobEc2 *ec2, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        if (!find_app_instances(&ec2->work, &ec2->app, &found, err))
                return false;
        for (size_t i = 0; i < found.count; i++) {
                work_log(
                        &ec2->work, "Terminating instance %s (%s)", found.items[i].id,
                        found.items[i].private_ip);
                string_list_add(&ids, found.items[i].id);
        }
        return discard_instances(&ec2->work, &ids, err);
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

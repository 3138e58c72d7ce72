/* createinstance: one more instance of the application, outside its Auto Scaling group. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/create.h"
#include "jobs/steps/job_ec2.h"

static bool create_instance_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        CLEANUP(ec2_instance_clear) Ec2Instance instance = { 0 };

        job_ec2_init(&ec2, job);
        if (text_empty(ec2.app.image_id))
                return error_set(err, ERROR_CONFLICT, "ERROR: No AMI set, please use buildimage before");
        const CreateSpec spec = { .app = &ec2.app,
                                  .subnet_id = job_option(job, 0),
                                  .private_ip = job_option(job, 1) };
        if (!create_instance(&ec2.work, &spec, &instance, err)) {
                if (error_kind(*err) != ERROR_CANCELLED)
                        *ret_message = xasprintf(
                                "Creating Instance Failed: [%s]\n%s", ec2.app.name, error_message(*err));
                return false;
        }
        *ret_message = xasprintf(
                "Creating Instance OK: [%s]\n\nPublic IP: %s", ec2.app.name,
                *instance.public_ip ? instance.public_ip : "None");
        return true;
}

const Command command_create_instance = {
        .name = "createinstance",
        .run = create_instance_run,
};

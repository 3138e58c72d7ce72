/* destroyinstance: ends one instance of the application, named by its id. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/discard.h"
#include "jobs/steps/job_ec2.h"

static bool looks_like_instance(const char *id) {
        return text_starts_with(id, "i-") && id[2] && !id[2 + strspn(id + 2, "0123456789abcdef")];
}

/* Not there any more is success; somebody else's is refused. */
static bool is_ours(JobEc2 *ec2, const char *id, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances ours = { 0 }, any = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        string_list_add(&ids, id);
        if (!find_app_instances(&ec2->work, &ec2->app, &ours, err))
                return false;
        for (size_t i = 0; i < ours.count; i++)
                if (text_equal(ours.items[i].id, id))
                        return true;
        if (!ec2_find_instances(&ec2->session, &ids, &any, err))
                return false;
        if (any.count == 0 || any.items[0].state == EC2_TERMINATED)
                return true;
        return error_set(err, ERROR_FORBIDDEN, "instance %s is not one of %s", id, ec2->app.name);
}

static bool destroy_instance_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        CLEANUP(string_list_clear) StringList ids = { 0 };
        const char *id = job_option(job, 0);

        job_ec2_init(&ec2, job);
        if (!looks_like_instance(id))
                return job_abort(
                        job, err, "options: the id of the instance is required, such as i-0123456789abcdef0");
        string_list_add(&ids, id);
        if (!is_ours(&ec2, id, err) || !discard_instances(&ec2.work, &ids, err))
                return error_prefix(err, "Destroy instance Failed: [%s]", ec2.app.name);
        *ret_message = xasprintf("Instance deletion OK: [%s]", ec2.app.name);
        return true;
}

const Command command_destroy_instance = {
        .name = "destroyinstance",
        .run = destroy_instance_run,
};

/* destroyinstance: ends one instance of the application, named by its id or private address. */
#include <stdlib.h>
#include <string.h>

#include "aws/ec2_wait.h"
#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/app_instances.h"
#include "jobs/steps/destroy.h"
#include "jobs/steps/job_ec2.h"

static bool looks_like_instance(const char *id) {
        return text_starts_with(id, "i-") && id[2] && !id[2 + strspn(id + 2, "0123456789abcdef")];
}

static bool looks_like_address(const char *text) {
        return strchr(text, '.') && !text[strspn(text, "0123456789.")];
}

/* Not there any more is success; somebody else's is refused. */
static bool check_owner(JobEc2 *ec2, const char *id, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances any = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        string_list_add(&ids, id);
        if (!ec2_seek_instances(&ec2->session, &ids, &any, err))
                return false;
        if (any.count == 0 || any.items[0].state == EC2_TERMINATED)
                return true;
        return error_set(err, ERROR_FORBIDDEN, "instance %s is not one of %s", id, ec2->app.name);
}

/* named: an id or an address. */
static bool find_id(JobEc2 *ec2, const char *named, StringList *ret, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances ours = { 0 };

        if (!find_app_instances(&ec2->work, &ec2->app, &ours, err))
                return false;
        for (size_t i = 0; i < ours.count; i++)
                if (text_equal(ours.items[i].id, named) || text_equal(ours.items[i].private_ip, named)) {
                        string_list_add(ret, ours.items[i].id);
                        return true;
                }
        if (looks_like_address(named))
                return error_set(
                        err, ERROR_NOT_FOUND, "%s has no instance with the address %s", ec2->app.name, named);
        string_list_add(ret, named);
        return check_owner(ec2, named, err);
}

/* A resumed job ends the instance it meant at first: its address may be another's by now. */
static bool find_once(JobEc2 *ec2, const char *named, StringList *ret, Error **err) {
        bool known = false;

        return work_recall_list(&ec2->work, "destroy.ids", ret, &known, err) &&
               (known ||
                (find_id(ec2, named, ret, err) && work_remember_list(&ec2->work, "destroy.ids", ret, err)));
}

static bool destroy_instance_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(destroy_result_clear) DestroyResult result = { 0 };
        const char *named = job_option(job, 0);

        job_ec2_init(&ec2, job);
        if (!looks_like_instance(named) && !looks_like_address(named))
                return job_abort(
                        job, err,
                        "options: the id of the instance is required, such as i-0123456789abcdef0, or its "
                        "private address");
        const DestroySpec spec = { .group = document_get_string(job->app, "autoscale.name"),
                                   .ids = &ids,
                                   .shrink = true };
        if (!find_once(&ec2, named, &ids, err) || !destroy_instances(&ec2.work, &spec, &result, err))
                return error_prefix(err, "Destroy instance Failed: [%s]", ec2.app.name);
        *ret_message =
                result.replaced_by.count > 0
                        ? xasprintf(
                                  "Instance deletion OK: [%s] (Auto Scaling group %s is at its minimum: it "
                                  "launches another)",
                                  ec2.app.name, result.replaced_by.items[0])
                        : xasprintf("Instance deletion OK: [%s]", ec2.app.name);
        return true;
}

const Command command_destroy_instance = {
        .name = "destroyinstance",
        .run = destroy_instance_run,
};

/* recreateinstances: every instance anew, those of an Auto Scaling group batch by batch while it serves,
 * those without one at their former addresses. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/job_scaling.h"
#include "jobs/steps/recreate.h"
#include "jobs/steps/rolling.h"

#define STEP_WAY "recreate.way" /* "rolling" or "standalone": decided once */

/* A group that appears or goes while the job is resumed does not change what it does. */
static bool choose_way(JobEc2 *ec2, const char *group_name, bool *ret_rolling, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *way = NULL;

        if (!job_recall(ec2->job, STEP_WAY, &way, err))
                return false;
        if (way) {
                *ret_rolling = text_equal(way, "rolling");
                return true;
        }
        *ret_rolling =
                !text_empty(group_name) && asg_describe_group(&ec2->session, group_name, &group, &error);
        if (error && error_kind(error) != ERROR_NOT_FOUND) {
                *err = TAKE(error);
                return false;
        }
        if (error)
                job_log(ec2->job, "WARNING: Auto-scaling group %s not found", group_name);
        return job_remember(ec2->job, STEP_WAY, *ret_rolling ? "rolling" : "standalone", err);
}

static bool roll(JobEc2 *ec2, const char *group, size_t *ret_count, Error **err) {
        const char *balancer = document_get_string(ec2->job->app, "safe-deployment.load_balancer_type");
        const RollingSpec spec = { .group = group,
                                   .strategy = job_option(ec2->job, 0),
                                   .ready_timeout_ms = job_scaling_ready_ms(ec2->job) };

        if (text_equal(balancer, "haproxy"))
                return error_set(
                        err, ERROR_INVALID, "Load balancer type not supported for Rolling update option");
        return rolling_recreate(&ec2->work, &spec, ret_count, err);
}

static bool recreate(JobEc2 *ec2, size_t *ret_count, Error **err) {
        const char *group = document_get_string(ec2->job->app, "autoscale.name");
        bool rolling = false;

        if (!choose_way(ec2, group, &rolling, err))
                return false;
        return rolling ? roll(ec2, group, ret_count, err)
                       : recreate_standalone(&ec2->work, &ec2->app, ret_count, err);
}

static bool recreate_instances_run(JobContext *job, char **ret_message, Error **err) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        size_t count = 0;

        job_ec2_init(&ec2, job);
        if (text_empty(ec2.app.image_id))
                return job_abort(job, err, "ERROR: No AMI set, please use buildimage before");
        if (!recreate(&ec2, &count, err)) {
                *ret_message = xasprintf(
                        "Re-create instances %s: [%s]\n%s",
                        error_kind(*err) == ERROR_CANCELLED ? "Cancelled" : "Failed", ec2.app.name,
                        error_message(*err));
                return false;
        }
        if (count == 0)
                return job_abort(
                        job, err, "Re-create instances aborted, no instances found: [%s]", ec2.app.name);
        *ret_message = xasprintf("Re-create instances OK: [%s]", ec2.app.name);
        return true;
}

static void describe(JobContext *job, Text *ret) {
        CLEANUP(free) char *way = NULL, *places = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!job_recall(job, STEP_WAY, &way, &ignored) || !way)
                text_append(ret, "Nothing was changed");
        else if (text_equal(way, "rolling"))
                text_append(ret, "The batches its log names are done; the group's sizes are as before");
        else if (job_recall(job, "recreate.places", &places, &ignored) && places)
                text_appendf(
                        ret, "These were to be ended and made anew, its log says which have been: %s",
                        places);
}

static void put_back(JobContext *job) {
        CLEANUP(job_ec2_clear) JobEc2 ec2;

        job_ec2_init(&ec2, job);
        rolling_put_back(&ec2.work, document_get_string(job->app, "autoscale.name"));
}

const Command command_recreate_instances = {
        .name = "recreateinstances",
        .run = recreate_instances_run,
        .describe = describe,
        .put_back = put_back,
};

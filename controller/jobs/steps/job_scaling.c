#include "jobs/steps/job_scaling.h"

#include "base/memory.h"
#include "jobs/steps/group_processes.h"
#include "jobs/steps/group_refresh.h"

#define STEP_LOOKED "scaling.refresh" /* that none ran when the job began */

enum { LOOK_TIMEOUT_MS = 60 * 1000, SHORTEST_HEARTBEAT_S = 30 /* that AWS takes */ };

static int64_t size_of(const Document *app, const char *path) {
        const Document *value = document_get(app, path);

        return value && !document_is_null(value) ? document_int_value(value) : -1;
}

ScalingGroupSpec job_scaling_spec(const JobEc2 *ec2) {
        const Document *app = ec2->job->app, *metrics = document_get(app, "autoscale.enable_metrics");
        int64_t ready_s = ec2->job->services->limits.group_ready_ms / 1000;

        return (ScalingGroupSpec){ .app = &ec2->app,
                                   .name = document_get_string(app, "autoscale.name"),
                                   .min_size = size_of(app, "autoscale.min"),
                                   .max_size = size_of(app, "autoscale.max"),
                                   .metrics = !metrics || document_is_true(metrics),
                                   .heartbeat_s =
                                           ready_s > SHORTEST_HEARTBEAT_S ? ready_s : SHORTEST_HEARTBEAT_S };
}

int64_t job_scaling_ready_ms(const JobContext *job) {
        return job->services->limits.group_ready_ms + job->services->limits.boot_timeout_ms;
}

/* ---- standing still ---- */

static bool is_pending(AsgInstanceState state) {
        return state == ASG_PENDING || state == ASG_PENDING_WAIT || state == ASG_PENDING_PROCEED;
}

static void list_pending(const AutoScalingGroup *group, Text *ret) {
        for (size_t i = 0; i < group->instances.count; i++)
                if (is_pending(group->instances.items[i].state))
                        text_appendf(ret, "%s%s", ret->length > 0 ? ", " : "", group->instances.items[i].id);
}

static bool wait_pending(JobEc2 *ec2, const char *name, Error **err) {
        Deadline deadline = deadline_after_ms(job_scaling_ready_ms(ec2->job));
        bool told = false;

        for (;;) {
                CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
                CLEANUP(text_clear) Text pending = { 0 };

                if (!asg_describe_group(&ec2->session, name, &group, err))
                        return false;
                list_pending(&group, &pending);
                if (pending.length == 0)
                        return true;
                if (deadline_passed(deadline)) {
                        job_log(ec2->job, "%s still boots; going on without it", pending.data);
                        return true;
                }
                if (!told)
                        job_log(ec2->job, "Waiting for what boots in Auto-scaling group %s: %s", name,
                                pending.data);
                told = true;
                if (!aws_session_sleep(&ec2->session, aws_poll_interval_ms(ec2->session.aws), err))
                        return false;
        }
}

/* A refresh and a deploy that holds the group would wait for each other. Looked at once: a refresh that
 * begins later waits for the deploy's end. *ret_refused: the job is not to go on. */
static bool check_refresh(JobEc2 *ec2, const char *name, bool *ret_refused, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *looked = NULL;

        *ret_refused = false;
        if (!job_recall(ec2->job, STEP_LOOKED, &looked, err))
                return false;
        if (!looked && !group_refresh_check(&ec2->work, name, &error)) {
                *ret_refused = error_kind(error) == ERROR_CONFLICT;
                *err = TAKE(error);
                return false;
        }
        return job_remember(ec2->job, STEP_LOOKED, "yes", err);
}

static bool hold(JobEc2 *ec2, const char *name, bool *ret_refused, Error **err) {
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        Deadline jobs_own = ec2->session.deadline;

        /* A deploy does not depend on AWS answering. */
        ec2->session.deadline = deadline_earlier(jobs_own, deadline_after_ms(LOOK_TIMEOUT_MS));
        bool found = asg_describe_group(&ec2->session, name, &group, &error),
             free_to_go = found && check_refresh(ec2, name, ret_refused, err);
        ec2->session.deadline = jobs_own;
        if (!found && error_kind(error) == ERROR_NOT_FOUND) {
                job_log(ec2->job, "WARNING: Auto-scaling group %s not found", name);
                return true;
        }
        if (!found) {
                *err = TAKE(error);
                return false;
        }
        job_log(ec2->job, "INFO: Auto-scaling group %s found", name);
        return free_to_go && group_processes_hold(&ec2->work, &group, err) && wait_pending(ec2, name, err);
}

static const char *group_of(const JobContext *job) {
        return job->services->aws ? document_get_string(job->app, "autoscale.name") : "";
}

bool job_scaling_hold(JobContext *job, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        bool refused = false;

        if (text_empty(group_of(job)))
                return true;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        if (hold(&ec2, group_of(job), &refused, &error))
                return true;
        if (!job_check(job, err))
                return false;
        if (refused) {
                *err = TAKE(error);
                return false;
        }
        job_log(job, "WARNING: Auto-scaling group %s may scale meanwhile: %s", group_of(job),
                error_message(error));
        return true;
}

void job_scaling_release(JobContext *job) {
        if (text_empty(group_of(job)))
                return;
        CLEANUP(job_ec2_clear) JobEc2 ec2;
        job_ec2_init(&ec2, job);
        group_processes_resume(&ec2.work);
}

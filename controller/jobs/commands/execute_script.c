/* executescript: a user's script on every instance, or on a single one. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/command.h"
#include "jobs/steps/approval.h"
#include "jobs/steps/fleet.h"
#include "jobs/steps/fleet_choice.h"
#include "jobs/steps/job_balancer.h"
#include "jobs/steps/job_scaling.h"
#include "jobs/steps/script_order.h"

#define ACTION "script" /* in the job's memory */
#define STEP "script"
#define DOING "Running the script"

static void start(
        JobContext *job, void *context, const FleetTarget *target, const char *step, AgentTask *ret) {
        script_order_start(job, context, target, step, ret);
}

static bool on_all(
        JobContext *job, ScriptOrder *script, const JobOptions *options, FleetResult *result, Error **err) {
        const FleetAction action = { .name = ACTION,
                                     .words = { .doing = DOING,
                                                .done = "the script ended well",
                                                .failed = "Script execution error on:",
                                                .kept = "run on",
                                                .untouched = "not run on" },
                                     .step = STEP,
                                     .start = start,
                                     .context = script };
        CLEANUP(job_balancer_clear) JobBalancer balancer = { 0 };
        JobOptions chosen = *options;
        FleetSpec spec = { .action = &action, .options = &chosen };

        fleet_script_options(job->app, &chosen);
        if (!job_scaling_hold(job, err))
                return false;
        bool ok = job_balancer_open(job, &chosen, &balancer, err);
        spec.balancer = balancer.balancer;
        ok = ok && fleet_run(job, &spec, result, err);
        job_scaling_release(job);
        return ok && (result->instances > 0 || result->failed.count > 0 ||
                      error_set(
                              err, ERROR_NOT_FOUND, "no instance of the application is %s",
                              result->left_out.count > 0 ? "ready" : "running"));
}

/* By its address, or EC2's id. */
static bool find_single(JobContext *job, const char *named, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *all = NULL;

        document_set_string(where, "app_id", job->app_id);
        if (!collection_find(job->services->store, COLLECTION_INSTANCES, where, &all, err))
                return false;
        for (size_t i = 0; i < document_count(all); i++) {
                const Document *one = document_at(all, i);
                if (!text_equal(document_get_string(one, "private_ip"), named) &&
                    !text_equal(document_get_string(one, "instance_id"), named))
                        continue;
                if (text_equal(document_get_string(one, "state"), "gone"))
                        continue;
                if (!*document_get_string(one, "agent_id"))
                        return error_set(
                                err, ERROR_UNAVAILABLE, "%s: no agent of it is known",
                                document_get_string(one, "instance_id"));
                *ret = document_copy(one);
                return true;
        }
        return error_set(err, ERROR_NOT_FOUND, "%.80s is no instance of the application", named);
}

static void show(JobContext *job, size_t done, size_t failed) {
        const JobProgress progress = {
                .phase = DOING, .total = 1, .done = done, .failed = failed, .batch = 1, .batches = 1
        };

        job_progress_set(job, &progress, true);
}

/* Neither its balancer nor its group has to know. */
static bool on_single(JobContext *job, const ScriptOrder *script, const JobOptions *options, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(agent_task_clear) AgentTask task = { 0 };

        if (!find_single(job, options->address, &instance, err))
                return false;
        const FleetTarget target = { .instance_id = document_get_string(instance, "instance_id"),
                                     .agent_id = document_get_string(instance, "agent_id") };
        job_log(job, "Running the script on %s alone", target.instance_id);
        show(job, 0, 0);
        script_order_start(job, script, &target, STEP, &task);
        if (!agent_tasks_wait(job, &task, 1, false, err))
                return false;
        show(job, task.ok, !task.ok);
        if (!task.ok)
                return error_set(
                        err, task.kind, "Script execution error on: %s (%.2000s)", target.instance_id,
                        task.message);
        job_log(job, "%s: the script ended well", target.instance_id);
        return true;
}

static char *failure(const JobContext *job, const Error *why) {
        return xasprintf(
                "Execute script %s for app [%s] %s",
                error_kind(why) == ERROR_CANCELLED ? "Cancelled" : "Failed",
                document_get_string(job->app, "name"), error_message(why));
}

static bool run(JobContext *job, char **ret_message, Error **err) {
        const char *app = document_get_string(job->app, "name");
        CLEANUP(script_order_clear) ScriptOrder script = { 0 };
        CLEANUP(fleet_result_clear) FleetResult result = { 0 };
        CLEANUP(text_clear) Text message = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        JobOptions options;

        if (!job_options_read("executescript", document_get(job->job, "options"), &options, &why) ||
            !script_order_read(job, &options, &script, &why))
                return job_abort(
                        job, err, "Execute script Aborted for app [%s] - %s", app, error_message(why));
        bool ok = approval_await_start(job, &options, &why) &&
                  (options.execution == EXECUTION_SINGLE ? on_single(job, &script, &options, &why)
                                                         : on_all(job, &script, &options, &result, &why));
        if (!ok) {
                *ret_message = failure(job, why);
                return error_set(err, error_kind(why), "%s", error_message(why));
        }
        text_appendf(&message, "Execute script OK for app [%s]", app);
        if (result.left_out.count > 0 || result.failed.count > 0)
                fleet_note(&result, &message);
        *ret_message = text_take(&message);
        return true;
}

static void describe(JobContext *job, Text *ret) {
        text_append(ret, "the script was given, perhaps not to its end, to ");
        fleet_describe(job, ACTION, ret);
}

static void put_back(JobContext *job) {
        job_balancer_put_back(job);
        job_scaling_release(job);
}

const Command command_execute_script = {
        .name = "executescript",
        .run = run,
        .describe = describe,
        .put_back = put_back,
};

#include "jobs/steps/roll_out.h"

#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/fleet_state.h"
#include "jobs/steps/module_health.h"
#include "store/deviation_store.h"
#include "store/release_store.h"

enum { STORE_RETRY_MS = 500 };

#define ROLL_OUT_PREVIOUS "previous" /* the release that was wanted before; "": none */

/* ---- what is wanted ---- */

static bool previous_release(JobContext *job, const char *module, char **ret, Error **err) {
        CLEANUP(free) char *step = fleet_step(ROLL_OUT_PREVIOUS, module);

        return job_recall(job, step, ret, err);
}

/* What the module had before this job; remembered before anything is changed, and last thing a stop is obeyed
 * without going back. */
static bool prepare(JobContext *job, void *context, Error **err) {
        const RollOut *plan = context;
        CLEANUP(free) char *step = fleet_step(ROLL_OUT_PREVIOUS, plan->module);
        CLEANUP(free) char *wanted = NULL;
        CLEANUP(free) char *known = NULL;

        if (!previous_release(job, plan->module, &known, err) || known)
                return known != NULL;
        return job_check(job, err) &&
               release_store_get(job->services->store, job->app_id, plan->module, &wanted, err) &&
               job_remember(job, step, wanted ? wanted : "", err);
}

static bool begin(JobContext *job, void *context, Error **err) {
        const RollOut *plan = context;

        return release_store_set(job->services->store, job->app_id, plan->module, plan->manifest_sha256, err);
}

/* The database may be on a full disk: what is wanted must be true before the job can end. */
static bool put_back(JobContext *job, const char *module, const char *previous, Error **err) {
        for (;;) {
                CLEANUP(error_free) Error *failed = NULL;

                if (release_store_set(job->services->store, job->app_id, module, previous, &failed))
                        return true;
                job_log(job, "The wanted release is not put back yet: %s", error_message(failed));
                if (job_interrupted(job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                if (error_kind(failed) != ERROR_UNAVAILABLE)
                        return error_set(err, error_kind(failed), "%s", error_message(failed));
                clock_sleep_ms(STORE_RETRY_MS);
        }
}

static bool stand_back(JobContext *job, void *context, Text *ret, Error **err) {
        const RollOut *plan = context;
        CLEANUP(free) char *previous = NULL;

        if (!previous_release(job, plan->module, &previous, err) ||
            !put_back(job, plan->module, previous ? previous : "", err))
                return false;
        text_append(
                ret, text_empty(previous) ? "no release is wanted, as before"
                                          : "the previous release is wanted again");
        return true;
}

/* ---- what an instance is told ---- */

static void start_deploy(
        JobContext *job, void *context, const FleetTarget *target, const char *step, AgentTask *ret) {
        const RollOut *plan = context;
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__DeployModule deploy = GHOST__DEPLOY_MODULE__INIT;
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };

        deploy.module = (char *) plan->module;
        deploy.manifest_sha256 = (char *) plan->manifest_sha256;
        deploy.keep_releases = job->services->limits.keep_releases;
        deploy.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        deploy.health = module_health_fill(job->app, plan->module, &health);
        order.action_case = GHOST__ORDER__ACTION_DEPLOY_MODULE;
        order.deploy_module = &deploy;
        agent_task_start(
                job,
                &(AgentTaskSpec){ .agent_id = target->agent_id,
                                  .instance_id = target->instance_id,
                                  .step = step,
                                  .order = &order },
                ret);
}

static void start_restore(
        JobContext *job, void *context, const FleetTarget *target, const char *step, AgentTask *ret) {
        const RollOut *plan = context;
        CLEANUP(free) char *previous = NULL;
        CLEANUP(error_free) Error *ignored = NULL; /* it was read before the first instance goes back */
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };

        (void) previous_release(job, plan->module, &previous, &ignored);
        restore.module = (char *) plan->module;
        restore.manifest_sha256 = previous ? previous : (char *) "";
        restore.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        restore.health = module_health_fill(job->app, plan->module, &health);
        order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
        order.restore_module = &restore;
        agent_task_start(
                job,
                &(AgentTaskSpec){ .agent_id = target->agent_id,
                                  .instance_id = target->instance_id,
                                  .step = step,
                                  .order = &order },
                ret);
}

/* ---- what it is left on ---- */

static void note(JobContext *job, const char *module, const char *instance_id, const char *why) {
        CLEANUP(free) char *wanted = NULL;
        CLEANUP(error_free) Error *failed = NULL;
        Deviation deviation = { .module = module, .job_id = job->id, .why = why };

        if (!release_store_get(job->services->store, job->app_id, module, &wanted, &failed)) {
                job_log(job, "%s: %s", instance_id, error_message(failed));
                return;
        }
        deviation.wanted = wanted ? wanted : "";
        if (!deviation_store_put(job->services->store, instance_id, &deviation, &failed))
                job_log(job, "%s: %s", instance_id, error_message(failed));
}

static void settle(JobContext *job, void *context, const char *instance_id, const char *why) {
        const RollOut *plan = context;

        note(job, plan->module, instance_id, why);
}

/* The instances of a job that is given up stay where they are. */
static void leave_all(JobContext *job, const char *module) {
        CLEANUP(document_free) Document *plan = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!fleet_recall(job, FLEET_PLAN, module, &plan, &ignored))
                return;
        const Document *instances = document_get(plan, "instances");
        for (size_t i = 0; i < document_count(instances); i++)
                note(job, module, document_get_string(document_at(instances, i), "instance"),
                     "the job that should have brought it was given up");
}

/* ---- the whole ---- */

static char *say_how_to_go_on(JobContext *job, const char *module) {
        return xasprintf(
                "to go on, deploy again; to bring all back to the previous release: ghost rollback %s %s",
                job->app_id, module);
}

bool roll_out(JobContext *job, const RollOut *plan, FleetResult *ret, Error **err) {
        CLEANUP(free) char *doing = xasprintf("Deploying module %s", plan->module);
        CLEANUP(free) char *step = xasprintf("deploy:%s:%s", plan->module, plan->manifest_sha256);
        CLEANUP(free) char *undo_step = xasprintf("restore:%s:%s", plan->module, plan->manifest_sha256);
        CLEANUP(free) char *mixed = say_how_to_go_on(job, plan->module);
        const FleetAction action = { .name = plan->module,
                                     .words = { .doing = doing,
                                                .done = "deployed",
                                                .failed = "Deploy error on:",
                                                .kept = "on the new release",
                                                .untouched = "unchanged",
                                                .undoing = "back to the previous release",
                                                .undone = "back on it",
                                                .went_back = "went back",
                                                .mixed = mixed },
                                     .step = step,
                                     .undo_step = undo_step,
                                     .prepare = prepare,
                                     .begin = begin,
                                     .start = start_deploy,
                                     .start_undo = start_restore,
                                     .stand_back = stand_back,
                                     .settle = settle,
                                     .context = (void *) plan };
        const FleetSpec spec = { .action = &action,
                                 .options = plan->options,
                                 .balancer = plan->balancer,
                                 .failed_before = &ret->failed_ids };

        return fleet_run(job, &spec, ret, err);
}

static bool recalls(JobContext *job, const char *what, const char *module) {
        CLEANUP(free) char *step = fleet_step(what, module);
        CLEANUP(free) char *value = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        return job_recall(job, step, &value, &ignored) && value;
}

void roll_out_describe(JobContext *job, const char *module, Text *ret) {
        CLEANUP(free) char *wanted = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!recalls(job, ROLL_OUT_PREVIOUS, module)) {
                text_appendf(ret, "%s: nothing was changed", module);
                return;
        }
        text_appendf(ret, "%s: ", module);
        if (!recalls(job, FLEET_DONE, module))
                leave_all(job, module);
        if (recalls(job, FLEET_DONE, module))
                text_append(ret, "the new release is live on ");
        else if (recalls(job, FLEET_UNDO, module))
                text_append(ret, "going back to the previous release was begun and may not be finished on ");
        else
                text_append(ret, "the new release was given, perhaps not to the end, to ");
        fleet_describe(job, module, ret);
        if (release_store_get(job->services->store, job->app_id, module, &wanted, &ignored))
                text_appendf(ret, "; wanted is %.12s", wanted ? wanted : "nothing");
}

#include "jobs/steps/roll_out.h"

#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/deploy_task.h"
#include "store/release_store.h"

bool roll_out_is_parallel(const char *strategy) {
        return text_equal(strategy, "parallel");
}

/* What the module had before this job; remembered before anything is changed. */
static bool find_previous(JobContext *job, const char *module, char **ret, Error **err) {
        CLEANUP(free) char *step = xasprintf("previous:%s", module);
        CLEANUP(free) char *wanted = NULL;

        if (!job_recall(job, step, ret, err) || *ret)
                return *ret != NULL;
        if (!release_store_get(job->services->store, job->app_id, module, &wanted, err))
                return false;
        *ret = wanted ? TAKE(wanted) : xstrdup("");
        return job_remember(job, step, *ret, err);
}

static bool is_target(JobContext *job, const Document *instance) {
        const char *id = document_get_string(instance, "instance_id");

        if (text_equal(document_get_string(instance, "purpose"), "bake") ||
            !text_equal(document_get_string(instance, "state"), "ready"))
                return false;
        if (document_get_bool(instance, "bootstrapped") && *document_get_string(instance, "agent_id"))
                return true;
        job_log(job, "%s is left out: it has not been bootstrapped", id);
        return false;
}

static bool find_targets(JobContext *job, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *all = NULL;

        document_set_string(where, "app_id", job->app_id);
        if (!collection_find(job->services->store, COLLECTION_INSTANCES, where, &all, err))
                return false;
        *ret = document_array();
        for (size_t i = 0; i < document_count(all); i++)
                if (is_target(job, document_at(all, i)))
                        document_append(*ret, document_copy(document_at(all, i)));
        return true;
}

static void start_deploy(JobContext *job, const RollOut *plan, const Document *instance, DeployTask *ret) {
        CLEANUP(free) char *step = xasprintf("deploy:%s:%s", plan->module, plan->manifest_sha256);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__DeployModule deploy = GHOST__DEPLOY_MODULE__INIT;

        deploy.module = (char *) plan->module;
        deploy.manifest_sha256 = (char *) plan->manifest_sha256;
        deploy.keep_releases = job->services->limits.keep_releases;
        deploy.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        order.action_case = GHOST__ORDER__ACTION_DEPLOY_MODULE;
        order.deploy_module = &deploy;
        deploy_task_start(
                job, &order, step, document_get_string(instance, "agent_id"),
                document_get_string(instance, "instance_id"), ret);
}

static void start_restore(
        JobContext *job, const RollOut *plan, const char *previous, const DeployTask *done, DeployTask *ret) {
        CLEANUP(free) char *step = xasprintf("restore:%s:%s", plan->module, plan->manifest_sha256);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;

        restore.module = (char *) plan->module;
        restore.manifest_sha256 = (char *) previous;
        restore.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
        order.restore_module = &restore;
        deploy_task_start(job, &order, step, done->agent_id, done->instance_id, ret);
}

/* Fails with what the failed instances said. */
static bool judge(JobContext *job, const DeployTask *tasks, size_t count, Error **err) {
        CLEANUP(text_clear) Text failed = { 0 };

        for (size_t i = 0; i < count; i++) {
                if (tasks[i].ok) {
                        job_log(job, "%s: deployed", tasks[i].instance_id);
                        continue;
                }
                job_log(job, "%s: %s", tasks[i].instance_id, tasks[i].message);
                text_appendf(
                        &failed, "%s%s (%s)", failed.length ? ", " : "", tasks[i].instance_id,
                        tasks[i].message);
        }
        return failed.length == 0 || error_set(err, ERROR_INTERNAL, "Deploy error on: %.2000s", failed.data);
}

/* *ret_started: how many of the tasks were given out. */
static bool deploy_all(
        JobContext *job, const RollOut *plan, const Document *targets, DeployTask *tasks, size_t *ret_started,
        Error **err) {
        size_t count = document_count(targets), batch = plan->parallel && count > 0 ? count : 1;

        for (*ret_started = 0; *ret_started < count;) {
                DeployTask *first = tasks + *ret_started;
                for (size_t i = 0; i < batch; i++)
                        start_deploy(job, plan, document_at(targets, *ret_started + i), first + i);
                *ret_started += batch;
                if (!deploy_tasks_wait(job, first, batch, false, err) || !judge(job, first, batch, err))
                        return false;
        }
        return true;
}

/* An instance that gave no receipt may have switched or may yet: it is told to go back as well. */
static void restore_all(
        JobContext *job, const RollOut *plan, const char *previous, const DeployTask *tasks, size_t count) {
        DeployTask *restores = xcalloc(count + 1, sizeof(*restores));
        CLEANUP(error_free) Error *failed = NULL;
        size_t started = 0;

        for (size_t i = 0; i < count; i++)
                if (tasks[i].ok || !tasks[i].receipt) {
                        job_log(job, "%s: back to the previous release", tasks[i].instance_id);
                        start_restore(job, plan, previous, &tasks[i], &restores[started++]);
                }
        if (!deploy_tasks_wait(job, restores, started, true, &failed))
                job_log(job, "Going back was not finished: %s", error_message(failed));
        for (size_t i = 0; i < started; i++) {
                if (restores[i].finished && !restores[i].ok)
                        job_log(job, "%s did not go back: %s", restores[i].instance_id, restores[i].message);
                deploy_task_clear(&restores[i]);
        }
        free(restores);
}

static void undo(
        JobContext *job, const RollOut *plan, const char *previous, const DeployTask *tasks, size_t count) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!release_store_set(job->services->store, job->app_id, plan->module, previous, &failed))
                job_log(job, "The manifest was not put back: %s", error_message(failed));
        restore_all(job, plan, previous, tasks, count);
}

bool roll_out(JobContext *job, const RollOut *plan, size_t *ret_instances, Error **err) {
        CLEANUP(document_free) Document *targets = NULL;
        CLEANUP(free) char *previous = NULL;
        size_t started = 0;

        if (!find_targets(job, &targets, err) || !find_previous(job, plan->module, &previous, err) ||
            !release_store_set(job->services->store, job->app_id, plan->module, plan->manifest_sha256, err))
                return false;
        *ret_instances = document_count(targets);
        if (*ret_instances == 0)
                job_log(job, "No instance is running: instances get the package when they boot");
        DeployTask *tasks = xcalloc(*ret_instances + 1, sizeof(*tasks));
        bool ok = deploy_all(job, plan, targets, tasks, &started, err);
        if (!ok && !job_interrupted(job))
                undo(job, plan, previous, tasks, started);
        for (size_t i = 0; i < started; i++)
                deploy_task_clear(&tasks[i]);
        free(tasks);
        return ok;
}

#include "jobs/steps/roll_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/agent_task.h"
#include "jobs/steps/roll_back.h"
#include "store/release_store.h"

void roll_out_result_clear(RollOutResult *result) {
        string_list_clear(&result->left_out);
        *result = (RollOutResult){ 0 };
}

bool roll_out_is_parallel(const char *strategy) {
        return text_equal(strategy, "parallel");
}

/* What the module had before this job; remembered before anything is changed, and last thing a stop is obeyed
 * without going back. */
static bool find_previous(JobContext *job, const char *module, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_PREVIOUS, module);
        CLEANUP(free) char *wanted = NULL;
        CLEANUP(free) char *known = NULL;

        if (!job_recall(job, step, &known, err) || known)
                return known != NULL;
        return job_check(job, err) &&
               release_store_get(job->services->store, job->app_id, module, &wanted, err) &&
               job_remember(job, step, wanted ? wanted : "", err);
}

static bool is_target(JobContext *job, const Document *instance, RollOutResult *result) {
        const char *id = document_get_string(instance, "instance_id");

        if (text_equal(document_get_string(instance, "purpose"), "bake") ||
            text_equal(document_get_string(instance, "state"), "gone") ||
            text_equal(document_get_string(instance, "state"), "terminating"))
                return false;
        if (document_get_bool(instance, "bootstrapped") && *document_get_string(instance, "agent_id"))
                return true;
        job_log(job, "%s is left out: it has not been bootstrapped", id);
        string_list_addf(&result->left_out, "%s (not bootstrapped)", id);
        return false;
}

static bool find_targets(JobContext *job, RollOutResult *result, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *all = NULL;

        document_set_string(where, "app_id", job->app_id);
        if (!collection_find(job->services->store, COLLECTION_INSTANCES, where, &all, err))
                return false;
        *ret = document_array();
        for (size_t i = 0; i < document_count(all); i++)
                if (is_target(job, document_at(all, i), result))
                        document_append(*ret, document_copy(document_at(all, i)));
        result->instances = document_count(*ret);
        return true;
}

/* Before the order leaves, so that a resumed job knows whom to send back. */
static bool remember_given(
        JobContext *job, const char *module, const Document *targets, size_t count, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_GIVEN, module);
        CLEANUP(document_free) Document *given = NULL;

        if (!roll_out_given(job, module, &given, err))
                return false;
        for (size_t i = 0; i < count; i++) {
                const char *agent = document_get_string(document_at(targets, i), "agent_id");
                bool known = false;
                for (size_t at = 0; at < document_count(given); at++)
                        known = known ||
                                text_equal(document_get_string(document_at(given, at), "agent"), agent);
                if (known)
                        continue;
                Document *one = document_object();
                document_set_string(one, "agent", agent);
                document_set_string(
                        one, "instance", document_get_string(document_at(targets, i), "instance_id"));
                document_append(given, one);
        }
        CLEANUP(free) char *now = document_text(given);
        return job_remember(job, step, now, err);
}

static void start_deploy(JobContext *job, const RollOut *plan, const Document *instance, AgentTask *ret) {
        CLEANUP(free) char *step = roll_out_task_step(plan);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__DeployModule deploy = GHOST__DEPLOY_MODULE__INIT;

        deploy.module = (char *) plan->module;
        deploy.manifest_sha256 = (char *) plan->manifest_sha256;
        deploy.keep_releases = job->services->limits.keep_releases;
        deploy.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        order.action_case = GHOST__ORDER__ACTION_DEPLOY_MODULE;
        order.deploy_module = &deploy;
        agent_task_start(
                job,
                &(AgentTaskSpec){ .agent_id = document_get_string(instance, "agent_id"),
                                  .instance_id = document_get_string(instance, "instance_id"),
                                  .step = step,
                                  .order = &order },
                ret);
}

/* Fails with what the failed instances said. */
static bool judge(JobContext *job, const AgentTask *tasks, size_t count, Error **err) {
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
        JobContext *job, const RollOut *plan, const Document *targets, AgentTask *tasks, size_t *ret_started,
        Error **err) {
        size_t count = document_count(targets), batch = plan->parallel && count > 0 ? count : 1;

        for (*ret_started = 0; *ret_started < count;) {
                AgentTask *first = tasks + *ret_started;
                if (!job_check(job, err) ||
                    !remember_given(job, plan->module, targets, *ret_started + batch, err))
                        return false;
                for (size_t i = 0; i < batch; i++)
                        start_deploy(job, plan, document_at(targets, *ret_started + i), first + i);
                *ret_started += batch;
                if (!agent_tasks_wait(job, first, batch, false, err) || !judge(job, first, batch, err))
                        return false;
        }
        return true;
}

static bool bring(JobContext *job, const RollOut *plan, const Document *targets, Error **err) {
        AgentTask *tasks = xcalloc(document_count(targets) + 1, sizeof(*tasks));
        CLEANUP(error_free) Error *why = NULL;
        size_t started = 0;

        bool ok = release_store_set(
                          job->services->store, job->app_id, plan->module, plan->manifest_sha256, &why) &&
                  deploy_all(job, plan, targets, tasks, &started, &why);
        if (!ok && error_kind(why) == ERROR_CANCELLED && job_interrupted(job))
                error_set(err, ERROR_CANCELLED, "%s", error_message(why)); /* the resumed job goes on */
        else if (!ok)
                roll_back(job, plan, why, tasks, started, err);
        for (size_t i = 0; i < started; i++)
                agent_task_clear(&tasks[i]);
        free(tasks);
        return ok;
}

static bool recalls(JobContext *job, const char *what, const char *module) {
        CLEANUP(free) char *step = roll_out_step(what, module);
        CLEANUP(free) char *value = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        return job_recall(job, step, &value, &ignored) && value;
}

/* It was finished before the job was resumed. */
static bool finished_before(JobContext *job, const char *module, RollOutResult *ret, Error **err) {
        CLEANUP(document_free) Document *given = NULL;

        if (!roll_out_given(job, module, &given, err))
                return false;
        ret->instances = document_count(given);
        return true;
}

bool roll_out(JobContext *job, const RollOut *plan, RollOutResult *ret, Error **err) {
        CLEANUP(free) char *done = roll_out_step(ROLL_OUT_DONE, plan->module);
        CLEANUP(document_free) Document *targets = NULL;
        CLEANUP(error_free) Error *forgotten = NULL;
        bool going_back = false;

        roll_out_result_clear(ret);
        if (!roll_back_resume(job, plan, &going_back, err) || !find_targets(job, ret, &targets, err))
                return false;
        if (recalls(job, ROLL_OUT_DONE, plan->module))
                return finished_before(job, plan->module, ret, err);
        if (!find_previous(job, plan->module, err))
                return false;
        if (ret->instances == 0)
                job_log(job, "No instance is %s: instances get the package when they boot",
                        ret->left_out.count ? "ready" : "running");
        if (!bring(job, plan, targets, err))
                return false;
        if (!job_remember(job, done, "done", &forgotten))
                job_log(job, "%s", error_message(forgotten)); /* a resumed job looks at the receipts again */
        return true;
}

static void append_list(const StringList *list, Text *ret) {
        for (size_t i = 0; i < list->count; i++)
                text_appendf(ret, "%s%s", i ? ", " : "", list->items[i]);
}

void roll_out_note(const RollOutResult *result, Text *ret) {
        if (result->instances > 0 && result->left_out.count == 0)
                return;
        text_append(ret, " (");
        if (result->instances == 0)
                text_appendf(
                        ret, "no instance is %s: instances get it when they boot",
                        result->left_out.count ? "ready" : "running");
        if (result->left_out.count > 0) {
                text_appendf(ret, "%sleft out: ", result->instances == 0 ? "; " : "");
                append_list(&result->left_out, ret);
        }
        text_append(ret, ")");
}

static void append_given(JobContext *job, const char *module, Text *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free) Document *given = NULL;

        if (!roll_out_given(job, module, &given, &ignored) || document_count(given) == 0)
                text_append(ret, "no instance");
        for (size_t i = 0; i < document_count(given); i++)
                text_appendf(
                        ret, "%s%s", i ? ", " : "", document_get_string(document_at(given, i), "instance"));
}

void roll_out_describe(JobContext *job, const char *module, Text *ret) {
        CLEANUP(free) char *wanted = NULL;
        CLEANUP(error_free) Error *ignored = NULL;

        if (!recalls(job, ROLL_OUT_PREVIOUS, module)) {
                text_appendf(ret, "%s: nothing was changed", module);
                return;
        }
        text_appendf(ret, "%s: ", module);
        if (recalls(job, ROLL_OUT_DONE, module))
                text_append(ret, "the new release is live on ");
        else if (recalls(job, ROLL_OUT_UNDO, module))
                text_append(ret, "going back to the previous release was begun and may not be finished on ");
        else
                text_append(ret, "the new release was given, perhaps not to the end, to ");
        append_given(job, module, ret);
        if (release_store_get(job->services->store, job->app_id, module, &wanted, &ignored))
                text_appendf(ret, "; wanted is %.12s", wanted ? wanted : "nothing");
}

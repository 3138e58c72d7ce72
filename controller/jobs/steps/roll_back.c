#include "jobs/steps/roll_back.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/release_store.h"

enum { STORE_RETRY_MS = 500 };

/* What becomes of the instances that the package was given to. */
typedef struct Outcome {
        Text back, unchanged, stuck;
} Outcome;
static void outcome_clearp(Outcome *outcome) {
        text_clear(&outcome->back);
        text_clear(&outcome->unchanged);
        text_clear(&outcome->stuck);
}

char *roll_out_step(const char *what, const char *module) {
        return xasprintf("%s:%s", what, module);
}

char *roll_out_task_step(const RollOut *plan) {
        return xasprintf("deploy:%s:%s", plan->module, plan->manifest_sha256);
}

static void add_name(Text *list, const char *name) {
        text_appendf(list, "%s%s", list->length ? ", " : "", name);
}

/* A task of a former controller may have reached its agent: nobody knows. */
static bool was_reached(const AgentTask *tasks, size_t count, const char *agent_id) {
        for (size_t i = 0; i < count; i++)
                if (text_equal(tasks[i].agent_id, agent_id))
                        return tasks[i].reached;
        return true;
}

/* An agent whose deploy failed has gone back by itself; one that gave no receipt may have switched or may
 * yet. */
static bool needs_restore(
        JobContext *job, const RollOut *plan, const char *agent_id, const AgentTask *tasks, size_t count) {
        CLEANUP(free) char *step = roll_out_task_step(plan);
        AgentTaskState state = agent_task_state(job, step, agent_id);

        return state == AGENT_TASK_OK || (state == AGENT_TASK_OPEN && was_reached(tasks, count, agent_id));
}

static void start_restore(
        JobContext *job, const RollOut *plan, const char *previous, const Document *given, AgentTask *ret) {
        CLEANUP(free) char *step = xasprintf("restore:%s:%s", plan->module, plan->manifest_sha256);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;

        restore.module = (char *) plan->module;
        restore.manifest_sha256 = (char *) previous;
        restore.hook_timeout_ms = (uint32_t) job->services->limits.hook_timeout_ms;
        order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
        order.restore_module = &restore;
        agent_task_start(
                job,
                &(AgentTaskSpec){ .agent_id = document_get_string(given, "agent"),
                                  .instance_id = document_get_string(given, "instance"),
                                  .step = step,
                                  .order = &order },
                ret);
}

static void note(JobContext *job, const AgentTask *restore, Outcome *outcome) {
        if (restore->ok) {
                add_name(&outcome->back, restore->instance_id);
                return;
        }
        job_log(job, "%s did not go back: %s", restore->instance_id, restore->message);
        text_appendf(
                &outcome->stuck, "%s%s (%s)", outcome->stuck.length ? ", " : "", restore->instance_id,
                restore->message);
}

/* False when the controller is stopping. */
static bool wait_for_restores(
        JobContext *job, AgentTask *restores, size_t count, Outcome *outcome, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!agent_tasks_wait(job, restores, count, true, &failed)) {
                if (job_interrupted(job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                text_appendf(&outcome->stuck, "%s", error_message(failed));
        }
        for (size_t i = 0; i < count; i++)
                if (restores[i].finished)
                        note(job, &restores[i], outcome);
                else
                        add_name(&outcome->stuck, restores[i].instance_id);
        return true;
}

static bool restore_all(
        JobContext *job, const RollOut *plan, const char *previous, const Document *given,
        const AgentTask *tasks, size_t count, Outcome *outcome, Error **err) {
        AgentTask *restores = xcalloc(document_count(given) + 1, sizeof(*restores));
        size_t started = 0;

        for (size_t i = 0; i < document_count(given); i++) {
                const Document *one = document_at(given, i);
                const char *instance = document_get_string(one, "instance");
                if (!needs_restore(job, plan, document_get_string(one, "agent"), tasks, count)) {
                        add_name(&outcome->unchanged, instance);
                        continue;
                }
                job_log(job, "%s: back to the previous release", instance);
                start_restore(job, plan, previous, one, &restores[started++]);
        }
        bool ok = wait_for_restores(job, restores, started, outcome, err);
        for (size_t i = 0; i < started; i++)
                agent_task_clear(&restores[i]);
        free(restores);
        return ok;
}

/* The database may be on a full disk: what is wanted must be true before the job can end. */
static bool put_back(JobContext *job, const RollOut *plan, const char *previous, Error **err) {
        for (;;) {
                CLEANUP(error_free) Error *failed = NULL;
                if (release_store_set(job->services->store, job->app_id, plan->module, previous, &failed))
                        return true;
                job_log(job, "The wanted release is not put back yet: %s", error_message(failed));
                if (job_interrupted(job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                if (error_kind(failed) != ERROR_UNAVAILABLE)
                        return error_set(err, error_kind(failed), "%s", error_message(failed));
                clock_sleep_ms(STORE_RETRY_MS);
        }
}

static void describe(const Outcome *outcome, const char *previous, Text *ret) {
        text_append(
                ret, *previous ? "the previous release is wanted again" : "no release is wanted, as before");
        if (outcome->back.length)
                text_appendf(ret, "; back on it: %s", outcome->back.data);
        if (outcome->unchanged.length)
                text_appendf(ret, "; unchanged: %s", outcome->unchanged.data);
        if (outcome->stuck.length)
                text_appendf(ret, "; NOT back, look at them: %s", outcome->stuck.data);
}

bool roll_out_given(JobContext *job, const char *module, Document **ret, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_GIVEN, module);
        CLEANUP(free) char *text = NULL;

        if (!job_recall(job, step, &text, err))
                return false;
        *ret = text ? document_parse(text, strlen(text), err) : document_array();
        return *ret != NULL;
}

static bool go_back(
        JobContext *job, const RollOut *plan, const Document *undo, const AgentTask *tasks, size_t count,
        Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_PREVIOUS, plan->module);
        CLEANUP(free) char *previous = NULL;
        CLEANUP(document_free) Document *given = NULL;
        __attribute__((cleanup(outcome_clearp))) Outcome outcome = { 0 };
        CLEANUP(text_clear) Text end = { 0 };

        if (!job_recall(job, step, &previous, err) || !roll_out_given(job, plan->module, &given, err) ||
            !put_back(job, plan, previous ? previous : "", err) ||
            !restore_all(job, plan, previous ? previous : "", given, tasks, count, &outcome, err))
                return false;
        describe(&outcome, previous ? previous : "", &end);
        return error_set(
                err, (ErrorKind) document_get_int(undo, "kind"), "%s; %s", document_get_string(undo, "why"),
                end.data);
}

bool roll_back(
        JobContext *job, const RollOut *plan, const Error *why, const AgentTask *tasks, size_t count,
        Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_UNDO, plan->module);
        CLEANUP(document_free) Document *undo = document_object();
        CLEANUP(error_free) Error *failed = NULL;

        document_set_int(undo, "kind", error_kind(why));
        document_set_string(undo, "why", error_message(why));
        CLEANUP(free) char *text = document_text(undo);
        if (!job_remember(job, step, text, &failed))
                job_log(job, "Going back: %s", error_message(failed));
        return go_back(job, plan, undo, tasks, count, err);
}

bool roll_back_resume(JobContext *job, const RollOut *plan, bool *ret_going_back, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_UNDO, plan->module);
        CLEANUP(free) char *text = NULL;

        if (!job_recall(job, step, &text, err))
                return false;
        *ret_going_back = text != NULL;
        if (!text)
                return true;
        CLEANUP(document_free) Document *undo = document_parse(text, strlen(text), err);
        job_log(job, "Module %s: going back goes on", plan->module);
        return undo && go_back(job, plan, undo, NULL, 0, err);
}

#include "jobs/steps/roll_back.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/release_store.h"

enum { STORE_RETRY_MS = 500 };

/* One way back, and what becomes of the instances that the package was given to. */
typedef struct Way {
        JobContext *job;
        const RollOut *plan;
        const AgentTask *tasks; /* of this run */
        size_t count;
        char *previous; /* "": none */
        Text back, unchanged, stuck;
} Way;
static void way_clearp(Way *way) {
        free(way->previous);
        text_clear(&way->back);
        text_clear(&way->unchanged);
        text_clear(&way->stuck);
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
static bool was_reached(const Way *way, const char *agent_id) {
        for (size_t i = 0; i < way->count; i++)
                if (text_equal(way->tasks[i].agent_id, agent_id))
                        return way->tasks[i].reached;
        return true;
}

/* An agent whose deploy failed has gone back by itself; one that gave no receipt may have switched or may
 * yet. */
static bool needs_restore(const Way *way, const char *agent_id) {
        CLEANUP(free) char *step = roll_out_task_step(way->plan);
        AgentTaskState state = agent_task_state(way->job, step, agent_id);

        return state == AGENT_TASK_OK || (state == AGENT_TASK_OPEN && was_reached(way, agent_id));
}

static void start_restore(const Way *way, const Document *given, AgentTask *ret) {
        CLEANUP(free) char *step = xasprintf("restore:%s:%s", way->plan->module, way->plan->manifest_sha256);
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;

        restore.module = (char *) way->plan->module;
        restore.manifest_sha256 = way->previous;
        restore.hook_timeout_ms = (uint32_t) way->job->services->limits.hook_timeout_ms;
        order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
        order.restore_module = &restore;
        agent_task_start(
                way->job,
                &(AgentTaskSpec){ .agent_id = document_get_string(given, "agent"),
                                  .instance_id = document_get_string(given, "instance"),
                                  .step = step,
                                  .order = &order },
                ret);
}

static void note(Way *way, const AgentTask *restore) {
        if (restore->finished && restore->ok) {
                add_name(&way->back, restore->instance_id);
                return;
        }
        const char *why = restore->finished ? restore->message : "it is not known";
        CLEANUP(free) char *name = xasprintf("%s (%s)", restore->instance_id, why);
        job_log(way->job, "%s did not go back: %s", restore->instance_id, why);
        add_name(&way->stuck, name);
}

/* False when the controller is stopping. */
static bool wait_for_restores(Way *way, AgentTask *restores, size_t count, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!agent_tasks_wait(way->job, restores, count, true, &failed)) {
                if (job_interrupted(way->job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                job_log(way->job, "Going back: %s", error_message(failed));
        }
        for (size_t i = 0; i < count; i++)
                note(way, &restores[i]);
        return true;
}

static bool restore_all(Way *way, const Document *given, Error **err) {
        AgentTask *restores = xcalloc(document_count(given) + 1, sizeof(*restores));
        size_t started = 0;

        for (size_t i = 0; i < document_count(given); i++) {
                const Document *one = document_at(given, i);
                const char *instance = document_get_string(one, "instance");
                if (!needs_restore(way, document_get_string(one, "agent"))) {
                        add_name(&way->unchanged, instance);
                        continue;
                }
                job_log(way->job, "%s: back to the previous release", instance);
                start_restore(way, one, &restores[started++]);
        }
        bool ok = wait_for_restores(way, restores, started, err);
        for (size_t i = 0; i < started; i++)
                agent_task_clear(&restores[i]);
        free(restores);
        return ok;
}

/* The database may be on a full disk: what is wanted must be true before the job can end. */
static bool put_back(const Way *way, Error **err) {
        JobContext *job = way->job;

        for (;;) {
                CLEANUP(error_free) Error *failed = NULL;
                if (release_store_set(
                            job->services->store, job->app_id, way->plan->module, way->previous, &failed))
                        return true;
                job_log(job, "The wanted release is not put back yet: %s", error_message(failed));
                if (job_interrupted(job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                if (error_kind(failed) != ERROR_UNAVAILABLE)
                        return error_set(err, error_kind(failed), "%s", error_message(failed));
                clock_sleep_ms(STORE_RETRY_MS);
        }
}

static void describe(const Way *way, Text *ret) {
        text_append(
                ret,
                *way->previous ? "the previous release is wanted again" : "no release is wanted, as before");
        if (way->back.length)
                text_appendf(ret, "; back on it: %s", way->back.data);
        if (way->unchanged.length)
                text_appendf(ret, "; unchanged: %s", way->unchanged.data);
        if (way->stuck.length)
                text_appendf(ret, "; NOT back, look at them: %s", way->stuck.data);
}

bool roll_out_given(JobContext *job, const char *module, Document **ret, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_GIVEN, module);
        CLEANUP(free) char *text = NULL;

        if (!job_recall(job, step, &text, err))
                return false;
        *ret = text ? document_parse(text, strlen(text), err) : document_array();
        return *ret != NULL;
}

static bool go_back(Way *way, const Document *undo, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_PREVIOUS, way->plan->module);
        CLEANUP(document_free) Document *given = NULL;
        CLEANUP(text_clear) Text end = { 0 };

        if (!job_recall(way->job, step, &way->previous, err))
                return false;
        if (!way->previous)
                way->previous = xstrdup("");
        if (!roll_out_given(way->job, way->plan->module, &given, err) || !put_back(way, err) ||
            !restore_all(way, given, err))
                return false;
        describe(way, &end);
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
        __attribute__((cleanup(way_clearp)))
        Way way = { .job = job, .plan = plan, .tasks = tasks, .count = count };

        document_set_int(undo, "kind", error_kind(why));
        document_set_string(undo, "why", error_message(why));
        CLEANUP(free) char *text = document_text(undo);
        if (!job_remember(job, step, text, &failed))
                job_log(job, "Going back: %s", error_message(failed));
        return go_back(&way, undo, err);
}

bool roll_back_resume(JobContext *job, const RollOut *plan, bool *ret_going_back, Error **err) {
        CLEANUP(free) char *step = roll_out_step(ROLL_OUT_UNDO, plan->module);
        CLEANUP(free) char *text = NULL;
        __attribute__((cleanup(way_clearp))) Way way = { .job = job, .plan = plan };

        if (!job_recall(job, step, &text, err))
                return false;
        *ret_going_back = text != NULL;
        if (!text)
                return true;
        CLEANUP(document_free) Document *undo = document_parse(text, strlen(text), err);
        job_log(job, "Module %s: going back goes on", plan->module);
        return undo && go_back(&way, undo, err);
}

/* The way back of a run that failed or was cancelled. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/fleet_state.h"

typedef struct Way {
        Fleet *fleet;
        const char *why;
        ErrorKind kind;
        size_t at;      /* the batch that goes back now */
        StringList out; /* "i-1 (why)": not in the balancer */
        Text stands;    /* what the action says */
} Way;
static void way_clearp(Way *way) {
        string_list_clear(&way->out);
        text_clear(&way->stands);
}

/* ---- instances ---- */

static AgentTaskState state_of(const Fleet *fleet, const FleetInstance *instance) {
        return agent_task_state(fleet->job, fleet->spec->action->step, instance->agent);
}

static bool was_given(const Fleet *fleet, const FleetInstance *instance) {
        return (size_t) (instance - fleet->items) < fleet->given;
}

/* An agent whose task failed has gone back by itself; one that gave no receipt may have done it or may yet. A
 * task of a former controller may have reached its agent: nobody knows. */
bool fleet_needs_undo(const Fleet *fleet, const FleetInstance *instance) {
        if (instance->gone || !was_given(fleet, instance))
                return false;
        AgentTaskState state = state_of(fleet, instance);
        return state == AGENT_TASK_OK ||
               (state == AGENT_TASK_OPEN && (!instance->task.task_id || instance->task.reached));
}

bool fleet_serves(const Fleet *fleet, const FleetInstance *instance) {
        if (instance->gone || instance->stuck)
                return false;
        return !instance->failed || fleet->spec->action->start_undo != NULL;
}

static void note(Fleet *fleet, FleetInstance *instance, const AgentTask *undo) {
        const FleetWords *words = &fleet->spec->action->words;
        const char *why = undo->finished ? undo->message : "it is not known";

        instance->back = undo->finished && undo->ok;
        instance->stuck = !instance->back;
        if (instance->back)
                return;
        job_log(fleet->job, "%s did not go %s: %s", instance->id, words->undoing, why);
        free(instance->failed);
        instance->failed = xstrdup(why);
}

static bool wait_for_undos(
        Fleet *fleet, FleetInstance **instances, AgentTask *undos, size_t count, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;

        if (!agent_tasks_wait(fleet->job, undos, count, true, &failed)) {
                if (job_interrupted(fleet->job))
                        return error_set(err, ERROR_CANCELLED, "%s", error_message(failed));
                job_log(fleet->job, "Going back: %s", error_message(failed));
        }
        for (size_t i = 0; i < count; i++)
                note(fleet, instances[i], &undos[i]);
        return true;
}

bool fleet_undo_instances(Fleet *fleet, size_t from, size_t to, Error **err) {
        const FleetAction *action = fleet->spec->action;
        CLEANUP(free) FleetInstance **instances = xcalloc(to - from + 1, sizeof(FleetInstance *));
        AgentTask *undos = xcalloc(to - from + 1, sizeof(*undos));
        size_t count = 0;

        for (size_t i = from; action->start_undo && i < to; i++) {
                FleetInstance *one = &fleet->items[i];
                const FleetTarget target = { .instance_id = one->id, .agent_id = one->agent };

                if (!fleet_needs_undo(fleet, one))
                        continue;
                job_log(fleet->job, "%s: %s", one->id, action->words.undoing);
                instances[count] = one;
                action->start_undo(fleet->job, action->context, &target, action->undo_step, &undos[count++]);
        }
        bool ok = wait_for_undos(fleet, instances, undos, count, err);
        for (size_t i = 0; i < count; i++)
                agent_task_clear(&undos[i]);
        free(undos);
        return ok;
}

static bool has_said(const Fleet *fleet, const FleetInstance *one, const char *step) {
        return step && agent_task_state(fleet->job, step, one->agent) != AGENT_TASK_OPEN;
}

void fleet_settle(const Fleet *fleet, const FleetInstance *instance, bool went_back) {
        const FleetAction *action = fleet->spec->action;
        const char *why = NULL;

        if (!action->settle || instance->gone || !was_given(fleet, instance))
                return;
        if (instance->stuck)
                why = has_said(fleet, instance, action->undo_step) ? instance->failed : NULL;
        else if (!went_back)
                why = has_said(fleet, instance, action->step) ? instance->failed : NULL;
        else if (!instance->back && state_of(fleet, instance) == AGENT_TASK_OK)
                why = action->words.kept;
        else
                return;
        action->settle(fleet->job, action->context, instance->id, why);
}

/* ---- a batch ---- */

/* It may serve already, and be in the balancer again. */
static void take_out(Way *way, const char *name, size_t from, size_t to) {
        const DeployBalancer *balancer = way->fleet->spec->balancer;
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *failed = NULL;

        for (size_t i = from; i < to; i++)
                if (fleet_needs_undo(way->fleet, &way->fleet->items[i]))
                        string_list_add(&ids, way->fleet->items[i].id);
        if (ids.count > 0 && way->fleet->spec->action->start_undo &&
            !balancer->take_out(balancer->context, name, &ids, &failed))
                job_log(way->fleet->job, "Going back all the same: %s", error_message(failed));
}

static void put_back(Way *way, const char *name, size_t from, size_t to) {
        const DeployBalancer *balancer = way->fleet->spec->balancer;
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(error_free) Error *failed = NULL;

        for (size_t i = from; i < to; i++) {
                const FleetInstance *one = &way->fleet->items[i];
                if (fleet_serves(way->fleet, one))
                        string_list_add(&ids, one->id);
                else if (!one->gone)
                        string_list_add(&way->out, one->id);
        }
        if (ids.count == 0 || balancer->put_back(balancer->context, name, &ids, &failed))
                return;
        job_log(way->fleet->job, "%s", error_message(failed));
        for (size_t i = 0; i < ids.count; i++)
                string_list_addf(&way->out, "%s (%.300s)", ids.items[i], error_message(failed));
}

static bool undo_batch(Way *way, Error **err) {
        Fleet *fleet = way->fleet;
        size_t from = fleet_first(fleet, way->at), to = fleet_first(fleet, way->at + 1);
        CLEANUP(free) char *name = xasprintf("%s.%zu", fleet->spec->action->name, way->at);
        CLEANUP(error_free) Error *forgotten = NULL;

        if (fleet->spec->balancer)
                take_out(way, name, from, to);
        if (!fleet_undo_instances(fleet, from, to, err))
                return false;
        if (fleet->spec->balancer)
                put_back(way, name, from, to);
        if (!fleet_remember_state(fleet, &forgotten))
                job_log(fleet->job, "Going back: %s", error_message(forgotten));
        return true;
}

/* ---- the whole ---- */

static void append(Text *ret, const char *what, const Text *names) {
        if (names->length > 0)
                text_appendf(ret, "; %s: %s", what, names->data);
}

static void add_name(Text *list, const char *name) {
        text_appendf(list, "%s%s", list->length ? ", " : "", name);
}

/* Who is where. */
typedef struct Places {
        Text back, kept, same, stuck, out;
} Places;
static void places_clearp(Places *places) {
        text_clear(&places->back);
        text_clear(&places->kept);
        text_clear(&places->same);
        text_clear(&places->stuck);
        text_clear(&places->out);
}

static void add_place(const Fleet *fleet, const FleetInstance *one, Places *places) {
        CLEANUP(free)
        char *why = xasprintf("%s (%s)", one->id, one->failed ? one->failed : "it is not known");

        if (one->gone)
                return;
        if (one->stuck)
                add_name(&places->stuck, why);
        else if (one->back)
                add_name(&places->back, one->id);
        else if (was_given(fleet, one) && state_of(fleet, one) == AGENT_TASK_OK)
                add_name(&places->kept, one->id);
        else if (fleet->spec->action->start_undo || !was_given(fleet, one))
                add_name(&places->same, one->id);
}

static void describe(const Way *way, Text *ret) {
        const Fleet *fleet = way->fleet;
        const FleetWords *words = &fleet->spec->action->words;
        __attribute__((cleanup(places_clearp))) Places places = { 0 };

        for (size_t i = 0; i < fleet->count; i++)
                add_place(fleet, &fleet->items[i], &places);
        for (size_t i = 0; i < way->out.count; i++)
                add_name(&places.out, way->out.items[i]);
        append(ret, words->undone ? words->undone : "", &places.back);
        append(ret, words->kept, &places.kept);
        append(ret, words->untouched, &places.same);
        append(ret, "NOT back, look at them", &places.stuck);
        append(ret, "out of the load balancer", &places.out);
        if (words->mixed && places.kept.length > 0 && places.back.length + places.same.length > 0)
                text_appendf(ret, "; %s", words->mixed);
}

static bool remember(Way *way, Error **err) {
        CLEANUP(document_free) Document *undo = document_object();

        document_set_int(undo, "kind", way->kind);
        document_set_string(undo, "why", way->why);
        document_set_int(undo, "at", (int64_t) way->at);
        return fleet_remember(way->fleet, FLEET_UNDO, undo, err);
}

static bool undo_batches(Way *way, Error **err) {
        bool all = way->fleet->spec->options->rollback_all;
        CLEANUP(error_free) Error *forgotten = NULL;

        while (undo_batch(way, err)) {
                fleet_show(way->fleet, NULL, 0, false);
                if (!all || way->at == 0)
                        return true;
                way->at--;
                if (!remember(way, &forgotten))
                        job_log(way->fleet->job, "Going back: %s", error_message(forgotten));
        }
        return false;
}

static bool go(Way *way, Error **err) {
        const FleetAction *action = way->fleet->spec->action;
        const DeployBalancer *balancer = way->fleet->spec->balancer;
        CLEANUP(text_clear) Text end = { 0 };

        way->fleet->going_back = true;
        fleet_show(way->fleet, NULL, 0, true);
        if (balancer && balancer->going_back)
                balancer->going_back(balancer->context);
        if (action->stand_back && !action->stand_back(way->fleet->job, action->context, &way->stands, err))
                return false;
        if (way->fleet->count > 0 && !undo_batches(way, err))
                return false;
        if (way->stands.length > 0)
                text_appendf(&end, "; %s", way->stands.data);
        describe(way, &end);
        fleet_show(way->fleet, NULL, 0, true);
        for (size_t i = 0; i < way->fleet->count; i++)
                fleet_settle(way->fleet, &way->fleet->items[i], true);
        return error_set(err, way->kind, "%s%s", way->why, end.data ? end.data : "");
}

bool fleet_go_back(Fleet *fleet, const Error *why, Error **err) {
        CLEANUP(error_free) Error *failed = NULL;
        size_t last = fleet->at < fleet->batches ? fleet->at : fleet->batches - 1;
        __attribute__((cleanup(way_clearp)))
        Way way = { .fleet = fleet, .why = error_message(why), .kind = error_kind(why), .at = last };

        if (!remember(&way, &failed))
                job_log(fleet->job, "Going back: %s", error_message(failed));
        return go(&way, err);
}

bool fleet_go_back_on(Fleet *fleet, bool *ret_going, Error **err) {
        CLEANUP(document_free) Document *undo = NULL;

        if (!fleet_recall(fleet->job, FLEET_UNDO, fleet->spec->action->name, &undo, err))
                return false;
        *ret_going = undo != NULL;
        if (!undo)
                return true;
        __attribute__((cleanup(way_clearp))) Way way = { .fleet = fleet,
                                                         .why = document_get_string(undo, "why"),
                                                         .kind = (ErrorKind) document_get_int(undo, "kind"),
                                                         .at = (size_t) document_get_int(undo, "at") };
        job_log(fleet->job, "%s: going back goes on", fleet->spec->action->words.doing);
        return go(&way, err);
}

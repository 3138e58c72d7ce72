#include "jobs/steps/fleet_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void fleet_clear(Fleet *fleet) {
        for (size_t i = 0; i < fleet->count; i++) {
                free(fleet->items[i].id);
                free(fleet->items[i].agent);
                free(fleet->items[i].failed);
                agent_task_clear(&fleet->items[i].task);
        }
        free(fleet->items);
        string_list_clear(&fleet->left_out);
        string_list_clear(&fleet->unreachable);
        *fleet = (Fleet){ 0 };
}

char *fleet_step(const char *what, const char *name) {
        return xasprintf("%s:%s", what, name);
}

bool fleet_remember(const Fleet *fleet, const char *what, const Document *value, Error **err) {
        CLEANUP(free) char *step = fleet_step(what, fleet->spec->action->name);
        CLEANUP(free) char *text = document_text(value);

        return job_remember(fleet->job, step, text, err);
}

bool fleet_recall(JobContext *job, const char *what, const char *name, Document **ret, Error **err) {
        CLEANUP(free) char *step = fleet_step(what, name), *text = NULL;

        if (!job_recall(job, step, &text, err))
                return false;
        if (text)
                *ret = document_parse(text, strlen(text), err);
        return !text || *ret;
}

size_t fleet_first(const Fleet *fleet, size_t batch) {
        return fleet_batch_first(fleet->count, fleet->batches, batch);
}

void fleet_ids(const Fleet *fleet, size_t from, size_t to, StringList *ret) {
        for (size_t i = from; i < to; i++)
                if (!fleet->items[i].gone)
                        string_list_add(ret, fleet->items[i].id);
}

static bool failed_before(const Fleet *fleet, const char *id) {
        return fleet->spec->failed_before && string_list_contains(fleet->spec->failed_before, id);
}

size_t fleet_failures(const Fleet *fleet) {
        size_t count = fleet->spec->failed_before ? fleet->spec->failed_before->count : 0;

        for (size_t i = 0; i < fleet->unreachable.count; i++)
                count += !failed_before(fleet, fleet->unreachable.items[i]);
        for (size_t i = 0; i < fleet->count; i++)
                count += fleet->items[i].failed && !failed_before(fleet, fleet->items[i].id);
        return count;
}

/* ---- the plan ---- */

static Document *list_document(const StringList *list) {
        Document *array = document_array();

        for (size_t i = 0; i < list->count; i++)
                document_append(array, document_string(list->items[i]));
        return array;
}

static void read_list(const Document *array, StringList *ret) {
        for (size_t i = 0; i < document_count(array); i++)
                string_list_add(ret, document_value(document_at(array, i)));
}

bool fleet_remember_plan(const Fleet *fleet, Error **err) {
        CLEANUP(document_free) Document *plan = document_object();
        Document *instances = document_array();

        for (size_t i = 0; i < fleet->count; i++) {
                Document *one = document_object();
                document_set_string(one, "instance", fleet->items[i].id);
                document_set_string(one, "agent", fleet->items[i].agent);
                document_append(instances, one);
        }
        document_set(plan, "instances", instances);
        document_set_int(plan, "batches", (int64_t) fleet->batches);
        document_set(plan, "left_out", list_document(&fleet->left_out));
        document_set(plan, "unreachable", list_document(&fleet->unreachable));
        return fleet_remember(fleet, FLEET_PLAN, plan, err);
}

static void read_plan(Fleet *fleet, const Document *plan) {
        const Document *instances = document_get(plan, "instances");

        fleet->count = document_count(instances);
        fleet->items = xcalloc(fleet->count + 1, sizeof(*fleet->items));
        for (size_t i = 0; i < fleet->count; i++) {
                const Document *one = document_at(instances, i);
                fleet->items[i] = (FleetInstance){ .id = xstrdup(document_get_string(one, "instance")),
                                                   .agent = xstrdup(document_get_string(one, "agent")) };
        }
        fleet->batches = (size_t) document_get_int(plan, "batches");
        read_list(document_get(plan, "left_out"), &fleet->left_out);
        read_list(document_get(plan, "unreachable"), &fleet->unreachable);
}

/* ---- the state ---- */

bool fleet_remember_state(const Fleet *fleet, Error **err) {
        CLEANUP(document_free) Document *state = document_object();
        Document *failed = document_object(), *gone = document_array(), *stuck = document_array(),
                 *back = document_array();

        for (size_t i = 0; i < fleet->count; i++) {
                const FleetInstance *one = &fleet->items[i];
                if (one->failed)
                        document_set_string(failed, one->id, one->failed);
                if (one->gone)
                        document_append(gone, document_string(one->id));
                if (one->stuck)
                        document_append(stuck, document_string(one->id));
                if (one->back)
                        document_append(back, document_string(one->id));
        }
        document_set(state, "failed", failed);
        document_set(state, "gone", gone);
        document_set(state, "stuck", stuck);
        document_set(state, "back", back);
        document_set_int(state, "given", (int64_t) fleet->given);
        document_set_int(state, "at", (int64_t) fleet->at);
        document_set_bool(state, "worked", fleet->worked);
        return fleet_remember(fleet, FLEET_STATE, state, err);
}

static void read_state(Fleet *fleet, const Document *state) {
        CLEANUP(string_list_clear) StringList gone = { 0 };
        CLEANUP(string_list_clear) StringList stuck = { 0 };
        CLEANUP(string_list_clear) StringList back = { 0 };

        read_list(document_get(state, "gone"), &gone);
        read_list(document_get(state, "stuck"), &stuck);
        read_list(document_get(state, "back"), &back);
        for (size_t i = 0; i < fleet->count; i++) {
                FleetInstance *one = &fleet->items[i];
                const char *why = document_value(document_get_member(document_get(state, "failed"), one->id));
                one->failed = why ? xstrdup(why) : NULL;
                one->gone = string_list_contains(&gone, one->id);
                one->stuck = string_list_contains(&stuck, one->id);
                one->back = string_list_contains(&back, one->id);
        }
        fleet->given = (size_t) document_get_int(state, "given");
        fleet->at = (size_t) document_get_int(state, "at");
        fleet->worked = document_get_bool(state, "worked");
}

bool fleet_recall_all(Fleet *fleet, bool *ret_known, Error **err) {
        CLEANUP(document_free) Document *plan = NULL;
        CLEANUP(document_free) Document *state = NULL;
        const char *name = fleet->spec->action->name;

        if (!fleet_recall(fleet->job, FLEET_PLAN, name, &plan, err) ||
            !fleet_recall(fleet->job, FLEET_STATE, name, &state, err))
                return false;
        *ret_known = plan != NULL;
        if (plan)
                read_plan(fleet, plan);
        if (plan && state)
                read_state(fleet, state);
        return true;
}

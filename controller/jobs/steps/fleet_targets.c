/* Which instances a run is for. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/batches.h"
#include "jobs/steps/fleet_state.h"
#include "store/instance_store.h"

typedef struct Chosen {
        const Document **items; /* documents of the store */
        size_t count;
} Chosen;

static bool is_living(const Document *instance) {
        const char *state = document_get_string(instance, "state");

        return !text_equal(document_get_string(instance, "purpose"), "bake") && !text_equal(state, "gone") &&
               !text_equal(state, "terminating");
}

static bool is_ready(Fleet *fleet, const Document *instance) {
        const char *id = document_get_string(instance, "instance_id");

        if (instance_is_interrupted(instance)) {
                fleet_leave_out(fleet, id, FLEET_INTERRUPTED);
                return false;
        }
        if (document_get_bool(instance, "bootstrapped") && *document_get_string(instance, "agent_id"))
                return true;
        fleet_leave_out(fleet, id, "not bootstrapped");
        return false;
}

/* Batch by batch, dealt out in turn. */
static void put_in_order(Fleet *fleet, const Chosen *chosen) {
        fleet->count = chosen->count;
        fleet->items = xcalloc(chosen->count + 1, sizeof(*fleet->items));
        size_t at = 0;

        for (size_t batch = 0; batch < fleet->batches; batch++)
                for (size_t i = batch; i < chosen->count; i += fleet->batches)
                        fleet->items[at++] = (FleetInstance){
                                .id = xstrdup(document_get_string(chosen->items[i], "instance_id")),
                                .agent = xstrdup(document_get_string(chosen->items[i], "agent_id")),
                        };
}

static bool check_floor(const Fleet *fleet, Error **err) {
        const Quantity asked = fleet->spec->options->min_healthy;
        size_t largest = batches_largest(fleet->count, fleet->batches), floor = fleet_floor(fleet);

        if (asked.number == 0 || fleet->count - largest >= floor)
                return true;
        return error_set(
                err, ERROR_INVALID,
                "min_healthy=%zu%s cannot be kept: %zu of %zu instances must stay healthy, and the largest "
                "of %zu batches takes %zu, which leaves %zu; choose smaller batches",
                asked.number, asked.percent ? "%" : "", floor, fleet->count, fleet->batches, largest,
                fleet->count - largest);
}

/* They would be left on the former release, whatever happens. */
static bool check_unreachable(const Fleet *fleet, Error **err) {
        CLEANUP(text_clear) Text names = { 0 };
        size_t failures = fleet_failures(fleet);

        for (size_t i = 0; i < fleet->unreachable.count; i++)
                text_appendf(
                        &names, "%s%s (" FLEET_UNREACHABLE ")", i > 0 ? ", " : "",
                        fleet->unreachable.items[i]);
        if (names.length == 0)
                return true;
        job_log(fleet->job, "WARNING: it cannot be done on %s", names.data);
        return failures <= fleet->spec->options->max_failures ||
               error_set(
                       err, ERROR_UNAVAILABLE,
                       "%s %.2000s; nothing was changed. End these instances, or let so many fail "
                       "(max_failures=%zu)",
                       fleet->spec->action->words.failed, names.data, failures);
}

static bool split(Fleet *fleet, const Chosen *chosen, Error **err) {
        fleet->batches = 1;
        return chosen->count == 0 ||
               batches_count(fleet->spec->options->safe, chosen->count, &fleet->batches, err);
}

bool fleet_choose(Fleet *fleet, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *all = NULL;

        document_set_string(where, "app_id", fleet->job->app_id);
        if (!collection_find(fleet->job->services->store, COLLECTION_INSTANCES, where, &all, err))
                return false;
        CLEANUP(string_list_clear) StringList ended = { 0 };
        fleet_look_at_cloud(fleet, all, &ended);
        CLEANUP(free) const Document **items = xcalloc(document_count(all) + 1, sizeof(Document *));
        Chosen chosen = { .items = items };
        for (size_t i = 0; i < document_count(all); i++) {
                const Document *one = document_at(all, i);
                if (is_living(one) &&
                    !string_list_contains(&ended, document_get_string(one, "instance_id")) &&
                    is_ready(fleet, one))
                        items[chosen.count++] = one;
        }
        if (!split(fleet, &chosen, err))
                return false;
        put_in_order(fleet, &chosen);
        return check_unreachable(fleet, err) && check_floor(fleet, err);
}

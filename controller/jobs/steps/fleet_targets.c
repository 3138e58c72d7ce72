/* Which instances a run is for. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/batches.h"
#include "jobs/steps/fleet_state.h"

typedef struct Chosen {
        const Document **items; /* documents of the store */
        size_t count;
} Chosen;

static bool is_chosen(Fleet *fleet, const Document *instance) {
        const char *why = "";
        FleetChoice choice = fleet_choice(instance, &why);

        if (choice == FLEET_LEFT_OUT)
                fleet_leave_out(fleet, document_get_string(instance, "instance_id"), why);
        return choice == FLEET_CHOSEN;
}

static void put_in_order(Fleet *fleet, const Chosen *chosen) {
        fleet->count = chosen->count;
        fleet->items = xcalloc(chosen->count + 1, sizeof(*fleet->items));
        for (size_t place = 0; place < chosen->count; place++) {
                size_t i = fleet_batch_pick(chosen->count, fleet->batches, place);

                fleet->items[place] = (FleetInstance){
                        .id = xstrdup(document_get_string(chosen->items[i], "instance_id")),
                        .agent = xstrdup(document_get_string(chosen->items[i], "agent_id")),
                };
        }
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
                if (!string_list_contains(&ended, document_get_string(one, "instance_id")) &&
                    is_chosen(fleet, one))
                        items[chosen.count++] = one;
        }
        if (!split(fleet, &chosen, err))
                return false;
        put_in_order(fleet, &chosen);
        return check_unreachable(fleet, err) &&
               fleet_floor_check(fleet->spec->options, fleet->count, fleet->batches, err);
}

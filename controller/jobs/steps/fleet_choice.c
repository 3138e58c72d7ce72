#include "jobs/steps/fleet_choice.h"

#include "jobs/steps/batches.h"
#include "store/instance_store.h"

FleetChoice fleet_choice(const Document *instance, const char **ret_why) {
        const char *state = document_get_string(instance, "state");

        if (text_equal(document_get_string(instance, "purpose"), "bake") || text_equal(state, "gone") ||
            text_equal(state, "terminating"))
                return FLEET_NOT_THERE;
        if (instance_is_interrupted(instance)) {
                *ret_why = FLEET_INTERRUPTED;
                return FLEET_LEFT_OUT;
        }
        if (document_get_bool(instance, "bootstrapped") && *document_get_string(instance, "agent_id"))
                return FLEET_CHOSEN;
        *ret_why = "not bootstrapped";
        return FLEET_LEFT_OUT;
}

size_t fleet_batch_first(size_t count, size_t batches, size_t batch) {
        size_t each = count / batches, more = count % batches;

        return batch * each + (batch < more ? batch : more);
}

size_t fleet_batch_pick(size_t count, size_t batches, size_t place) {
        size_t batch = 0;

        while (fleet_batch_first(count, batches, batch + 1) <= place)
                batch++;
        return batch + (place - fleet_batch_first(count, batches, batch)) * batches;
}

bool fleet_floor_check(const JobOptions *options, size_t count, size_t batches, Error **err) {
        const Quantity asked = options->min_healthy;
        size_t largest = batches_largest(count, batches), floor = quantity_of(asked, count);

        if (asked.number == 0 || count - largest >= floor)
                return true;
        return error_set(
                err, ERROR_INVALID,
                "min_healthy=%zu%s cannot be kept: %zu of %zu instances must stay healthy, and the largest "
                "of %zu batches takes %zu, which leaves %zu; choose smaller batches",
                asked.number, asked.percent ? "%" : "", floor, count, batches, largest, count - largest);
}

void fleet_script_options(const Document *app, JobOptions *options) {
        if (options->safe.kind != SAFE_ONE || document_count(document_get(app, "safe-deployment")) > 0)
                return;
        options->safe = (SafeStrategy){ SAFE_NONE, 0 };
        options->execution = EXECUTION_SERIAL;
}

/* What a run says before it begins and after it has ended. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/fleet_state.h"

void fleet_result_clear(FleetResult *result) {
        string_list_clear(&result->left_out);
        string_list_clear(&result->failed);
        string_list_clear(&result->failed_ids);
        *result = (FleetResult){ 0 };
}

size_t fleet_floor(const Fleet *fleet) {
        return quantity_of(fleet->spec->options->min_healthy, fleet->count);
}

static void append_batch(const Fleet *fleet, size_t batch, Text *ret) {
        for (size_t i = fleet_first(fleet, batch); i < fleet_first(fleet, batch + 1); i++)
                text_appendf(ret, "%s%s", i > fleet_first(fleet, batch) ? ", " : "", fleet->items[i].id);
}

static void append_batches(const Fleet *fleet, Text *ret) {
        const JobOptions *options = fleet->spec->options;
        bool parallel = options->execution == EXECUTION_PARALLEL;

        text_appendf(
                ret, "%s on %zu instance%s", fleet->spec->action->words.doing, fleet->count,
                fleet->count == 1 ? "" : "s");
        if (fleet->batches == 1) {
                text_appendf(ret, ", %s: ", parallel ? "all at once" : "one after the other");
                append_batch(fleet, 0, ret);
                return;
        }
        text_appendf(
                ret, " in %zu batches (%s), %s inside a batch:", fleet->batches, options->safe_word,
                parallel ? "all at once" : "one after the other");
        for (size_t batch = 0; batch < fleet->batches; batch++) {
                text_appendf(ret, "\n  batch %zu: ", batch + 1);
                append_batch(fleet, batch, ret);
        }
}

static void append_balancer(const Fleet *fleet, Text *ret) {
        const DeployBalancer *balancer = fleet->spec->balancer;

        if (!balancer)
                return;
        text_append(ret, "\nEach batch is taken out of ");
        balancer->describe(balancer->context, ret);
        text_append(ret, ", and put back once it is done on it");
}

static void append_stops(const Fleet *fleet, Text *ret) {
        const JobOptions *options = fleet->spec->options;

        if (options->max_failures == 0)
                text_append(ret, "\nIt stops at the first instance that fails");
        else
                text_appendf(ret, "\nIt stops when more than %zu instances fail", options->max_failures);
        if (options->min_healthy.number > 0)
                text_appendf(
                        ret, ", and when fewer than %zu are healthy outside of the next batch",
                        fleet_floor(fleet));
        if (!fleet->spec->action->start_undo)
                return;
        if (fleet->batches == 1)
                text_append(ret, "; then all go back");
        else
                text_appendf(
                        ret, "; then that batch%s",
                        options->rollback_all ? " goes back, and those before it too"
                                              : " goes back; those before it stay");
}

static void append_approval(const Fleet *fleet, Text *ret) {
        ApproveWhen when = fleet->spec->options->approve;

        if (fleet->batches > 1 && (when == APPROVE_FIRST || when == APPROVE_EACH))
                text_appendf(
                        ret, "\nIt waits for an approval after %s",
                        when == APPROVE_FIRST ? "the first batch" : "each batch but the last");
}

void fleet_announce(const Fleet *fleet) {
        CLEANUP(text_clear) Text text = { 0 };

        if (fleet->count == 0)
                return;
        append_batches(fleet, &text);
        append_balancer(fleet, &text);
        append_stops(fleet, &text);
        append_approval(fleet, &text);
        job_log(fleet->job, "%s", text.data);
}

static void append_list(const StringList *list, Text *ret) {
        for (size_t i = 0; i < list->count; i++)
                text_appendf(ret, "%s%s", i ? ", " : "", list->items[i]);
}

static void append_part(const char *what, const StringList *list, size_t start, Text *ret) {
        if (list->count == 0)
                return;
        text_appendf(ret, "%s%s: ", ret->length > start ? "; " : "", what);
        append_list(list, ret);
}

void fleet_note(const FleetResult *result, Text *ret) {
        CLEANUP(text_clear) Text note = { 0 };

        if (result->instances == 0 && result->failed.count == 0)
                text_appendf(
                        &note, "no instance is %s: instances get it when they boot",
                        result->left_out.count ? "ready" : "running");
        append_part("FAILED, as many as were allowed to", &result->failed, 0, &note);
        append_part("left out", &result->left_out, 0, &note);
        if (note.length > 0)
                text_appendf(ret, " (%s)", note.data);
}

void fleet_describe(JobContext *job, const char *name, Text *ret) {
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free) Document *plan = NULL;
        CLEANUP(document_free) Document *state = NULL;
        size_t start = ret->length;

        if (fleet_recall(job, FLEET_PLAN, name, &plan, &ignored) &&
            fleet_recall(job, FLEET_STATE, name, &state, &ignored)) {
                size_t given = (size_t) document_get_int(state, "given");
                const Document *instances = document_get(plan, "instances");

                for (size_t i = 0; i < given && i < document_count(instances); i++)
                        text_appendf(
                                ret, "%s%s", i ? ", " : "",
                                document_get_string(document_at(instances, i), "instance"));
        }
        if (ret->length == start)
                text_append(ret, "no instance");
}

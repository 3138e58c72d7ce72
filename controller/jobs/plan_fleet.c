/* On which instances, in which batches, and how many serve meanwhile. */
#include <stdlib.h>

#include "base/memory.h"
#include "jobs/plan_parts.h"
#include "jobs/steps/batches.h"
#include "jobs/steps/fleet_choice.h"

typedef struct Picked {
        const Document **items;
        size_t count;
} Picked;

static const char *agent_word(const Document *instance) {
        if (!*document_get_string(instance, "agent_id"))
                return "none";
        return document_get_bool(instance, "connected") ? "connected" : "away";
}

static const char *id_of(const Document *instance) {
        return document_get_string(instance, "instance_id");
}

bool plan_find_instances(Planning *planning, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *all = NULL;
        Document *shown = document_array();
        const char *ignored;

        document_set_string(where, "app_id", document_get_string(planning->job, "app_id"));
        document_set(planning->plan->shown, "instances", shown);
        if (!collection_find(planning->store, COLLECTION_INSTANCES, where, &all, err))
                return false;
        planning->instances = document_array();
        for (size_t i = 0; i < document_count(all); i++) {
                const Document *one = document_at(all, i);
                Document *row;

                if (fleet_choice(one, &ignored) == FLEET_NOT_THERE)
                        continue;
                document_append(planning->instances, document_copy(one));
                row = document_object();
                document_set_string(row, "instance_id", id_of(one));
                document_set_string(row, "agent", agent_word(one));
                document_append(shown, row);
        }
        return true;
}

/* ---- what is said ---- */

static void say_capacity(Planning *planning, size_t total, size_t out_at_once) {
        Document *capacity = document_object();

        document_set_int(capacity, "total", (int64_t) total);
        document_set_int(capacity, "min_in_service", (int64_t) (total - out_at_once));
        document_set(planning->plan->shown, "capacity", capacity);
}

static void say_batches(Planning *planning, const Picked *picked, size_t count) {
        Document *batches = document_array();

        for (size_t batch = 0; batch < count && picked->count > 0; batch++) {
                Document *ids = document_array();

                for (size_t place = fleet_batch_first(picked->count, count, batch);
                     place < fleet_batch_first(picked->count, count, batch + 1); place++) {
                        const Document *one = picked->items[fleet_batch_pick(picked->count, count, place)];
                        document_append(ids, document_string(id_of(one)));
                }
                document_append(batches, ids);
        }
        document_set(planning->plan->shown, "batches", batches);
}

static void say_strategy(Planning *planning) {
        static const char *const executions[] = { [EXECUTION_SERIAL] = "serial",
                                                  [EXECUTION_PARALLEL] = "parallel",
                                                  [EXECUTION_SINGLE] = "single" };
        const JobOptions *options = &planning->options;
        const char *command = document_get_string(planning->job, "command");
        CLEANUP(free)
        char *healthy =
                xasprintf("%zu%s", options->min_healthy.number, options->min_healthy.percent ? "%" : "");
        Document *strategy = document_object();

        document_set_string(strategy, "execution", executions[options->execution]);
        document_set_string(strategy, "safe", options->safe.kind == SAFE_NONE ? "" : options->safe_word);
        document_set_string(strategy, "min_healthy", healthy);
        document_set_int(strategy, "max_failures", (int64_t) options->max_failures);
        if (job_options_knows(command, "rollback"))
                document_set_string(strategy, "rollback", options->rollback_all ? "all" : "batch");
        if (options->approve != APPROVE_NEVER)
                document_set_string(strategy, "approve", approve_word(options->approve));
        if (options->deadline_s > 0)
                document_set_int(strategy, "deadline", options->deadline_s);
        if (*options->user)
                document_set_string(strategy, "user", options->user);
        document_set(planning->plan->shown, "strategy", strategy);
}

static void warn_of_one(Planning *planning, const Document *one) {
        if (!document_get_bool(one, "connected"))
                plan_warn(
                        planning, "%s has no agent session: it would be waited for, and named as failed",
                        id_of(one));
}

/* ---- which ---- */

static size_t pick(Planning *planning, Picked *picked) {
        size_t away = 0;

        for (size_t i = 0; i < document_count(planning->instances); i++) {
                const Document *one = document_at(planning->instances, i);
                const char *why = "";

                if (fleet_choice(one, &why) != FLEET_CHOSEN) {
                        plan_warn(planning, "%s would be left out: %s", id_of(one), why);
                        continue;
                }
                warn_of_one(planning, one);
                away += !document_get_bool(one, "connected");
                picked->items[picked->count++] = one;
        }
        return away;
}

static void warn_of_all(Planning *planning, size_t picked, size_t away) {
        const char *group = document_get_string(planning->app, "autoscale.name");

        if (picked == 0)
                plan_warn(
                        planning, text_equal(document_get_string(planning->job, "command"), "executescript")
                                          ? "the job would fail: no instance of the application is ready"
                                          : "no instance is ready: instances get it when they boot");
        if (away > planning->options.max_failures)
                plan_warn(
                        planning, "the job would fail: %zu would fail, and max_failures=%zu", away,
                        planning->options.max_failures);
        if (*group)
                plan_warn(
                        planning,
                        "AWS was not asked: instances of %s that the controller does not know yet "
                        "are not in this plan",
                        group);
}

/* Between batches is where it would be asked. */
static void warn_of_approval(Planning *planning, size_t batches) {
        ApproveWhen when = planning->options.approve;

        if (batches == 1 && (when == APPROVE_FIRST || when == APPROVE_EACH))
                plan_warn(
                        planning, "approve=%s: nobody would be asked, for there is one batch alone",
                        approve_word(when));
}

void plan_fleet(Planning *planning) {
        CLEANUP(free)
        const Document **items = xcalloc(document_count(planning->instances) + 1, sizeof(const Document *));
        CLEANUP(error_free) Error *why = NULL;
        const JobOptions *options = &planning->options;
        Picked picked = { .items = items };
        size_t batches = 1, away = pick(planning, &picked);

        say_strategy(planning);
        warn_of_all(planning, picked.count, away);
        if (picked.count > 0 && (!batches_count(options->safe, picked.count, &batches, &why) ||
                                 !fleet_floor_check(options, picked.count, batches, &why))) {
                plan_warn(planning, "the job would fail: %s", error_message(why));
                say_capacity(planning, picked.count, 0);
                return;
        }
        bool all_at_once = options->safe.kind != SAFE_NONE || options->execution == EXECUTION_PARALLEL;
        size_t largest = batches_largest(picked.count, batches);
        warn_of_approval(planning, batches);
        say_batches(planning, &picked, batches);
        say_capacity(planning, picked.count, all_at_once || picked.count == 0 ? largest : 1);
}

void plan_single(Planning *planning, const char *named) {
        size_t count = document_count(planning->instances);

        for (size_t i = 0; i < count; i++) {
                const Document *one = document_at(planning->instances, i);

                if (!text_equal(document_get_string(one, "private_ip"), named) &&
                    !text_equal(id_of(one), named))
                        continue;
                say_batches(planning, &(Picked){ .items = &one, .count = 1 }, 1);
                say_capacity(planning, count, 1);
                if (text_equal(document_get_string(planning->job, "command"), "executescript")) {
                        say_strategy(planning);
                        warn_of_one(planning, one);
                }
                return;
        }
        plan_warn(planning, "the job would fail: %.80s is no instance of the application", named);
        say_capacity(planning, count, 0);
}

void plan_all(Planning *planning, size_t batches) {
        size_t count = document_count(planning->instances);
        CLEANUP(free) const Document **items = xcalloc(count + 1, sizeof(const Document *));

        for (size_t i = 0; i < count; i++)
                items[i] = document_at(planning->instances, i);
        say_batches(planning, &(Picked){ .items = items, .count = count }, batches);
        say_capacity(planning, count, batches_largest(count, batches));
}

#include "jobs/steps/fleet.h"

#include <stdlib.h>

#include "base/memory.h"
#include "jobs/steps/fleet_state.h"

enum { NAP_MS = 200 };

static void append_failed(const Fleet *fleet, Text *ret) {
        for (size_t i = 0; i < fleet->count; i++)
                if (fleet->items[i].failed)
                        text_appendf(
                                ret, "%s%s (%s)", ret->length > 0 ? ", " : "", fleet->items[i].id,
                                fleet->items[i].failed);
        for (size_t i = 0; i < fleet->unreachable.count; i++)
                text_appendf(
                        ret, "%s%s (" FLEET_UNREACHABLE ")", ret->length > 0 ? ", " : "",
                        fleet->unreachable.items[i]);
}

static bool fail_for_failures(const Fleet *fleet, Error **err) {
        CLEANUP(text_clear) Text failed = { 0 };

        append_failed(fleet, &failed);
        return error_set(
                err, ERROR_INTERNAL, "%s %.2000s", fleet->spec->action->words.failed,
                failed.data ? failed.data : "instances of another part of the job");
}

/* ---- the work of a batch ---- */

static bool is_good(const Fleet *fleet, const FleetInstance *one, Text *ret_why) {
        const FleetAction *action = fleet->spec->action;

        if (!one->task.ok) {
                text_append(ret_why, one->task.message);
                return false;
        }
        return !action->judge || action->judge(action->context, &one->task, ret_why);
}

static void judge(Fleet *fleet, size_t from, size_t to) {
        for (size_t i = from; i < to; i++) {
                FleetInstance *one = &fleet->items[i];
                CLEANUP(text_clear) Text why = { 0 };

                if (one->failed || one->gone)
                        continue;
                if (is_good(fleet, one, &why)) {
                        job_log(fleet->job, "%s: %s", one->id, fleet->spec->action->words.done);
                        continue;
                }
                job_log(fleet->job, "%s: %s", one->id, why.data ? why.data : "");
                if (!fleet_is_lost(fleet, one))
                        one->failed = text_take(&why);
        }
}

/* What has failed in a former life is not tried again. */
static void start_tasks(Fleet *fleet, size_t from, size_t to) {
        const FleetAction *action = fleet->spec->action;

        for (size_t i = from; i < to; i++) {
                FleetInstance *one = &fleet->items[i];
                const FleetTarget target = { .instance_id = one->id, .agent_id = one->agent };

                if (!one->failed && !one->gone && !fleet_is_interrupted(fleet, one))
                        action->start(fleet->job, action->context, &target, action->step, &one->task);
        }
}

/* The tasks stand in the instances, the wait wants them in a row. */
static bool wait_tasks(Fleet *fleet, size_t from, size_t to, Error **err) {
        AgentTask *tasks = xcalloc(to - from + 1, sizeof(*tasks));
        size_t count = 0;

        for (size_t i = from; i < to; i++)
                if (fleet->items[i].task.task_id)
                        tasks[count++] = fleet->items[i].task;
        const AgentTasksWatch watch = { .look = fleet_show_tasks, .context = fleet };
        bool ok = agent_tasks_wait_watched(fleet->job, tasks, count, &watch, err);
        for (size_t i = to; i-- > from;)
                if (fleet->items[i].task.task_id)
                        fleet->items[i].task = tasks[--count];
        free(tasks);
        return ok;
}

/* What may fail goes back by itself, and the rest goes on. */
static bool tolerate(Fleet *fleet, size_t from, size_t to, size_t failures_before, Error **err) {
        size_t failures = fleet_failures(fleet);

        if (failures == failures_before)
                return true;
        if (failures > fleet->spec->options->max_failures)
                return fail_for_failures(fleet, err);
        job_log(fleet->job, "Going on: %zu of at most %zu instances have failed", failures,
                fleet->spec->options->max_failures);
        for (size_t i = from; i < to; i++)
                if (fleet->items[i].failed && !fleet_undo_instances(fleet, i, i + 1, err))
                        return false;
        return fleet_remember_state(fleet, err);
}

/* Instances side by side. */
static bool work_on(Fleet *fleet, size_t from, size_t to, Error **err) {
        size_t failures = fleet_failures(fleet);

        if (!job_check(fleet->job, err))
                return false;
        if (to > fleet->given) { /* before the orders leave, so that a resumed job knows whom to send back */
                fleet->given = to;
                if (!fleet_remember_state(fleet, err))
                        return false;
        }
        start_tasks(fleet, from, to);
        if (!wait_tasks(fleet, from, to, err))
                return false;
        judge(fleet, from, to);
        fleet_forget_ended(fleet, from, to);
        return tolerate(fleet, from, to, failures, err);
}

static bool work_batch(Fleet *fleet, size_t from, size_t to, Error **err) {
        if (fleet->spec->options->execution == EXECUTION_PARALLEL)
                return from == to || work_on(fleet, from, to, err);
        for (size_t i = from; i < to; i++)
                if (!work_on(fleet, i, i + 1, err))
                        return false;
        return true;
}

/* ---- a batch ---- */

static bool nap(Fleet *fleet, int64_t duration_ms, const char *why, Error **err) {
        Deadline until = deadline_after_ms(duration_ms);

        if (duration_ms <= 0)
                return true;
        job_log(fleet->job, "Waiting %llds: %s", (long long) (duration_ms / 1000), why);
        while (!deadline_passed(until)) {
                if (!job_check(fleet->job, err))
                        return false;
                clock_sleep_ms(NAP_MS);
        }
        return true;
}

static size_t count_connected(const Fleet *fleet, size_t from, size_t to) {
        size_t count = 0;

        for (size_t i = 0; i < fleet->count; i++) {
                const FleetInstance *one = &fleet->items[i];
                if ((i < from || i >= to) && !one->gone && !one->stuck &&
                    task_board_agent_connected(fleet->job->services->tasks, one->agent))
                        count++;
        }
        return count;
}

/* Whether the batch may be taken out now. */
static bool check_floor(const Fleet *fleet, size_t from, size_t to, Error **err) {
        const DeployBalancer *balancer = fleet->spec->balancer;
        size_t floor = fleet_floor(fleet), healthy = 0;

        if (fleet->batches > 1 && balancer && floor == 0)
                floor = 1; /* somebody has to serve */
        if (floor == 0)
                return true;
        if (balancer) {
                CLEANUP(string_list_clear) StringList batch = { 0 };
                fleet_ids(fleet, from, to, &batch);
                if (!balancer->count_healthy(balancer->context, &batch, &healthy, err))
                        return false;
        } else
                healthy = count_connected(fleet, from, to);
        return healthy >= floor ||
               error_set(
                       err, ERROR_CONFLICT,
                       "batch %zu is not begun: outside of it %zu instances are healthy, and %zu must be",
                       fleet->at + 1, healthy, floor);
}

static char *batch_name(const Fleet *fleet, size_t batch) {
        return xasprintf("%s.%zu", fleet->spec->action->name, batch);
}

static bool take_out(Fleet *fleet, size_t from, size_t to, Error **err) {
        const DeployBalancer *balancer = fleet->spec->balancer;
        CLEANUP(free) char *name = batch_name(fleet, fleet->at);
        CLEANUP(string_list_clear) StringList ids = { 0 };

        if (!balancer)
                return true;
        fleet_ids(fleet, from, to, &ids);
        return balancer->take_out(balancer->context, name, &ids, err) &&
               nap(fleet, balancer->wait_before_ms, "The value set for wait_before_deploy", err);
}

/* What failed comes back only when it is on what it had before. */
static bool put_back(Fleet *fleet, size_t from, size_t to, Error **err) {
        const DeployBalancer *balancer = fleet->spec->balancer;
        CLEANUP(free) char *name = batch_name(fleet, fleet->at);
        CLEANUP(string_list_clear) StringList ids = { 0 };
        CLEANUP(text_clear) Text names = { 0 };

        if (!balancer)
                return true;
        for (size_t i = from; i < to; i++) {
                const FleetInstance *one = &fleet->items[i];
                if (one->gone || !fleet_serves(fleet, one))
                        continue;
                text_appendf(&names, "%s%s", ids.count > 0 ? ", " : "", one->id);
                string_list_add(&ids, one->id);
        }
        if (!nap(fleet, balancer->wait_after_ms, "The value set for wait_after_deploy", err) ||
            !balancer->put_back(balancer->context, name, &ids, err))
                return false;
        job_log(fleet->job, "Instances: [%s] have been deployed and are registered in their load balancer",
                names.data ? names.data : "");
        return true;
}

static bool run_batch(Fleet *fleet, Error **err) {
        size_t from = fleet_first(fleet, fleet->at), to = fleet_first(fleet, fleet->at + 1);

        if (!job_check(fleet->job, err))
                return false;
        fleet_show(fleet, NULL, 0, false);
        if (fleet->batches > 1)
                job_log(fleet->job, "Batch %zu of %zu", fleet->at + 1, fleet->batches);
        if (!fleet->worked) {
                if ((fleet->given <= from && !check_floor(fleet, from, to, err)) ||
                    !take_out(fleet, from, to, err) || !work_batch(fleet, from, to, err))
                        return false;
                fleet->worked = true;
                if (fleet->spec->balancer && !fleet_remember_state(fleet, err))
                        return false;
        }
        if (!put_back(fleet, from, to, err))
                return false;
        fleet->at++;
        fleet->worked = false;
        return fleet->at == fleet->batches || fleet_remember_state(fleet, err);
}

static bool run_batches(Fleet *fleet, Error **err) {
        const FleetAction *action = fleet->spec->action;

        if (action->begin && !action->begin(fleet->job, action->context, err))
                return false;
        while (fleet->at < fleet->batches)
                if (!fleet_await_approval(fleet, err) || !run_batch(fleet, err))
                        return false;
        return true;
}

/* ---- the whole ---- */

static void add_once(StringList *list, const char *item) {
        if (!string_list_contains(list, item))
                string_list_add(list, item);
}

static void fill_result(const Fleet *fleet, FleetResult *ret) {
        ret->instances = 0;
        for (size_t i = 0; i < fleet->count; i++) {
                const FleetInstance *one = &fleet->items[i];

                ret->instances += !one->failed && !one->gone;
                if (!one->failed)
                        continue;
                string_list_addf(
                        &ret->failed, "%s (%s%s)", one->id, one->failed,
                        one->stuck ? "; it did NOT go back, look at it" : "");
                add_once(&ret->failed_ids, one->id);
        }
        for (size_t i = 0; i < fleet->unreachable.count; i++) {
                CLEANUP(free)
                char *text = xasprintf("%s (" FLEET_UNREACHABLE ")", fleet->unreachable.items[i]);
                add_once(&ret->failed, text);
                add_once(&ret->failed_ids, fleet->unreachable.items[i]);
        }
        for (size_t i = 0; i < fleet->left_out.count; i++)
                add_once(&ret->left_out, fleet->left_out.items[i]);
}

bool fleet_finished(JobContext *job, const char *name, bool *ret, Error **err) {
        CLEANUP(document_free) Document *done = NULL;

        if (!fleet_recall(job, FLEET_DONE, name, &done, err))
                return false;
        *ret = done != NULL;
        return true;
}

static bool make_plan(Fleet *fleet, Error **err) {
        const DeployBalancer *balancer = fleet->spec->balancer;

        if (!fleet_choose(fleet, err))
                return false;
        if (fleet->count == 0)
                job_log(fleet->job, "No instance is %s: instances get it when they boot",
                        fleet->left_out.count ? "ready" : "running");
        if (fleet->count > 0 && balancer && !balancer->check(balancer->context, err))
                return false;
        fleet_announce(fleet);
        return fleet_remember_plan(fleet, err);
}

static bool run(Fleet *fleet, bool known, Error **err) {
        const FleetAction *action = fleet->spec->action;
        CLEANUP(error_free) Error *why = NULL;

        if ((!known && !make_plan(fleet, err)) ||
            (action->prepare && !action->prepare(fleet->job, action->context, err)))
                return false;
        if (run_batches(fleet, &why))
                return true;
        if (error_kind(why) == ERROR_CANCELLED && job_interrupted(fleet->job))
                return error_set(
                        err, ERROR_CANCELLED, "%s", error_message(why)); /* the resumed job goes on */
        return fleet_go_back(fleet, why, err);
}

bool fleet_run(JobContext *job, const FleetSpec *spec, FleetResult *ret, Error **err) {
        CLEANUP(fleet_clear) Fleet fleet = { .job = job, .spec = spec, .batches = 1 };
        CLEANUP(error_free) Error *forgotten = NULL;
        CLEANUP(document_free) Document *done = document_object();
        bool known = false, going_back = false, finished = false;

        if (!fleet_recall_all(&fleet, &known, err) ||
            !fleet_finished(job, spec->action->name, &finished, err) ||
            (!finished && !fleet_go_back_on(&fleet, &going_back, err)) ||
            (!finished && !run(&fleet, known, err)))
                return false;
        fleet_show(&fleet, NULL, 0, true);
        fill_result(&fleet, ret);
        for (size_t i = 0; i < fleet.count && !finished; i++)
                fleet_settle(&fleet, &fleet.items[i], false);
        if (!finished && !fleet_remember(&fleet, FLEET_DONE, done, &forgotten))
                job_log(job, "%s", error_message(forgotten)); /* a resumed job looks at the receipts again */
        return true;
}

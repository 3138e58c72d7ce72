#include "groups/straggler.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "groups/straggler_balancer.h"
#include "jobs/steps/module_health.h"
#include "jobs/steps/order_checks.h"
#include "jobs/steps/order_post.h"
#include "model/scaling_group.h"
#include "store/collection.h"
#include "store/deviation_store.h"
#include "store/instance_store.h"
#include "store/release_store.h"

enum { TRIES_MAX = 3, ID_BYTES = 12 };

/* What is done about it stands in the instance's document under "straggler". */
typedef struct Straggler {
        const GroupWatcherSpec *spec;
        const Document *app, *instance;
        const char *id, *log_id, *agent_id;
        char *module, *wanted; /* "": none */
        char *task_id;         /* "": nothing is under way */
        char *said;            /* NULL: nothing */
        bool out;              /* it is, or may be, out of its load balancer, or is to leave it */
        bool begins;           /* to leave it */
        bool given;            /* it has the order */
        bool checked;          /* the order has the module's health checked */
        int64_t tries, since_us;
} Straggler;

static void straggler_clearp(Straggler *one) {
        free(one->module);
        free(one->wanted);
        free(one->task_id);
        free(one->said);
}

static bool is_out(const Document *instance) {
        const Document *out = document_get(instance, STRAGGLER_OUT);

        return out && !document_is_null(out);
}

static void read_straggler(
        const GroupWatcherSpec *spec, const Document *app, const Document *instance, Straggler *ret) {
        *ret = (Straggler){ .spec = spec,
                            .app = app,
                            .instance = instance,
                            .id = document_get_string(instance, "instance_id"),
                            .log_id = document_get_string(instance, "_id"),
                            .agent_id = document_get_string(instance, "agent_id"),
                            .module = xstrdup(document_get_string(instance, "straggler.module")),
                            .wanted = xstrdup(document_get_string(instance, "straggler.wanted")),
                            .task_id = xstrdup(document_get_string(instance, "straggler.task_id")),
                            .out = is_out(instance),
                            .given = !document_get_bool(instance, "straggler.leaving"),
                            .checked = document_get_bool(instance, "straggler.checked"),
                            .tries = document_get_int(instance, "straggler.tries"),
                            .since_us = document_get_int(instance, "straggler.since_us") };
}

static bool put(const Straggler *one, Error **err) {
        CLEANUP(document_free) Document *members = document_object();
        Document *state = document_object();

        document_set_string(state, "module", one->module);
        document_set_string(state, "wanted", one->wanted);
        document_set_string(state, "task_id", one->task_id);
        document_set_bool(state, "leaving", !one->given);
        document_set_bool(state, "checked", one->checked);
        document_set_int(state, "tries", one->tries);
        document_set_int(state, "since_us", one->since_us);
        document_set(members, "straggler", state);
        if (!one->out)
                document_set(members, STRAGGLER_OUT, document_null());
        else if (one->begins)
                document_set(members, STRAGGLER_OUT, document_object());
        return instance_store_put(one->spec->store, one->id, members, err);
}

/* Said when the store is let go: the log takes its lock before the store's. */
static void say(Straggler *one, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(Straggler *one, const char *format, ...) {
        va_list args;

        free(one->said);
        va_start(args, format);
        one->said = xvasprintf(format, args);
        va_end(args);
}

static void speak(const Straggler *one) {
        CLEANUP(error_free) Error *error = NULL;

        if (!one->said)
                return;
        log_info("instance %s: %s", one->id, one->said);
        if (!job_logs_append(one->spec->logs, one->log_id, one->said, &error))
                log_error("log of instance %s: %s", one->id, error_message(error));
}

static char *release_text(const char *manifest) {
        return *manifest ? xasprintf("release %.12s", manifest) : xstrdup("no release");
}

/* ---- the order ---- */

static void post(const Straggler *one, Ghost__Order *order) {
        order_post(
                &(OrderPost){ .board = one->spec->tasks,
                              .release_key = one->spec->release_key,
                              .task_id = one->task_id,
                              .agent_id = one->agent_id,
                              .log_id = one->log_id,
                              .timeout_ms = one->spec->ready_timeout_ms,
                              .lifetime_ms = one->spec->ready_timeout_ms },
                order);
}

static void give(const Straggler *one) {
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };
        Ghost__Order order = GHOST__ORDER__INIT;
        Ghost__DeployModule deploy = GHOST__DEPLOY_MODULE__INIT;
        Ghost__RestoreModule restore = GHOST__RESTORE_MODULE__INIT;

        if (*one->wanted) {
                deploy.module = one->module;
                deploy.manifest_sha256 = one->wanted;
                deploy.keep_releases = one->spec->keep_releases;
                deploy.hook_timeout_ms = (uint32_t) one->spec->hook_timeout_ms;
                deploy.health = module_health_fill(one->app, one->module, &health);
                order.action_case = GHOST__ORDER__ACTION_DEPLOY_MODULE;
                order.deploy_module = &deploy;
        } else {
                restore.module = one->module;
                restore.manifest_sha256 = one->wanted;
                restore.hook_timeout_ms = (uint32_t) one->spec->hook_timeout_ms;
                order.action_case = GHOST__ORDER__ACTION_RESTORE_MODULE;
                order.restore_module = &restore;
        }
        post(one, &order);
}

/* ---- what is under way ---- */

static bool end(Straggler *one, Error **err) {
        task_board_remove(one->spec->tasks, one->task_id);
        *one->task_id = '\0';
        one->given = true;
        return put(one, err);
}

static bool was_checked(const Straggler *one, const Ghost__Receipt *receipt, Text *ret_missing) {
        CLEANUP(string_list_clear) StringList modules = { 0 };

        if (one->checked)
                string_list_add(&modules, one->module);
        return order_checks_made(&modules, receipt, ret_missing);
}

/* Left alone from now on, and to be seen. */
static bool give_up(Straggler *one, const char *why, Error **err) {
        CLEANUP(free)
        char *text = xasprintf("tried %d times without a job, and then left alone: %.1000s", TRIES_MAX, why);
        const Deviation deviation = {
                .module = one->module, .wanted = one->wanted, .job_id = "", .why = text
        };

        log_warn("instance %s: module %s: %s", one->id, one->module, text);
        return deviation_store_put(one->spec->store, one->id, &deviation, err);
}

static bool note_failure(Straggler *one, const char *why, Error **err) {
        return one->tries < TRIES_MAX || give_up(one, why, err);
}

/* It is on it. What was noted of it does not count any more. */
static bool note_success(const Straggler *one, const char *missing, Error **err) {
        const Deviation deviation = {
                .module = one->module, .wanted = one->wanted, .job_id = "", .why = missing
        };

        return deviation_store_put(one->spec->store, one->id, &deviation, err);
}

static bool note_receipt(Straggler *one, const Ghost__Receipt *receipt, Error **err) {
        CLEANUP(free) char *text = release_text(one->wanted);
        CLEANUP(text_clear) Text missing = { 0 };

        if (!receipt->ok) {
                say(one, "Module %s: not on %s: %s%s", one->module, text, receipt->message,
                    one->tries < TRIES_MAX ? "" : "; it is not tried again");
                return note_failure(one, receipt->message, err);
        }
        if (was_checked(one, receipt, &missing))
                say(one, "Module %s: on %s", one->module, text);
        else
                say(one, "Module %s: on %s, but %s", one->module, text, missing.data);
        return note_success(one, missing.data, err);
}

static bool has_receipt(Straggler *one, bool *ret, Error **err) {
        Ghost__Receipt *receipt = NULL;

        if (!task_board_receipt(one->spec->tasks, one->task_id, one->agent_id, &receipt, err))
                return false;
        *ret = receipt != NULL;
        if (!receipt)
                return true;
        bool noted = note_receipt(one, receipt, err);
        ghost__receipt__free_unpacked(receipt, NULL);
        return noted && end(one, err);
}

/* A job that has begun decides from now on. What its agent has already comes before what the job gives it.
 * For one that is out of its load balancer the job waits. */
static bool follow(Straggler *one, bool job_runs, Error **err) {
        bool ended = false;

        if (!has_receipt(one, &ended, err) || ended)
                return ended;
        if (job_runs && !one->out)
                return end(one, err);
        if (clock_now_us() - one->since_us > one->spec->ready_timeout_ms * 1000) {
                say(one, "Module %s: no answer of its agent within %lld s", one->module,
                    (long long) one->spec->ready_timeout_ms / 1000);
                task_board_cancel(one->spec->tasks, one->task_id);
                return note_failure(one, "no answer of its agent", err) && end(one, err);
        }
        if (!task_board_knows(one->spec->tasks, one->task_id, one->agent_id, NULL))
                give(one); /* the controller was restarted */
        return true;
}

/* ---- who is one ---- */

/* Ready, by its own word; a group's is its group's until it may serve. */
static bool is_settled(const GroupWatcherSpec *spec, const Document *instance) {
        const char *state = document_get_string(instance, "state");
        const char *agent_id = document_get_string(instance, "agent_id");

        return document_get_bool(instance, "bootstrapped") && document_get(instance, "modules") &&
               text_equal(state, "ready") && !text_equal(document_get_string(instance, "purpose"), "bake") &&
               (!text_equal(document_get_string(instance, "purpose"), JOIN_PURPOSE_GROUP) ||
                text_equal(document_get_string(instance, "lifecycle"), "continued")) &&
               !instance_is_interrupted(instance) && *agent_id &&
               task_board_agent_connected(spec->tasks, agent_id);
}

static const char *release_on(const Document *instance, const char *module) {
        const Document *modules = document_get(instance, "modules");

        for (size_t i = 0; i < document_count(modules); i++)
                if (text_equal(document_get_string(document_at(modules, i), "module"), module))
                        return document_get_string(document_at(modules, i), "manifest_sha256");
        return "";
}

static const char *wanted_release(const ReleaseList *releases, const char *module) {
        for (size_t i = 0; i < releases->count; i++)
                if (text_equal(releases->items[i].module, module))
                        return releases->items[i].manifest_sha256;
        return "";
}

/* The first module that is not as it should be and may be tried. */
static bool find_module(Straggler *one, const ReleaseList *releases) {
        const Document *modules = document_get(one->app, "modules");

        for (size_t i = 0; i < document_count(modules); i++) {
                const char *module = document_get_string(document_at(modules, i), "name");
                const char *wanted = wanted_release(releases, module);

                if (text_equal(release_on(one->instance, module), wanted) ||
                    deviation_find(one->instance, module, wanted))
                        continue;
                bool same = text_equal(one->module, module) && text_equal(one->wanted, wanted);
                if (same && one->tries >= TRIES_MAX)
                        continue;
                if (!same)
                        one->tries = 0;
                free(one->module);
                free(one->wanted);
                one->module = xstrdup(module);
                one->wanted = xstrdup(wanted);
                return true;
        }
        return false;
}

static bool begin(Straggler *one, Error **err) {
        CLEANUP(module_health_clear) ModuleHealth health = { 0 };
        CLEANUP(free) char *text = release_text(one->wanted);

        one->tries++;
        one->since_us = clock_now_us();
        free(one->task_id);
        one->task_id = crypto_random_hex(ID_BYTES);
        one->checked = *one->wanted && module_health_fill(one->app, one->module, &health);
        one->out = one->begins = straggler_has_balancer(one->spec, one->app);
        one->given = !one->out;
        if (!put(one, err))
                return false;
        one->begins = false;
        say(one, "Module %s: it is on another release than is wanted; bringing it to %s", one->module, text);
        if (one->given)
                give(one);
        return true;
}

/* ---- all ---- */

typedef struct Look {
        const GroupWatcherSpec *spec;
        const Document *app;
        Document *instances;
        ReleaseList releases;
} Look;
static void look_clearp(Look *look) {
        document_free(look->instances);
        release_list_clear(&look->releases);
}

static bool read_look(Look *look, Error **err) {
        const char *app_id = document_get_string(look->app, "_id");
        CLEANUP(document_free) Document *where = document_object();

        document_set_string(where, "app_id", app_id);
        return collection_find(look->spec->store, COLLECTION_INSTANCES, where, &look->instances, err) &&
               release_store_list(look->spec->store, app_id, &look->releases, err);
}

/* One that has an order first: nobody else gets one meanwhile; then the one that was tried least. */
static bool find_straggler(const Look *look, Straggler *ret) {
        bool found = false;

        for (size_t i = 0; i < document_count(look->instances); i++) {
                Straggler one;

                read_straggler(look->spec, look->app, document_at(look->instances, i), &one);
                bool open = *one.task_id || one.out;
                if (open || (is_settled(look->spec, one.instance) && find_module(&one, &look->releases) &&
                             (!found || one.tries < ret->tries))) {
                        straggler_clearp(ret);
                        *ret = one;
                        found = true;
                } else
                        straggler_clearp(&one);
                if (open)
                        break;
        }
        return found;
}

static bool act(const Look *look, Straggler *one, Error **err) {
        bool runs = false;

        if (!straggler_job_runs(look->spec->store, look->app, &runs, err))
                return false;
        if (*one->task_id && one->given)
                return follow(one, runs, err);
        if (*one->task_id || one->out)
                return true; /* on its way, see move() */
        return runs || begin(one, err);
}

/* As one with the look whether a job runs: a job that is claimed after it gives its orders after ours. */
static bool look_and_act(Look *look, Straggler *one, Error **err) {
        if (!store_begin(look->spec->store, err))
                return false;
        if (!read_look(look, err) || (find_straggler(look, one) && !act(look, one, err))) {
                store_roll_back(look->spec->store);
                return false;
        }
        return store_commit(look->spec->store, err);
}

/* ---- out of its load balancer and back ---- */

static bool hand_over(Straggler *one, const Error *failed, Error **err) {
        bool runs = false;

        if (!straggler_job_runs(one->spec->store, one->app, &runs, err))
                return false;
        if (failed && !runs) {
                say(one, "Module %s: it does not leave its load balancer: %s", one->module,
                    error_message(failed));
                return note_failure(one, error_message(failed), err) && end(one, err);
        }
        if (runs)
                return end(one, err);
        one->given = true;
        one->since_us = clock_now_us();
        if (!put(one, err))
                return false;
        give(one);
        return true;
}

static bool back_again(Straggler *one, const Error *failed, Error **err) {
        (void) failed;
        one->out = false;
        return put(one, err);
}

static bool step(
        Straggler *one, bool (*next)(Straggler *one, const Error *failed, Error **err), const Error *failed,
        Error **err) {
        Store *store = one->spec->store;

        if (!store_begin(store, err))
                return false;
        if (!next(one, failed, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool move(Straggler *one, const StragglerStop *stop, Error **err) {
        const StragglerWay way = {
                .spec = one->spec, .app = one->app, .id = one->id, .log_id = one->log_id, .stop = stop
        };
        CLEANUP(error_free) Error *failed = NULL;

        if (*one->task_id && one->given)
                return true; /* it has its order */
        if (*one->task_id) {
                if (!straggler_leave(&way, &failed) && stop && stop->asked(stop->context))
                        return true;
                free(TAKE(one->said));
                if (!step(one, hand_over, failed, err))
                        return false;
                speak(one);
        }
        if (*one->task_id)
                return true;
        return straggler_return(&way, err) && step(one, back_again, NULL, err);
}

bool stragglers_look(
        const GroupWatcherSpec *spec, const Document *app, const StragglerStop *stop, bool *ret_found,
        Error **err) {
        __attribute__((cleanup(look_clearp))) Look before = { .spec = spec, .app = app };
        __attribute__((cleanup(look_clearp))) Look look = { .spec = spec, .app = app };
        __attribute__((cleanup(straggler_clearp))) Straggler perhaps = { 0 }, one = { 0 };

        *ret_found = false;
        if (!read_look(&before, err))
                return false;
        *ret_found = find_straggler(&before, &perhaps);
        if (!*ret_found)
                return true; /* nearly always; nobody has to wait for the store */
        bool runs = false;
        if (!*perhaps.task_id && !perhaps.out && (!straggler_job_runs(spec->store, app, &runs, err) || runs))
                return runs; /* while a job changes them, many are not on what is wanted */
        if (!look_and_act(&look, &one, err))
                return false;
        speak(&one);
        return !one.out || move(&one, stop, err);
}

#include "groups/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "groups/group_breaker.h"
#include "jobs/steps/bootstrap_order.h"
#include "jobs/steps/order_checks.h"
#include "jobs/steps/order_post.h"
#include "model/scaling_group.h"
#include "store/instance_store.h"
#include "wire/envelope.h"

enum { ID_DIGITS = 24, LOG_WAIT_MS = 10000 };

typedef struct Member {
        const GroupRound *round;
        const AsgInstance *member;
        const Document *instance;
        const char *id, *log_id, *agent_id;
} Member;

static void say(const Member *member, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const Member *member, const char *format, ...) {
        CLEANUP(error_free) Error *error = NULL;
        va_list args;

        va_start(args, format);
        CLEANUP(free) char *line = xvasprintf(format, args);
        va_end(args);
        if (!job_logs_append(member->round->spec->logs, member->log_id, line, &error))
                log_error("log of instance %s: %s", member->id, error_message(error));
}

/* ---- what its document says ---- */

static bool put(
        const Member *member, const char *lifecycle, const char *state, const char *reason, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        document_set_string(members, "lifecycle", lifecycle);
        if (state)
                document_set_string(members, "state", state);
        if (reason)
                document_set_string(members, "reason", reason);
        return instance_store_put(member->round->spec->store, member->id, members, err);
}

/* What is to become of it and what the breaker makes of that, together: no failure counts twice or never,
 * whatever AWS and the controller do afterwards. reason NULL: it may serve. */
static bool decide(const Member *member, const char *reason, Error **err) {
        Store *store = member->round->spec->store;

        if (!store_begin(store, err))
                return false;
        bool put_down = reason ? put(member, LIFECYCLE_ABANDONING, "bootstrap_failed", reason, err)
                               : put(member, LIFECYCLE_CONTINUING, NULL, NULL, err);
        if (!put_down || !group_breaker_count(member->round, reason, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool is_at(const Member *member, const char *lifecycle) {
        return text_equal(document_get_string(member->instance, "lifecycle"), lifecycle);
}

/* ---- the lifecycle hook ---- */

static bool waits(const Member *member) {
        return member->member->state == ASG_PENDING_WAIT;
}

static AsgLifecycleAction action_of(const Member *member) {
        return (AsgLifecycleAction){ .group = member->round->group_name,
                                     .hook = SCALING_GROUP_HOOK,
                                     .instance_id = member->id };
}

/* INVALID: it does not wait there (any more). That is as good. */
static bool complete(const Member *member, bool proceed, Error **err) {
        const AsgLifecycleAction action = action_of(member);
        CLEANUP(error_free) Error *error = NULL;

        if (!waits(member) ||
            asg_complete_lifecycle_action(member->round->session, &action, proceed, &error) ||
            error_kind(error) == ERROR_INVALID)
                return true;
        *err = TAKE(error);
        return false;
}

/* Half of the hook's time has gone: it begins anew. */
static bool keep_waiting(const Member *member, Error **err) {
        const AsgLifecycleAction action = action_of(member);
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(error_free) Error *error = NULL;
        int64_t now_us = clock_now_us(), last_us = document_get_int(member->instance, "heartbeat_us");

        if (!waits(member) || now_us - last_us < member->round->spec->ready_timeout_ms * 500)
                return true;
        document_set_int(members, "heartbeat_us", now_us);
        if (!instance_store_put(member->round->spec->store, member->id, members, err))
                return false;
        if (asg_record_heartbeat(member->round->session, &action, &error) ||
            error_kind(error) == ERROR_INVALID)
                return true;
        *err = TAKE(error);
        return false;
}

/* ---- into service, or not ---- */

static bool let_in(const Member *member, Error **err) {
        if (!is_at(member, LIFECYCLE_CONTINUING) && !decide(member, NULL, err))
                return false;
        if (!complete(member, true, err) || !put(member, LIFECYCLE_CONTINUED, "ready", "", err))
                return false;
        say(member, "Ready: Auto Scaling group %s may take it into service", member->round->group_name);
        log_info("instance %s of group %s is ready", member->id, member->round->group_name);
        return true;
}

/* One that no hook holds is in service already: the group is told that it is not well, and replaces it. */
static bool give_up(const Member *member, const char *reason, Error **err) {
        if (!is_at(member, LIFECYCLE_ABANDONING)) {
                say(member, "Bootstrap failed: %s", reason);
                if (!decide(member, reason, err))
                        return false;
        }
        if (!complete(member, false, err))
                return false;
        if (member->member->state == ASG_IN_SERVICE &&
            !asg_set_health(member->round->session, member->id, false, err))
                return false;
        if (!put(member, LIFECYCLE_ABANDONED, NULL, NULL, err))
                return false;
        say(member, "Given up: Auto Scaling group %s will replace it", member->round->group_name);
        log_warn("instance %s of group %s is given up: %s", member->id, member->round->group_name, reason);
        return true;
}

/* ---- its bootstrap ---- */

/* Follows from the agent and the releases: what is wanted changed meanwhile, so it is another task. */
static char *make_task_id(const Member *member, const BootstrapOrder *bootstrap) {
        CLEANUP(free) char *releases = bootstrap_order_releases(bootstrap);
        CLEANUP(free) char *name = xasprintf("bootstrap\n%s\n%s", member->agent_id, releases);
        char *digest = crypto_sha256_hex(name, strlen(name));

        digest[ID_DIGITS] = '\0';
        return digest;
}

static bool begin(const Member *member, const char *task_id, BootstrapOrder *bootstrap, Error **err) {
        const GroupWatcherSpec *spec = member->round->spec;
        CLEANUP(document_free) Document *members = document_object();
        const char *former = document_get_string(member->instance, "bootstrap_task");

        if (!text_equal(former, task_id)) {
                if (*former)
                        task_board_remove(spec->tasks, former);
                document_set_string(members, "bootstrap_task", task_id);
                document_set_int(members, "bootstrap_us", clock_now_us());
                document_set_string(members, "lifecycle", LIFECYCLE_BOOTSTRAPPING);
                document_set_string(members, "state", "bootstrapping");
                if (!instance_store_put(spec->store, member->id, members, err))
                        return false;
                say(member,
                    *former ? "Something else is wanted meanwhile: bootstrapping again" : "Bootstrapping");
        }
        order_post(
                &(OrderPost){ .board = spec->tasks,
                              .release_key = spec->release_key,
                              .task_id = task_id,
                              .agent_id = member->agent_id,
                              .log_id = member->log_id,
                              .timeout_ms = spec->ready_timeout_ms,
                              .lifetime_ms = spec->ready_timeout_ms },
                &bootstrap->order);
        return true;
}

static bool out_of_time(const Member *member) {
        int64_t begun_us = document_get_int(member->instance, "bootstrap_us");

        return begun_us > 0 && clock_now_us() - begun_us > member->round->spec->ready_timeout_ms * 1000;
}

/* The last lines may come after the receipt; they are waited for, but not for ever. */
static bool log_is_complete(const Member *member, const Ghost__Receipt *receipt) {
        return job_logs_stream_bytes(member->round->spec->logs, member->log_id, receipt->task_id) >=
                       receipt->log_bytes ||
               clock_now_us() - document_get_int(member->instance, "bootstrap_us") >
                       (member->round->spec->ready_timeout_ms + LOG_WAIT_MS) * 1000;
}

static bool judge(
        const Member *member, const BootstrapOrder *bootstrap, const Ghost__Receipt *receipt, Error **err) {
        CLEANUP(string_list_clear) StringList checks = { 0 };
        CLEANUP(text_clear) Text missing = { 0 };

        if (!log_is_complete(member, receipt))
                return true;
        task_board_remove(member->round->spec->tasks, receipt->task_id);
        /* It may have been given another release meanwhile that is not wanted any more. */
        task_board_remove(
                member->round->spec->tasks, document_get_string(member->instance, "bootstrap_task"));
        if (!receipt->ok)
                return give_up(
                        member, *receipt->message ? receipt->message : "the agent gives no reason", err);
        order_checks_list(&bootstrap->order, &checks);
        return order_checks_made(&checks, receipt, &missing) ? let_in(member, err)
                                                             : give_up(member, missing.data, err);
}

static bool bootstrap_on(const Member *member, Error **err) {
        const GroupWatcherSpec *spec = member->round->spec;
        const BootstrapOrderSpec order = { .store = spec->store,
                                           .app = member->round->app,
                                           .app_id = document_get_string(member->round->app, "_id"),
                                           .private_ip = document_get_string(member->instance, "private_ip"),
                                           .keep_releases = spec->keep_releases,
                                           .hook_timeout_ms = spec->hook_timeout_ms };
        CLEANUP(bootstrap_order_clear) BootstrapOrder bootstrap = { 0 };
        Ghost__Receipt *receipt = NULL;

        if (!bootstrap_order_build(&order, &bootstrap, err))
                return false;
        CLEANUP(free) char *task_id = make_task_id(member, &bootstrap);
        if (!task_board_receipt(spec->tasks, task_id, member->agent_id, &receipt, err))
                return false;
        if (receipt) {
                bool ok = judge(member, &bootstrap, receipt, err);
                ghost__receipt__free_unpacked(receipt, NULL);
                return ok;
        }
        if (out_of_time(member)) {
                task_board_cancel(spec->tasks, task_id);
                task_board_remove(spec->tasks, task_id);
                CLEANUP(free)
                char *reason = xasprintf(
                        "no answer of its agent within %lld s", (long long) spec->ready_timeout_ms / 1000);
                return give_up(member, reason, err);
        }
        if (!task_board_knows(spec->tasks, task_id, member->agent_id, NULL) &&
            !begin(member, task_id, &bootstrap, err))
                return false;
        return keep_waiting(member, err);
}

bool member_advance(
        const GroupRound *round, const AsgInstance *member, const Document *instance, Error **err) {
        const Member one = { .round = round,
                             .member = member,
                             .instance = instance,
                             .id = member->id,
                             .log_id = document_get_string(instance, "_id"),
                             .agent_id = document_get_string(instance, "agent_id") };

        if (is_at(&one, LIFECYCLE_CONTINUED))
                return complete(&one, true, err);
        if (is_at(&one, LIFECYCLE_ABANDONED))
                return complete(&one, false, err);
        if (is_at(&one, LIFECYCLE_CONTINUING))
                return let_in(&one, err);
        if (is_at(&one, LIFECYCLE_ABANDONING))
                return give_up(&one, document_get_string(instance, "reason"), err);
        return bootstrap_on(&one, err);
}

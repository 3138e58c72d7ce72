#include "groups/group_breaker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/breaker_store.h"

static const char *app_id_of(const GroupRound *round) {
        return document_get_string(round->app, "_id");
}

static bool is_suspended(const GroupRound *round) {
        return string_list_contains(&round->group->suspended_processes, "Launch");
}

/* Inside the caller's transaction, so that an operator's reset is not overwritten. */
bool group_breaker_count(const GroupRound *round, const char *reason, Error **err) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        if (!breaker_store_get(round->spec->store, app_id_of(round), &breaker, err))
                return false;
        if (!reason && breaker.failures == 0)
                return true;
        breaker.failures = reason ? breaker.failures + 1 : 0;
        if (reason) {
                free(breaker.reason);
                breaker.reason = xstrdup(reason);
        }
        if (breaker.state == BREAKER_CLOSED && breaker.failures >= round->spec->failures_max) {
                breaker.state = BREAKER_OPEN;
                breaker.opened_us = clock_now_us();
                log_error(
                        "group %s: %lld new instances in a row could not be bootstrapped (%s); it launches "
                        "nothing more "
                        "until updateautoscaling or updatelifecyclehooks is run",
                        round->group_name, (long long) breaker.failures, breaker.reason);
        }
        return breaker_store_put(round->spec->store, app_id_of(round), &breaker, err);
}

/* Unless an operator has closed it meanwhile. *ret: it is to be suspended. */
static bool note_suspension(const GroupRound *round, bool *ret, Error **err) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };
        Store *store = round->spec->store;

        if (!store_begin(store, err))
                return false;
        bool ok = breaker_store_get(store, app_id_of(round), &breaker, err);
        *ret = ok && breaker.state == BREAKER_OPEN;
        breaker.suspended = true;
        if (!ok || (*ret && !breaker_store_put(store, app_id_of(round), &breaker, err))) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

/* Somebody else's suspension stays theirs. */
static bool suspend(const GroupRound *round, Error **err) {
        CLEANUP(string_list_clear) StringList launch = { 0 };
        bool wanted = false;

        if (is_suspended(round))
                return true;
        string_list_add(&launch, "Launch");
        return note_suspension(round, &wanted, err) &&
               (!wanted || asg_suspend_processes(round->session, round->group_name, &launch, err));
}

static bool resume(const GroupRound *round, Breaker *breaker, Error **err) {
        CLEANUP(string_list_clear) StringList launch = { 0 };

        string_list_add(&launch, "Launch");
        /* Also when the group does not show it: what it shows may be older than what we did. */
        if (breaker->suspended && !asg_resume_processes(round->session, round->group_name, &launch, err))
                return false;
        breaker->state = BREAKER_CLOSED;
        breaker->suspended = false;
        log_info("group %s launches instances again", round->group_name);
        return breaker_store_put(round->spec->store, app_id_of(round), breaker, err);
}

bool group_breaker_apply(const GroupRound *round, Error **err) {
        CLEANUP(breaker_clear) Breaker breaker = { 0 };

        if (!breaker_store_get(round->spec->store, app_id_of(round), &breaker, err))
                return false;
        switch (breaker.state) {
        case BREAKER_OPEN:
                return suspend(round, err);
        case BREAKER_CLOSING:
                return resume(round, &breaker, err);
        case BREAKER_CLOSED:
        default:
                return true;
        }
}

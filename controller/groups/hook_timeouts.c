#include "groups/hook_timeouts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "groups/group_breaker.h"
#include "groups/member.h"
#include "model/scaling_group.h"
#include "store/instance_store.h"

enum { ACTIVITIES = 100 };

static const char ran_out[] = "Heartbeat Timeout"; /* at the end of the activity's message */

static const Document *find_known(const Document *known, const char *id) {
        for (size_t i = 0; i < document_count(known); i++)
                if (text_equal(document_get_string(document_at(known, i), "instance_id"), id))
                        return document_at(known, i);
        return NULL;
}

/* One that it leaves by itself or that was given up has been counted. */
static bool is_undecided(const Document *instance) {
        const char *lifecycle = document_get_string(instance, "lifecycle");

        return !instance || !*lifecycle || text_equal(lifecycle, LIFECYCLE_BOOTSTRAPPING);
}

/* "Launching a new EC2 instance: i-1" */
static bool is_launch_of(const AsgActivity *activity, const char *id) {
        return text_starts_with(activity->description, "Launching") &&
               text_ends_with(activity->description, id);
}

static bool hook_ran_out(const AsgActivities *activities, const char *id) {
        for (size_t i = 0; i < activities->count; i++)
                if (is_launch_of(&activities->items[i], id))
                        return strstr(activities->items[i].message, ran_out) != NULL;
        return false;
}

/* One that has not joined is known from now on. */
static Document *what_is_known(const GroupRound *round, const Document *instance, const char *reason) {
        Document *members = document_object();

        document_set_string(members, "lifecycle", LIFECYCLE_ABANDONED);
        document_set_string(members, "state", "terminating");
        document_set_string(members, "reason", reason);
        if (instance)
                return members;
        document_set_string(members, "app_id", document_get_string(round->app, "_id"));
        document_set_string(members, "purpose", JOIN_PURPOSE_GROUP);
        document_set_string(members, "agent_id", "");
        document_set_string(members, "job_id", "");
        document_set_string(members, "private_ip", "");
        document_set_string(members, "last_seen", "");
        document_set_bool(members, "connected", false);
        document_set_bool(members, "bootstrapped", false);
        document_set(members, "modules", document_array());
        return members;
}

static void say(const GroupRound *round, const Document *instance, const char *reason) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *line = xasprintf("Bootstrap failed: %s", reason);
        const char *log_id = document_get_string(instance, "_id");

        if (instance && !job_logs_append(round->spec->logs, log_id, line, &error))
                log_error("log of instance %s: %s", log_id, error_message(error));
}

static bool count(const GroupRound *round, const char *id, const Document *instance, Error **err) {
        const char *reason = instance
                                     ? "its lifecycle hook ran out before it was bootstrapped"
                                     : "its lifecycle hook ran out before an agent of it had joined: look at "
                                       "its image, its network and whether it has the group's token";
        CLEANUP(document_free) Document *members = what_is_known(round, instance, reason);
        Store *store = round->spec->store;

        if (!store_begin(store, err))
                return false;
        if (!instance_store_put(store, id, members, err) || !group_breaker_count(round, reason, err)) {
                store_roll_back(store);
                return false;
        }
        if (!store_commit(store, err))
                return false;
        say(round, instance, reason);
        log_warn("instance %s of group %s: %s", id, round->group_name, reason);
        return true;
}

bool hook_timeouts_count(const GroupRound *round, const Document *known, Error **err) {
        CLEANUP(asg_activities_clear) AsgActivities activities = { 0 };
        bool asked = false;

        for (size_t i = 0; i < round->group->instances.count; i++) {
                const AsgInstance *member = &round->group->instances.items[i];
                const Document *instance = find_known(known, member->id);

                if (!group_round_leaves(member->state) || !is_undecided(instance))
                        continue;
                if (!asked &&
                    !asg_describe_activities(round->session, round->group_name, ACTIVITIES, &activities, err))
                        return false;
                asked = true;
                if (hook_ran_out(&activities, member->id) && !count(round, member->id, instance, err))
                        return false;
        }
        return true;
}

#include "groups/group_round.h"

#include <stdlib.h>

#include "aws/ec2_wait.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "groups/group_breaker.h"
#include "groups/hook_timeouts.h"
#include "groups/interrupted.h"
#include "groups/member.h"
#include "model/scaling_group.h"
#include "store/collection.h"
#include "store/instance_store.h"

static const int64_t believed_us =
        INT64_C(60) * 1000 * 1000; /* a new instance that the group does not show */

static void trouble(const GroupRound *round, const char *instance_id, const Error *error) {
        log_warn(
                "group %s%s%s: %s", round->group_name, instance_id ? ", instance " : "",
                instance_id ? instance_id : "", error_message(error));
        if (round->troubles)
                app_troubles_tell(round->troubles, round->app, instance_id, error_message(error));
}

/* ---- those in the group ---- */

/* Whatever it was told to do is not worth while any more. */
static void take_order_back(const GroupRound *round, const Document *instance) {
        const char *task_id = document_get_string(instance, "bootstrap_task");

        if (!*task_id)
                return;
        task_board_cancel(round->spec->tasks, task_id);
        task_board_remove(round->spec->tasks, task_id);
}

static bool mark_leaving(const GroupRound *round, const Document *instance, Error **err) {
        CLEANUP(document_free) Document *members = document_object();

        if (text_equal(document_get_string(instance, "state"), "terminating"))
                return true;
        take_order_back(round, instance);
        document_set_string(members, "state", "terminating");
        return instance_store_put(
                round->spec->store, document_get_string(instance, "instance_id"), members, err);
}

static bool look_at(
        const GroupRound *round, const AsgInstance *member, const Document *instance, Error **err) {
        return group_round_leaves(member->state) ? mark_leaving(round, instance, err)
                                                 : member_advance(round, member, instance, err);
}

/* ---- those that were ---- */

static const AsgInstance *find_member(const GroupRound *round, const char *id) {
        for (size_t i = 0; round->group && i < round->group->instances.count; i++)
                if (text_equal(round->group->instances.items[i].id, id))
                        return &round->group->instances.items[i];
        return NULL;
}

static bool is_old(const Document *instance) {
        int64_t created_us = 0;

        return clock_parse_http(document_get_string(instance, "_created"), &created_us) &&
               clock_now_us() - created_us > believed_us;
}

static bool still_lives(const Ec2Instances *found, const char *id) {
        for (size_t i = 0; i < found->count; i++)
                if (text_equal(found->items[i].id, id))
                        return found->items[i].state != EC2_TERMINATED &&
                               found->items[i].state != EC2_SHUTTING_DOWN;
        return false;
}

typedef struct Missing {
        const Document **items;
        size_t count;
} Missing;

/* One that was detached, or left by a group that is gone, goes on living; one that is gone gives its identity
 * up. */
static bool forget_gone(const GroupRound *round, const Missing *missing, Error **err) {
        CLEANUP(ec2_instances_clear) Ec2Instances found = { 0 };
        CLEANUP(string_list_clear) StringList ids = { 0 };

        if (missing->count == 0)
                return true;
        for (size_t i = 0; i < missing->count; i++)
                string_list_add(&ids, document_get_string(missing->items[i], "instance_id"));
        if (!ec2_seek_instances(round->session, &ids, &found, err))
                return false;
        for (size_t i = 0; i < missing->count; i++) {
                if (still_lives(&found, ids.items[i]))
                        continue;
                log_info(
                        "instance %s has left group %s%s", ids.items[i], round->group_name,
                        round->group ? "" : ", which is gone");
                take_order_back(round, missing->items[i]);
                if (!instance_store_set_gone(round->spec->store, ids.items[i], err))
                        return false;
        }
        return true;
}

/* ---- all ---- */

static bool known_instances(const GroupRound *round, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();

        document_set_string(where, "app_id", document_get_string(round->app, "_id"));
        document_set_string(where, "purpose", JOIN_PURPOSE_GROUP);
        return collection_find(round->spec->store, COLLECTION_INSTANCES, where, ret, err);
}

/* *ret: those that the group does not show (any more); it has room for all. */
static void look_at_known(const GroupRound *round, const Document *known, Missing *ret) {
        for (size_t i = 0; i < document_count(known); i++) {
                const Document *instance = document_at(known, i);
                const char *id = document_get_string(instance, "instance_id");
                const char *state = document_get_string(instance, "state");
                const AsgInstance *member = find_member(round, id);
                CLEANUP(error_free) Error *error = NULL;

                if (text_equal(state, "gone"))
                        continue;
                if (!member && (is_old(instance) || text_equal(state, "terminating")))
                        ret->items[ret->count++] = instance;
                if (member && !look_at(round, member, instance, &error))
                        trouble(round, id, error);
        }
}

void group_round_run(const GroupRound *round) {
        CLEANUP(document_free) Document *known = NULL;
        Missing missing = { 0 };
        CLEANUP(error_free) Error *failed = NULL;
        CLEANUP(error_free) Error *open = NULL;
        CLEANUP(error_free) Error *unclear = NULL;
        CLEANUP(error_free) Error *undrained = NULL;
        CLEANUP(error_free) Error *uncounted = NULL;

        if (!interrupted_drain(round, &undrained))
                trouble(round, NULL, undrained);
        if (!known_instances(round, &known, &failed))
                trouble(round, NULL, failed);
        if (round->group && known && !hook_timeouts_count(round, known, &uncounted))
                trouble(round, NULL, uncounted);
        CLEANUP(free) const Document **room = xcalloc(document_count(known) + 1, sizeof(*room));
        missing.items = room;
        look_at_known(round, known, &missing);
        if (!forget_gone(round, &missing, &unclear))
                trouble(round, NULL, unclear);
        if (round->group && !group_breaker_apply(round, &open))
                trouble(round, NULL, open);
}

#include "groups/interrupted.h"

#include "base/log.h"
#include "base/memory.h"
#include "jobs/steps/group_balancers.h"
#include "store/collection.h"
#include "store/instance_store.h"

typedef struct Leaving {
        const GroupRound *round;
        const char *id, *log_id;
} Leaving;

static void say(void *context, const char *line) {
        const Leaving *leaving = context;
        CLEANUP(error_free) Error *error = NULL;

        log_info("instance %s: %s", leaving->id, line);
        if (!job_logs_append(leaving->round->spec->logs, leaving->log_id, line, &error))
                log_error("log of instance %s: %s", leaving->id, error_message(error));
}

/* One that no balancer knows may be registered yet: it is looked at again. */
static bool drain(const GroupRound *round, const Document *instance, Error **err) {
        Leaving leaving = { round, document_get_string(instance, "instance_id"),
                            document_get_string(instance, "_id") };
        Ec2Work work = { .context = &leaving, .session = round->session, .log = say };
        CLEANUP(document_free) Document *members = document_object();
        CLEANUP(string_list_clear) StringList ids = { 0 };
        bool left = false;

        string_list_add(&ids, leaving.id);
        if (!group_balancers_leave(&work, round->group, &ids, &left, err))
                return error_prefix(err, "instance %s", leaving.id);
        if (!left)
                return true;
        document_set_bool(members, "drained", true);
        return instance_store_put(round->spec->store, leaving.id, members, err);
}

bool interrupted_drain(const GroupRound *round, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;
        bool ok = true;

        if (!round->group || !group_has_balancers(round->group))
                return true;
        document_set_string(where, "app_id", document_get_string(round->app, "_id"));
        if (!collection_find(round->spec->store, COLLECTION_INSTANCES, where, &found, err))
                return false;
        for (size_t i = 0; ok && i < document_count(found); i++) {
                const Document *instance = document_at(found, i);

                if (instance_is_interrupted(instance) && !document_get_bool(instance, "drained") &&
                    !text_equal(document_get_string(instance, "state"), "gone"))
                        ok = drain(round, instance, err);
        }
        return ok;
}

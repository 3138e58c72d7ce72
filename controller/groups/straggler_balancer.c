#include "groups/straggler_balancer.h"

#include <stdlib.h>

#include "aws/app_place.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "jobs/steps/app_balancer.h"
#include "jobs/steps/group_processes.h"
#include "model/job.h"
#include "store/collection.h"
#include "store/instance_store.h"

enum { WAY_MS = 60 * 60 * 1000, LOOK_MS = 1000 };

#define NAME "straggler"
#define STEP_STAYS "stays" /* it was not taken out */
#define STEP_LEFT "left"   /* it was, or was about to be */

typedef struct Way {
        const StragglerWay *of;
        bool returning;
        bool job_runs;      /* as of the last look */
        Deadline next_look; /* at jobs */
        AwsSession session;
        Ec2Work work;
        AppBalancerSpec spec;
        AppBalancer balancer;
        StringList ids;
} Way;

static void way_clearp(Way *way) {
        app_balancer_clear(&way->balancer);
        string_list_clear(&way->ids);
}

bool straggler_has_balancer(const GroupWatcherSpec *spec, const Document *app) {
        const char *type = document_get_string(app, "safe-deployment.load_balancer_type");

        return spec->aws && !text_equal(type, "none") &&
               (text_equal(type, "haproxy") || *document_get_string(app, "autoscale.name"));
}

bool straggler_job_runs(Store *store, const Document *app, bool *ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        document_set_string(where, "app_id", document_get_string(app, "_id"));
        document_set_string(where, "status", names_word(&job_status_names, JOB_STARTED));
        if (!collection_find(store, COLLECTION_JOBS, where, &found, err))
                return false;
        *ret = document_count(found) > 0;
        return true;
}

/* ---- what the steps work with ---- */

static void say(void *context, const char *line) {
        const Way *way = context;
        CLEANUP(error_free) Error *error = NULL;

        log_info("instance %s: %s", way->of->id, line);
        if (!job_logs_append(way->of->spec->logs, way->of->log_id, line, &error))
                log_error("log of instance %s: %s", way->of->id, error_message(error));
}

static bool is_stopping(void *context) {
        const StragglerStop *stop = ((const Way *) context)->of->stop;

        return stop && stop->asked(stop->context);
}

/* On the way out a job comes first. */
static bool should_stop(void *context) {
        Way *way = context;
        CLEANUP(error_free) Error *ignored = NULL;

        if (is_stopping(way))
                return true;
        if (!way->returning && !way->job_runs && deadline_passed(way->next_look)) {
                way->next_look = deadline_after_ms(LOOK_MS);
                (void) straggler_job_runs(way->of->spec->store, way->of->app, &way->job_runs, &ignored);
        }
        return way->job_runs;
}

static bool put_step(const Way *way, const char *step, const char *value, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        CLEANUP(document_free) Document *members = document_object();

        if (!instance_store_find(way->of->spec->store, way->of->id, &instance, err))
                return false;
        const Document *known = document_get(instance, STRAGGLER_OUT);
        Document *steps = known && !document_is_null(known) ? document_copy(known) : document_object();
        document_set_string(steps, step, value);
        document_set(members, STRAGGLER_OUT, steps);
        return instance_store_put(way->of->spec->store, way->of->id, members, err);
}

static bool remember(void *context, const char *step, const char *value, Error **err) {
        Store *store = ((const Way *) context)->of->spec->store;

        if (!store_begin(store, err))
                return false;
        if (!put_step(context, step, value, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool recall(void *context, const char *step, char **ret, Error **err) {
        const Way *way = context;
        CLEANUP(document_free) Document *instance = NULL;

        *ret = NULL;
        if (!instance_store_find(way->of->spec->store, way->of->id, &instance, err))
                return false;
        const char *value = document_value(document_get_member(document_get(instance, STRAGGLER_OUT), step));
        *ret = value ? xstrdup(value) : NULL;
        return true;
}

static void begin(Way *way, const StragglerWay *of, bool returning) {
        AppPlace place;

        app_place_read(of->app, &place);
        *way = (Way){ .of = of, .returning = returning };
        way->session = (AwsSession){ .aws = of->spec->aws,
                                     .region = place.region,
                                     .role = app_place_role(&place),
                                     .deadline = deadline_after_ms(WAY_MS),
                                     .cancelled = should_stop,
                                     .context = way };
        way->work = (Ec2Work){ .context = way,
                               .session = &way->session,
                               .job_id = "",
                               .log = say,
                               .remember = remember,
                               .recall = recall,
                               .interrupted = is_stopping };
        way->spec = (AppBalancerSpec){ .app = of->app,
                                       .in_service_ms = of->spec->in_service_ms,
                                       .answer_ms = of->spec->answer_ms };
        string_list_add(&way->ids, of->id);
}

static bool knows(Way *way, const char *step, bool *ret, Error **err) {
        CLEANUP(free) char *value = NULL;

        if (!recall(way, step, &value, err))
                return false;
        *ret = value != NULL;
        return true;
}

/* ---- out ---- */

static bool hold_group(Way *way, Error **err) {
        const char *name = document_get_string(way->of->app, "autoscale.name");
        CLEANUP(auto_scaling_group_clear) AutoScalingGroup group = { 0 };
        CLEANUP(error_free) Error *error = NULL;

        if (!*name)
                return true;
        if (asg_describe_group(&way->session, name, &group, &error))
                return group_processes_hold(&way->work, &group, err);
        if (error_kind(error) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(error);
        return false;
}

static bool take_out(Way *way, Error **err) {
        const DeployBalancer *balancer = way->balancer.balancer;

        return hold_group(way, err) && remember(way, STEP_LEFT, "yes", err) &&
               balancer->take_out(balancer->context, NAME, &way->ids, err) &&
               aws_session_sleep(&way->session, balancer->wait_before_ms, err);
}

static bool stay(Way *way, Error **err) {
        say(way, "No other instance serves: it stays in its load balancer meanwhile");
        return remember(way, STEP_STAYS, "yes", err);
}

bool straggler_leave(const StragglerWay *of, Error **err) {
        CLEANUP(way_clear) Way way;
        bool stays = false, left = false;
        size_t others = 0;

        begin(&way, of, false);
        if (!knows(&way, STEP_STAYS, &stays, err) || !knows(&way, STEP_LEFT, &left, err))
                return false;
        if (stays)
                return true;
        if (!app_balancer_open(&way.work, &way.spec, &way.balancer, err))
                return false;
        const DeployBalancer *balancer = way.balancer.balancer;
        if (!balancer)
                return remember(&way, STEP_STAYS, "yes", err);
        if (!left && !balancer->count_healthy(balancer->context, &way.ids, &others, err))
                return false;
        return left || others > 0 ? take_out(&way, err) : stay(&way, err);
}

/* ---- back ---- */

static bool put_back(Way *way, Error **err) {
        CLEANUP(error_free) Error *error = NULL;

        if (!app_balancer_open(&way->work, &way->spec, &way->balancer, &error)) {
                if (error_kind(error) == ERROR_UNAVAILABLE || error_kind(error) == ERROR_TIMEOUT ||
                    error_kind(error) == ERROR_CANCELLED) {
                        *err = TAKE(error);
                        return false;
                }
                say(way, error_message(error)); /* the application has changed meanwhile */
                app_balancer_put_back_all(&way->work, &way->spec);
                return true;
        }
        const DeployBalancer *balancer = way->balancer.balancer;
        if (!balancer)
                return true;
        if (!aws_session_sleep(&way->session, balancer->wait_after_ms, err))
                return false;
        if (!balancer->put_back(balancer->context, NAME, &way->ids, &error)) {
                if (error_kind(error) != ERROR_TIMEOUT || deadline_passed(way->session.deadline)) {
                        *err = TAKE(error);
                        return false;
                }
                say(way, error_message(error)); /* the balancer will see whether it is well */
        }
        return true;
}

/* AWS has announced its end: nothing new is given to it. */
static bool is_ending(const StragglerWay *of, bool *ret, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;

        if (!instance_store_find(of->spec->store, of->id, &instance, err))
                return false;
        *ret = instance && instance_is_interrupted(instance);
        return true;
}

bool straggler_return(const StragglerWay *of, Error **err) {
        CLEANUP(way_clear) Way way;
        bool left = false, ends = false;

        begin(&way, of, true);
        if (!knows(&way, STEP_LEFT, &left, err) || !is_ending(of, &ends, err) ||
            (left && !ends && !put_back(&way, err)))
                return false;
        group_processes_resume(&way.work);
        return true;
}

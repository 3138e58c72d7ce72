/* /health: whether the controller can work, for load balancers and people. Those without an account learn
 * only that. */
#include "api/envelope.h"
#include "api/machine.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/breaker_store.h"
#include "store/collection.h"
#include "store/deviation_store.h"

static const char trouble_remedy[] = "It is tried again and again. What AWS refuses needs a permission of "
                                     "the controller: the message names "
                                     "it, ghost-controller check looks at all of them.";

#define DISK_NEEDED_BYTES (64ULL * 1024 * 1024)

static bool count_jobs(Services *services, const char *status, int64_t *ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .page = 1, .max_results = 1 };

        document_set_string(where, "status", status);
        if (!collection_list(services->store, COLLECTION_JOBS, &query, &result, err))
                return false;
        *ret = result.total;
        return true;
}

/* NULL with no error: it is gone. */
static Document *find_app(const Services *services, const char *id, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        Document *app = NULL;

        if (!collection_get(services->store, COLLECTION_APPS, id, &app, &why) &&
            error_kind(why) != ERROR_NOT_FOUND)
                error_set(err, error_kind(why), "%s", error_message(why));
        return app;
}

static void name_app(Document *ret, const Document *app) {
        CLEANUP(free)
        char *name = xasprintf(
                "%s/%s/%s", document_get_string(app, "name"), document_get_string(app, "env"),
                document_get_string(app, "role"));

        document_set_string(ret, "app_id", document_get_string(app, "_id"));
        document_set_string(ret, "app", name);
}

static Document *describe_breaker(const Services *services, const OpenBreaker *open, Error **err) {
        CLEANUP(document_free) Document *app = find_app(services, open->app_id, err);

        if (!app)
                return NULL;
        Document *breaker = document_object();
        name_app(breaker, app);
        document_set_string(breaker, "group", document_get_string(app, "autoscale.name"));
        if (open->breaker.opened_us > 0) {
                CLEANUP(free) char *since = clock_format_http(open->breaker.opened_us);
                document_set_string(breaker, "since", since);
        }
        document_set_int(breaker, "failures", open->breaker.failures);
        document_set_string(breaker, "reason", open->breaker.reason);
        document_set_string(
                breaker, "remedy",
                "The group launches nothing more. Correct what fails, then run updateautoscaling or "
                "updatelifecyclehooks: it launches again.");
        return breaker;
}

/* Groups that stand still because what they launched failed. The controller itself is well. */
static bool list_breakers(const Services *services, Document *details, Error **err) {
        CLEANUP(open_breakers_clear) OpenBreakers open = { 0 };
        CLEANUP(document_free) Document *list = document_array();
        CLEANUP(error_free) Error *failed = NULL;

        if (!breaker_store_list_open(services->store, &open, err))
                return false;
        for (size_t i = 0; i < open.count; i++) {
                Document *breaker = describe_breaker(services, &open.items[i], &failed);
                if (failed) {
                        *err = TAKE(failed);
                        return false;
                }
                if (breaker)
                        document_append(list, breaker);
        }
        document_set(details, "breakers", TAKE(list));
        return true;
}

/* Those of found whose application is still there, with its name. */
static bool list_of_apps(
        const Services *services, const Document *found, const char *member, Document *details, Error **err) {
        CLEANUP(document_free) Document *list = document_array();

        for (size_t i = 0; i < document_count(found); i++) {
                CLEANUP(error_free) Error *failed = NULL;
                CLEANUP(document_free)
                Document *app =
                        find_app(services, document_get_string(document_at(found, i), "app_id"), &failed);

                if (failed) {
                        *err = TAKE(failed);
                        return false;
                }
                if (!app)
                        continue;
                Document *one = document_copy(document_at(found, i));
                name_app(one, app);
                document_append(list, one);
        }
        document_set(details, member, TAKE(list));
        return true;
}

/* Instances that are not on what is wanted and are left alone. */
static bool list_deviations(const Services *services, Document *details, Error **err) {
        CLEANUP(document_free) Document *found = NULL;

        return deviation_store_list(services->store, &found, err) &&
               list_of_apps(services, found, "deviations", details, err);
}

static bool list_troubles(
        const Services *services, Document *(*describe)(void *context), const char *member, Document *details,
        Error **err) {
        CLEANUP(document_free) Document *found = describe ? describe(services->context) : NULL;
        CLEANUP(document_free) Document *list = document_array();

        for (size_t i = 0; i < document_count(found); i++) {
                Document *one = document_copy(document_at(found, i));

                document_set_string(one, "remedy", trouble_remedy);
                document_append(list, one);
        }
        return list_of_apps(services, list, member, details, err);
}

/* Groups that cannot be looked after and instances that cannot be let in, as long as it lasts. */
static bool list_all_troubles(const Services *services, Document *details, Error **err) {
        return list_troubles(services, services->describe_group_troubles, "group_troubles", details, err) &&
               list_troubles(
                       services, services->describe_enrolment_troubles, "enrolment_troubles", details, err);
}

static bool examine(Services *services, Document *details, Error **err) {
        int64_t queued = 0, running = 0;
        uint64_t room = 0;

        if (services->count_agents)
                document_set_int(
                        details, "agents_connected", (int64_t) services->count_agents(services->context));
        if (services->describe_janitor)
                document_set(details, "janitor", services->describe_janitor(services->context));
        document_set(details, "machine", machine_describe());
        if (!count_jobs(services, "init", &queued, err) || !count_jobs(services, "started", &running, err) ||
            !list_breakers(services, details, err) || !list_deviations(services, details, err) ||
            !list_all_troubles(services, details, err) || !file_free_bytes(services->data_dir, &room, err))
                return false;
        document_set_int(details, "jobs_queued", queued);
        document_set_int(details, "jobs_running", running);
        document_set_int(details, "disk_free_bytes", (int64_t) room);
        if (room < DISK_NEEDED_BYTES)
                return error_set(err, ERROR_UNAVAILABLE, "the disk is nearly full");
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(error_free) Error *trouble = NULL;
        Document *health = document_object();

        (void) err;
        bool well = examine(services, health, &trouble);
        if (!request->account.name) {
                document_free(health);
                health = document_object();
        } else {
                document_set_string(health, "version", GHOST_VERSION);
        }
        document_set_string(health, "status", well ? "ok" : "failing");
        if (!well) {
                log_warn("health: %s", error_message(trouble));
                if (request->account.name)
                        document_set_string(health, "reason", error_message(trouble));
        }
        envelope_plain(response, health);
        response->status = well ? 200 : 503;
        response_header(response, "Cache-Control", "no-store");
        return true;
}

static const SchemaField janitor_fields[] = {
        { "last_round", SCHEMA_STRING },
        { "removed", SCHEMA_INT },
        { "left", SCHEMA_INT },
        { "trouble", SCHEMA_STRING },
};
static const Schema janitor_schema = SCHEMA(janitor_fields);

static const SchemaField breaker_fields[] = {
        { "app_id", SCHEMA_ID },     { "app", SCHEMA_STRING },   { "group", SCHEMA_STRING },
        { "since", SCHEMA_STRING },  { "failures", SCHEMA_INT }, { "reason", SCHEMA_STRING },
        { "remedy", SCHEMA_STRING },
};
static const Schema breaker_schema = SCHEMA(breaker_fields);

static const SchemaField deviation_fields[] = {
        { "app_id", SCHEMA_ID },     { "app", SCHEMA_STRING },    { "instance_id", SCHEMA_STRING },
        { "module", SCHEMA_STRING }, { "wanted", SCHEMA_STRING }, { "job_id", SCHEMA_STRING },
        { "why", SCHEMA_STRING },
};
static const Schema deviation_schema = SCHEMA(deviation_fields);

static const SchemaField trouble_fields[] = {
        { "app_id", SCHEMA_ID },          { "app", SCHEMA_STRING },     { "group", SCHEMA_STRING },
        { "instance_id", SCHEMA_STRING }, { "trouble", SCHEMA_STRING }, { "since", SCHEMA_STRING },
        { "remedy", SCHEMA_STRING },
};
static const Schema trouble_schema = SCHEMA(trouble_fields);

static const SchemaField fields[] = {
        { "status", SCHEMA_STRING },
        { "reason", SCHEMA_STRING },
        { "version", SCHEMA_STRING },
        { "agents_connected", SCHEMA_INT },
        { "jobs_queued", SCHEMA_INT },
        { "jobs_running", SCHEMA_INT },
        { "disk_free_bytes", SCHEMA_INT },
        { "machine", SCHEMA_OBJECT, .schema = &machine_schema },
        { "janitor", SCHEMA_OBJECT, .schema = &janitor_schema },
        { "breakers", SCHEMA_LIST, .schema = &breaker_schema },
        { "deviations", SCHEMA_LIST, .schema = &deviation_schema },
        { "group_troubles", SCHEMA_LIST, .schema = &trouble_schema },
        { "enrolment_troubles", SCHEMA_LIST, .schema = &trouble_schema },
};
static const Schema health_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/health", RIGHT_NONE, show, 0,
          &(const RouteDoc){ .operation = "show_health",
                             .summary =
                                     "Tells whether the controller can work; more to those with an account",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &health_schema,
                             .statuses = { 401, 503 } } },
};

const Resource health_resource = RESOURCE("health", routes);

/* /instances: what runs, which release of what on it, and what the last deploy of each module came to
 * (agents/module_receipt.h). Known by our id or by EC2's. */
#include "api/collection_answer.h"
#include "api/instance_log.h"
#include "api/log_file.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "http/router.h"

static const CollectionView view = { .name = { "instances", "instance" },
                                     .collection = COLLECTION_INSTANCES,
                                     .relations = { { "app_id", COLLECTION_APPS, NULL } } };

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool find_by_name(Services *services, const char *name, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .page = 1, .max_results = 1 };

        document_set_string(where, "instance_id", name);
        if (!collection_list(services->store, COLLECTION_INSTANCES, &query, &result, err))
                return false;
        if (document_count(result.items) == 0)
                return error_set(err, ERROR_NOT_FOUND, "no instance '%s'", name);
        *ret = document_copy(document_at(result.items, 0));
        return true;
}

static bool find_instance(const Request *request, Services *services, Document **ret, Error **err) {
        const char *name = request_param(request, "instance");

        return router_is_id(name) ? collection_get(services->store, COLLECTION_INSTANCES, name, ret, err)
                                  : find_by_name(services, name, ret, err);
}

static bool show_log(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *instance = NULL;
        int log = -1;

        if (!find_instance(request, services, &instance, err) ||
            !instance_log_open(services, instance, &log, err))
                return false;
        log_file_answer_open(request, response, log, document_get_string(instance, "_id"), false);
        return true;
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        Document *instance = NULL;

        return find_instance(request, services, &instance, err) &&
               collection_answer_document(&view, request, response, services, instance, err);
}

static const SchemaField fact_fields[] = {
        { "instance_type", SCHEMA_STRING }, { "region", SCHEMA_STRING },
        { "host_name", SCHEMA_STRING },     { "os", SCHEMA_STRING },
        { "kernel", SCHEMA_STRING },        { "architecture", SCHEMA_STRING },
};
static const Schema fact_schema = SCHEMA(fact_fields);

static const SchemaField hook_fields[] = {
        { "hook", SCHEMA_STRING },
        { "exit_code", SCHEMA_INT },
        { "duration_ms", SCHEMA_INT },
};
static const Schema hook_schema = SCHEMA(hook_fields);

static const SchemaField health_fields[] = {
        { "kind", SCHEMA_STRING },     { "ok", SCHEMA_BOOL },        { "attempts", SCHEMA_INT },
        { "duration_ms", SCHEMA_INT }, { "message", SCHEMA_STRING },
};
static const Schema health_schema = SCHEMA(health_fields);

static const SchemaField receipt_fields[] = {
        { "job_id", SCHEMA_STRING },
        { "task_id", SCHEMA_STRING },
        { "ok", SCHEMA_BOOL },
        { "message", SCHEMA_STRING },
        { "at", SCHEMA_STRING },
        { "hooks", SCHEMA_LIST, .schema = &hook_schema },
        { "health", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &health_schema },
        { "bytes_fetched", SCHEMA_INT },
        { "bytes_reused", SCHEMA_INT },
};
static const Schema receipt_schema = SCHEMA(receipt_fields);

static const SchemaField module_fields[] = {
        { "module", SCHEMA_STRING },
        { "manifest_sha256", SCHEMA_STRING },
        { "path", SCHEMA_STRING },
        { "revision", SCHEMA_STRING },
        { "commit", SCHEMA_STRING },
        { "switched_us", SCHEMA_INT },
        { "receipt", SCHEMA_OBJECT, .schema = &receipt_schema },
};
static const Schema module_schema = SCHEMA(module_fields);

static const SchemaField deviation_fields[] = {
        { "module", SCHEMA_STRING },
        { "wanted", SCHEMA_STRING },
        { "job_id", SCHEMA_STRING },
        { "why", SCHEMA_STRING },
};
static const Schema deviation_schema = SCHEMA(deviation_fields);

static const SchemaField notice_fields[] = {
        { "kind", SCHEMA_STRING },
        { "action", SCHEMA_STRING },
        { "at", SCHEMA_STRING },
};
static const Schema notice_schema = SCHEMA(notice_fields);

static const SchemaField fields[] = {
        { "instance_id", SCHEMA_STRING },
        { "app_id", SCHEMA_ID },
        { "agent_id", SCHEMA_STRING },
        { "job_id", SCHEMA_STRING },
        { "state", SCHEMA_STRING },
        { "purpose", SCHEMA_STRING },
        { "private_ip", SCHEMA_STRING },
        { "image_id", SCHEMA_STRING },
        { "connected", SCHEMA_BOOL },
        { "bootstrapped", SCHEMA_BOOL },
        { "agent_version", SCHEMA_STRING },
        { "address", SCHEMA_STRING },
        { "last_seen", SCHEMA_STRING },
        { "lifecycle", SCHEMA_STRING },
        { "reason", SCHEMA_STRING },
        { "notice", SCHEMA_OBJECT, .schema = &notice_schema },
        { "drained", SCHEMA_BOOL },
        { "disk_free_bytes", SCHEMA_INT },
        { "facts", SCHEMA_OBJECT, .schema = &fact_schema },
        { "modules", SCHEMA_LIST, .schema = &module_schema },
        { "deviations", SCHEMA_LIST, .schema = &deviation_schema },
};
static const Schema instance_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/instances", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_instances",
                             .summary = "Lists the instances that Ghost knows",
                             .kind = ANSWER_COLLECTION,
                             .answer = &instance_schema,
                             .embeds = { "app_id" } } },
        { "GET", "/instances/{instance}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_instance",
                             .summary = "Shows an instance, by its id here or EC2's",
                             .kind = ANSWER_ITEM,
                             .answer = &instance_schema,
                             .embeds = { "app_id" } } },
        { "GET", "/instances/{instance}/logs", RIGHT_READ, show_log, 0,
          &(const RouteDoc){ .operation = "get_instance_log",
                             .summary = "Downloads what was done on an instance until it was ready",
                             .description = "Of an instance that a job made: the lines of the job's log that "
                                            "are about it; then what was done on it without a job.",
                             .kind = ANSWER_FILE,
                             .parameters = { { "offset", "Bytes of the log to leave out", SCHEMA_INT } } } },
};

const Resource instances_resource = RESOURCE("instances", routes);

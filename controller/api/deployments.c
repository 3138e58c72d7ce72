/* /deployments: which revision of which module was deployed when. Written by jobs alone. */
#include "api/collection_answer.h"
#include "api/job_view.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "model/app.h"

/* As it is shown, but for the last deployments of its modules. */
static bool show_embedded_app(
        Services *services, const Document *stored, const Document *embedded, Document **ret, Error **err) {
        (void) services, (void) embedded, (void) err;
        *ret = app_for_reading(stored);
        return true;
}

static const CollectionView view = {
        .name = { "deployments", "deployment" },
        .collection = COLLECTION_DEPLOYMENTS,
        .relations = { { "app_id", COLLECTION_APPS, show_embedded_app },
                       { "job_id", COLLECTION_JOBS, job_view_show } },
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

static const SchemaField fields[] = {
        { "app_id", SCHEMA_ID },       { "job_id", SCHEMA_ID },      { "module", SCHEMA_STRING },
        { "revision", SCHEMA_STRING }, { "commit", SCHEMA_STRING },  { "commit_message", SCHEMA_STRING },
        { "timestamp", SCHEMA_INT },   { "package", SCHEMA_STRING }, { "module_path", SCHEMA_STRING },
};
static const Schema deployment_schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/deployments", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_deployments",
                             .summary = "Lists what was deployed",
                             .kind = ANSWER_COLLECTION,
                             .answer = &deployment_schema,
                             .embeds = { "app_id", "job_id" } } },
        { "GET", "/deployments/{id}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_deployment",
                             .summary = "Shows a deployment",
                             .kind = ANSWER_ITEM,
                             .answer = &deployment_schema,
                             .embeds = { "app_id", "job_id" } } },
};

const Resource deployments_resource = RESOURCE("deployments", routes);

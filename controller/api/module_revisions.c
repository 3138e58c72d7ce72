/* /apps/<id>/modules/<name>/revisions: what of a module can be deployed, as its source says now. */
#include "api/catalog_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "catalog/revisions.h"
#include "model/app_module.h"
#include "store/collection.h"

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(catalog_answer_clear) CatalogAnswer answer = { 0 };
        CLEANUP(document_free) Document *app = NULL;
        const char *name = request_param(request, "name");

        if (!services->revisions)
                return error_set(err, ERROR_UNAVAILABLE, "this controller asks no repositories");
        if (!collection_get(services->store, COLLECTION_APPS, request_param(request, "id"), &app, err))
                return false;
        const Document *module = module_find(app, name);
        if (!module)
                return error_set(err, ERROR_NOT_FOUND, "the application has no module \"%.128s\"", name);
        const RevisionsQuestion question = { .s3 = module_is_in_s3(module),
                                             .url = module_repository(module),
                                             .region = document_get_string(app, "region") };
        CatalogState state = revisions_look(services->revisions, &question, &answer);
        const CatalogAsked asked = { .who = question.s3 ? "S3" : "the repository" };
        catalog_answer_give(request, response, &asked, state, &answer);
        return true;
}

static const SchemaField revision_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "type", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "commit", SCHEMA_STRING },
        { "modified", SCHEMA_STRING },
        { "size", SCHEMA_INT },
        { "latest", SCHEMA_BOOL },
};
static const Schema revision_schema = SCHEMA(revision_fields);

static const SchemaField fields[] = {
        { "kind", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "default", SCHEMA_STRING, SCHEMA_REQUIRED },
        { "revisions", SCHEMA_LIST, SCHEMA_REQUIRED, .schema = &revision_schema },
};
static const Schema schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/apps/{id}/modules/{name}/revisions", RIGHT_READ, show, 0,
          &(const RouteDoc){
                  .operation = "list_module_revisions",
                  .summary = "Lists what of a module can be deployed",
                  .description =
                          "The source is asked as a deployment asks it, and what it says is kept for some "
                          "seconds. kind \"git\": tags first, the newest version before the others, then "
                          "branches; a tag or branch has its commit. kind \"s3\": the versions of the "
                          "object, the newest first; none when the source is a folder or its bucket keeps no "
                          "versions. default is what HEAD means.",
                  .kind = ANSWER_DOCUMENT,
                  .answer = &schema,
                  .statuses = { 422, 502, 504 } } },
};

const Resource module_revisions_resource = RESOURCE("module revisions", routes);

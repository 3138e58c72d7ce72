/* /apps: the applications. */
#include <string.h>

#include "api/app_view.h"
#include "api/app_write.h"
#include "api/audit.h"
#include "api/body.h"
#include "api/bulk.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/transaction.h"
#include "base/memory.h"
#include "model/app.h"
#include "model/app_rules.h"
#include "store/job_store.h"

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&app_view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&app_view, request, response, services, err);
}

/* Only of features that are sent: those that are stored may stay when a provisioner is no longer set up. */
static bool check_provisioners(const Services *services, const Document *input, Error **err) {
        return !services->provisioners ||
               app_check_provisioners(document_get(input, "features"), services->provisioners, err);
}

static bool create_one(
        const Request *request, Services *services, const Document *element, BulkResult *ret, Error **err) {
        CLEANUP(document_free) Document *tidy = app_tidy_input(element);
        CLEANUP(document_free) Document *input = schema_apply(&app_schema, SCHEMA_INSERT, tidy, &ret->issues);

        if (!input)
                return true;
        if (!check_provisioners(services, input, err))
                return false;
        if (!app_write_new(services->store, input, request_user(request), &ret->stored, err))
                return false;
        return audit_note(
                services, request,
                &(AuditNote){ .action = "app create",
                              .object = document_get_string(ret->stored, "_id"),
                              .after = ret->stored },
                err);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        bool created;

        return bulk_create(request, response, services, &app_view.name, create_one, &created, err);
}

/* The stored application when the client may edit it; NULL with *ret_answered: the answer is given. */
static Document *find_editable(
        const Request *request, Response *response, Services *services, bool *ret_answered, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;

        if (!collection_get(services->store, COLLECTION_APPS, request_param(request, "id"), &stored, err))
                return NULL;
        *ret_answered = !envelope_may_edit(request, response, document_get_string(stored, "_etag"));
        return *ret_answered ? NULL : TAKE(stored);
}

/* What a client may send back but not change. */
static Document *read_patch(const Request *request, Response *response) {
        CLEANUP(document_free) Document *body = body_read(request, response);

        if (!body)
                return NULL;
        CLEANUP(document_free) Document *tidy = app_tidy_input(body);
        CLEANUP(document_free)
        Document *patch = body_apply(request, response, &app_schema, SCHEMA_PATCH, tidy);
        if (!patch)
                return NULL;
        const char *sent_id = document_get_string(patch, "_id");
        if (document_get(patch, "_id") && strcmp(sent_id, request_param(request, "id")) != 0) {
                response_fail(response, 400, "The _id of an application cannot change");
                return NULL;
        }
        document_remove(patch, "_id");
        document_remove(patch, "pending_changes");
        if (document_get_string(patch, "user")[0] == '\0')
                document_remove(patch, "user");
        return TAKE(patch);
}

static bool update_inside(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *merged = NULL, *result = NULL;
        const char *id = request_param(request, "id");
        bool answered = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        CLEANUP(document_free) Document *patch = read_patch(request, response);
        if (!patch)
                return true;
        if (!check_provisioners(services, patch, err) ||
            !app_merge(stored, patch, request_user(request), &merged, err))
                return false;
        Document *missing = schema_missing(&app_schema, merged);
        if (missing) {
                envelope_issues(request, response, missing);
                return true;
        }
        if (!app_check_source(document_get(merged, "build_infos"), err) ||
            !app_write_merged(services->store, id, merged, patch, request_user(request), &result, err))
                return false;
        envelope_written(request, response, &app_view.name, 200, result);
        return audit_note(
                services, request,
                &(AuditNote){ .action = "app update", .object = id, .before = stored, .after = result }, err);
}

/* The read and the write are one: what a job writes to the application, which changes no etag, stays. */
static bool update(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, update_inside, err);
}

static bool replace(const Request *request, Response *response, Services *services, Error **err) {
        (void) services, (void) err;
        if (!request_header(request, "If-Match"))
                envelope_may_edit(request, response, "");
        else
                response_fail(
                        response, 406, "Application replacement not allowed, please use update/PATCH verb.");
        return true;
}

static bool discard_inside(const Request *request, Response *response, Services *services, Error **err) {
        const char *id = request_param(request, "id");
        bool answered = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        if (!app_write_gone(services->store, stored, err))
                return false;
        response_no_content(response);
        return audit_note(
                services, request, &(AuditNote){ .action = "app delete", .object = id, .before = stored },
                err);
}

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, discard_inside, err);
}

static const Route routes[] = {
        { "GET", "/apps", RIGHT_READ, list, 0,
          &(const RouteDoc){ .operation = "list_apps",
                             .summary = "Lists applications",
                             .kind = ANSWER_COLLECTION,
                             .answer = &app_schema,
                             .embeds = { "modules.last_deployment" } } },
        { "POST", "/apps", RIGHT_OPERATE, create, 0,
          &(const RouteDoc){ .operation = "create_app",
                             .summary = "Creates an application, or several",
                             .kind = ANSWER_RECEIPT,
                             .body = &app_schema,
                             .bulk = true,
                             .statuses = { 409 } } },
        { "GET", "/apps/{id}", RIGHT_READ, show, 0,
          &(const RouteDoc){ .operation = "get_app",
                             .summary = "Shows an application",
                             .kind = ANSWER_ITEM,
                             .answer = &app_schema,
                             .embeds = { "modules.last_deployment" } } },
        { "PATCH", "/apps/{id}", RIGHT_OPERATE, update, 0,
          &(const RouteDoc){ .operation = "update_app",
                             .summary = "Changes an application",
                             .description = "Objects are merged into what is stored, lists replace it, null "
                                            "takes a member away. Name, env and role stay as they are.",
                             .kind = ANSWER_RECEIPT,
                             .body = &app_schema,
                             .conditional = true,
                             .statuses = { 409 } } },
        { "PUT", "/apps/{id}", RIGHT_OPERATE, replace, 0,
          &(const RouteDoc){ .operation = "replace_app",
                             .summary = "Refused: applications are changed by PATCH",
                             .kind = ANSWER_REFUSAL,
                             .statuses = { 406, 428 } } },
        { "DELETE", "/apps/{id}", RIGHT_OPERATE, discard, 0,
          &(const RouteDoc){ .operation = "delete_app",
                             .summary = "Deletes an application, and its twin",
                             .kind = ANSWER_NOTHING,
                             .conditional = true,
                             .statuses = { 409 } } },
};

const Resource apps_resource = RESOURCE("apps", routes);

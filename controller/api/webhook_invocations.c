/* /webhooks/<id>/invocations, and those of all webhooks together: what was told and what came of it. A
 * record: it can be deleted, not edited. */
#include <string.h>

#include "api/audit.h"
#include "api/body.h"
#include "api/collection_answer.h"
#include "api/job_view.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/transaction.h"
#include "api/webhook_invoke.h"
#include "base/memory.h"
#include "model/webhook.h"

static const CollectionView all_view = {
        .name = { .collection = "webhook_invocation",
                  .item = "Webhook_all_invocation",
                  .path = "webhooks/all/invocations" },
        .collection = COLLECTION_INVOCATIONS,
        .relations = { { "webhook_id", COLLECTION_WEBHOOKS, NULL },
                       { "jobs", COLLECTION_JOBS, job_view_show } },
};

/* path is the view's for as long as that is used. */
static CollectionView view_of(const Request *request, char **path) {
        CollectionView view = all_view;

        *path = xasprintf("webhooks/%s/invocations", request_param(request, "webhook_id"));
        view.name.item = "webhook_invocation";
        view.name.path = *path;
        view.scope_field = "webhook_id";
        view.scope_value = request_param(request, "webhook_id");
        return view;
}

static bool list_all(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&all_view, request, response, services, err);
}

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(free) char *path = NULL;
        const CollectionView view = view_of(request, &path);

        return collection_answer_list(&view, request, response, services, err);
}

/* The path's invocation, of the path's webhook when it names one. */
static bool find(const Request *request, Services *services, Document **ret, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        const char *id = request_param(request, "id"), *webhook_id = request_param(request, "webhook_id");

        if (!collection_get(services->store, COLLECTION_INVOCATIONS, id, &stored, err))
                return false;
        if (webhook_id && strcmp(document_get_string(stored, "webhook_id"), webhook_id) != 0)
                return error_set(err, ERROR_NOT_FOUND, "no invocation '%s' of webhook '%s'", id, webhook_id);
        *ret = TAKE(stored);
        return true;
}

static bool show_all(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&all_view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(free) char *path = NULL;
        const CollectionView view = view_of(request, &path);

        return find(request, services, &stored, err) &&
               collection_answer_item(&view, request, response, services, err);
}

/* Every field is read-only, which the schema says; an edit of nothing changes nothing. */
static bool edit(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(document_free) Document *body = NULL;
        CLEANUP(document_free) Document *changes = NULL;
        CLEANUP(free) char *path = NULL;
        const char *webhook_id = request_param(request, "webhook_id");

        if (!find(request, services, &stored, err))
                return false;
        if (!envelope_may_edit(request, response, document_get_string(stored, "_etag")) ||
            !(body = body_read(request, response)) ||
            !(changes = body_apply(request, response, &invocation_schema, SCHEMA_PATCH, body)))
                return true;

        const CollectionView view = webhook_id ? view_of(request, &path) : all_view;
        envelope_written(request, response, &view.name, 200, stored);
        return true;
}

static bool discard_inside(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        const char *id = request_param(request, "id");

        if (!find(request, services, &stored, err))
                return false;
        if (!envelope_may_edit(request, response, document_get_string(stored, "_etag")))
                return true;
        if (!collection_delete(services->store, COLLECTION_INVOCATIONS, id, NULL, NULL, err))
                return false;
        response_no_content(response);
        return audit_note(
                services, request, &(AuditNote){ .action = "invocation delete", .object = id }, err);
}

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, discard_inside, err);
}

static const RouteDoc list_all_doc = { .operation = "list_all_invocations",
                                       .summary = "Lists the invocations of all webhooks",
                                       .kind = ANSWER_COLLECTION,
                                       .answer = &invocation_schema,
                                       .embeds = { "webhook_id", "jobs" } };
static const RouteDoc list_doc = { .operation = "list_invocations",
                                   .summary = "Lists the invocations of a webhook",
                                   .kind = ANSWER_COLLECTION,
                                   .answer = &invocation_schema,
                                   .embeds = { "webhook_id", "jobs" } };
static const RouteDoc invoke_doc = {
        .operation = "invoke_webhook",
        .summary = "Takes a delivery of GitHub, GitLab or Bitbucket and starts the webhook's jobs",
        .kind = ANSWER_RECEIPT,
        .description = "The body is the provider's payload: a JSON object, or a form with it as payload.",
        .statuses = { 200, 403, 409, 413, 422, 429, 500 },
};
static const RouteDoc show_all_doc = { .operation = "get_any_invocation",
                                       .summary = "Shows an invocation of any webhook",
                                       .kind = ANSWER_ITEM,
                                       .answer = &invocation_schema,
                                       .embeds = { "webhook_id", "jobs" } };
static const RouteDoc show_doc = { .operation = "get_invocation",
                                   .summary = "Shows an invocation of a webhook",
                                   .kind = ANSWER_ITEM,
                                   .answer = &invocation_schema,
                                   .embeds = { "webhook_id", "jobs" } };
static const RouteDoc edit_all_doc = { .operation = "update_any_invocation",
                                       .summary = "Refuses to change a record",
                                       .kind = ANSWER_RECEIPT,
                                       .conditional = true,
                                       .body = &invocation_schema };
static const RouteDoc edit_doc = { .operation = "update_invocation",
                                   .summary = "Refuses to change a record",
                                   .kind = ANSWER_RECEIPT,
                                   .body = &invocation_schema,
                                   .conditional = true };
static const RouteDoc replace_all_doc = { .operation = "replace_any_invocation",
                                          .summary = "Refuses to change a record",
                                          .kind = ANSWER_RECEIPT,
                                          .body = &invocation_schema,
                                          .conditional = true };
static const RouteDoc replace_doc = { .operation = "replace_invocation",
                                      .summary = "Refuses to change a record",
                                      .kind = ANSWER_RECEIPT,
                                      .body = &invocation_schema,
                                      .conditional = true };
static const RouteDoc discard_all_doc = { .operation = "delete_any_invocation",
                                          .summary = "Deletes an invocation of any webhook",
                                          .kind = ANSWER_NOTHING,
                                          .conditional = true };
static const RouteDoc discard_doc = { .operation = "delete_invocation",
                                      .summary = "Deletes an invocation of a webhook",
                                      .kind = ANSWER_NOTHING,
                                      .conditional = true };

#define ALL "/webhooks/all/invocations"
#define ONE "/webhooks/{webhook_id}/invocations"

static const Route routes[] = {
        { "GET", ALL, RIGHT_READ, list_all, 0, &list_all_doc },
        { "GET", ALL "/{id}", RIGHT_READ, show_all, 0, &show_all_doc },
        { "PATCH", ALL "/{id}", RIGHT_OPERATE, edit, 0, &edit_all_doc },
        { "PUT", ALL "/{id}", RIGHT_OPERATE, edit, 0, &replace_all_doc },
        { "DELETE", ALL "/{id}", RIGHT_OPERATE, discard, 0, &discard_all_doc },
        { "GET", ONE, RIGHT_READ, list, 0, &list_doc },
        { "POST", ONE, RIGHT_NONE, webhook_invoke, ROUTE_ANY_BODY, &invoke_doc, WEBHOOK_BODY_MAX },
        { "GET", ONE "/{id}", RIGHT_READ, show, 0, &show_doc },
        { "PATCH", ONE "/{id}", RIGHT_OPERATE, edit, 0, &edit_doc },
        { "PUT", ONE "/{id}", RIGHT_OPERATE, edit, 0, &replace_doc },
        { "DELETE", ONE "/{id}", RIGHT_OPERATE, discard, 0, &discard_doc },
};

const Resource webhook_invocations_resource = RESOURCE("webhook invocations", routes);

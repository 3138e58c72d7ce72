/* /webhooks: which news of a repository start which jobs. */
#include <string.h>

#include "api/app_reference.h"
#include "api/audit.h"
#include "api/body.h"
#include "api/bulk.h"
#include "api/collection_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/transaction.h"
#include "model/webhook.h"
#include "store/webhook_store.h"

static const CollectionView view = {
        .name = { .collection = "webhooks", .item = "webhook" },
        .collection = COLLECTION_WEBHOOKS,
        .relations = { { "app_id", COLLECTION_APPS, NULL } },
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

/* The secret leaves the document before anything is written of it. NULL: not named; null: is to go; "" says
 * nothing, for forms that cannot show it send it empty. */
static Document *take_secret(Document *webhook) {
        const Document *sent = document_get_member(webhook, "secret_token");
        Document *secret =
                !sent || (document_is_string(sent) && !*document_value(sent)) ? NULL : document_copy(sent);

        document_remove(webhook, "secret_token");
        document_remove(webhook, "secret_token_set");
        return secret;
}

/* The rules of the webhook as it is to be. Only what is new is looked up: a webhook whose application or
 * module went away can still be edited. */
static bool find_faults(
        Services *services, const Document *webhook, const Document *changes, Document **ret_issues,
        Error **err) {
        CLEANUP(document_free) Document *app = NULL;
        bool names_app = document_get_member(changes, "app_id");

        if (names_app || document_get_member(changes, "module")) {
                CLEANUP(document_free) Document *issues = NULL;

                if (!app_reference_find(services, webhook, &app, &issues, err))
                        return false;
                if (issues && names_app) {
                        *ret_issues = TAKE(issues);
                        return true;
                }
        }
        *ret_issues = webhook_faults(webhook, app);
        return true;
}

static bool insert(
        const Request *request, Services *services, Document *webhook, Document **ret, Error **err) {
        CLEANUP(document_free) Document *secret = take_secret(webhook);

        document_remove(webhook, "_id");
        document_set_string(webhook, "user", request_user(request));
        document_set_bool(webhook, "secret_token_set", secret != NULL);
        return collection_insert(services->store, COLLECTION_WEBHOOKS, webhook, ret, err) &&
               webhook_store_set_secret(
                       services->store, document_get_string(*ret, "_id"), document_value(secret), err);
}

static bool create_one(
        const Request *request, Services *services, const Document *element, BulkResult *ret, Error **err) {
        CLEANUP(document_free)
        Document *webhook = schema_apply(&webhook_schema, SCHEMA_INSERT, element, &ret->issues);

        if (!webhook)
                return true;
        if (!find_faults(services, webhook, webhook, &ret->issues, err))
                return false;
        if (ret->issues)
                return true;
        if (!insert(request, services, webhook, &ret->stored, err))
                return false;
        return audit_note(
                services, request,
                &(AuditNote){ .action = "webhook create",
                              .object = document_get_string(ret->stored, "_id"),
                              .after = ret->stored },
                err);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        bool created;

        return bulk_create(request, response, services, &view.name, create_one, &created, err);
}

/* The stored webhook when the client may edit it; NULL with *ret_answered: the answer is given. */
static Document *find_editable(
        const Request *request, Response *response, Services *services, bool *ret_answered, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;

        if (!collection_get(services->store, COLLECTION_WEBHOOKS, request_param(request, "id"), &stored, err))
                return NULL;
        *ret_answered = !envelope_may_edit(request, response, document_get_string(stored, "_etag"));
        return *ret_answered ? NULL : TAKE(stored);
}

/* In stored form, without its id; NULL when the answer is given. */
static Document *read_changes(
        const Request *request, Response *response, SchemaUse use, const Document *stored) {
        CLEANUP(document_free) Document *body = body_read(request, response);

        if (!body)
                return NULL;
        CLEANUP(document_free) Document *tidy = webhook_tidy_input(body, stored);
        CLEANUP(document_free)
        Document *changes = body_apply(request, response, &webhook_schema, use, tidy);
        if (!changes)
                return NULL;
        const Document *sent_id = document_get_member(changes, "_id");
        if (sent_id && !document_equal(sent_id, document_get_member(stored, "_id"))) {
                response_fail(response, 400, "The _id of a webhook cannot change");
                return NULL;
        }
        document_remove(changes, "_id");
        return TAKE(changes);
}

static bool write_secret(Services *services, const char *id, const Document *secret, Error **err) {
        return !secret || webhook_store_set_secret(services->store, id, document_value(secret), err);
}

/* merged: as it is to be, without a word of its secret. */
static bool write(
        const Request *request, Services *services, const Document *stored, Document *merged,
        const Document *secret, Document **ret, Error **err) {
        const char *id = request_param(request, "id");

        document_set_string(merged, "user", document_get_string(stored, "user"));
        document_set_bool(
                merged, "secret_token_set",
                secret ? document_is_string(secret) : document_get_bool(stored, "secret_token_set"));
        return collection_replace(services->store, COLLECTION_WEBHOOKS, id, merged, NULL, NULL, ret, err) &&
               write_secret(services, id, secret, err) &&
               audit_note(
                       services, request,
                       &(AuditNote){
                               .action = "webhook update", .object = id, .before = stored, .after = *ret },
                       err);
}

static bool edit_inside(
        const Request *request, Response *response, Services *services, SchemaUse use, Error **err) {
        CLEANUP(document_free) Document *result = NULL;
        Document *issues = NULL;
        bool answered = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        CLEANUP(document_free) Document *changes = read_changes(request, response, use, stored);
        if (!changes)
                return true;
        CLEANUP(document_free) Document *secret = take_secret(changes);
        CLEANUP(document_free)
        Document *merged = use == SCHEMA_PATCH ? webhook_merge(stored, changes) : document_copy(changes);
        if (!find_faults(services, merged, changes, &issues, err))
                return false;
        if (issues) {
                envelope_issues(request, response, issues);
                return true;
        }
        if (!write(request, services, stored, merged, secret, &result, err))
                return false;
        envelope_written(request, response, &view.name, 200, result);
        return true;
}

static bool edit(const Request *request, Response *response, Services *services, SchemaUse use, Error **err) {
        if (!store_begin(services->store, err))
                return false;
        if (!edit_inside(request, response, services, use, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
}

static bool update(const Request *request, Response *response, Services *services, Error **err) {
        return edit(request, response, services, SCHEMA_PATCH, err);
}

static bool replace(const Request *request, Response *response, Services *services, Error **err) {
        return edit(request, response, services, SCHEMA_INSERT, err);
}

static bool discard_inside(const Request *request, Response *response, Services *services, Error **err) {
        const char *id = request_param(request, "id");
        bool answered = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        if (!collection_delete(services->store, COLLECTION_WEBHOOKS, id, NULL, NULL, err) ||
            !webhook_store_forget(services->store, id, err))
                return false;
        response_no_content(response);
        return audit_note(
                services, request, &(AuditNote){ .action = "webhook delete", .object = id, .before = stored },
                err);
}

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        return transaction_run(request, response, services, discard_inside, err);
}

static const RouteDoc list_doc = { .operation = "list_webhooks",
                                   .summary = "Lists webhooks",
                                   .kind = ANSWER_COLLECTION,
                                   .answer = &webhook_schema,
                                   .embeds = { "app_id" } };
static const RouteDoc create_doc = { .operation = "create_webhook",
                                     .summary = "Creates a webhook, or several at a time",
                                     .kind = ANSWER_RECEIPT,
                                     .body = &webhook_schema,
                                     .bulk = true };
static const RouteDoc show_doc = { .operation = "get_webhook",
                                   .summary = "Shows a webhook, all but its secret",
                                   .kind = ANSWER_ITEM,
                                   .answer = &webhook_schema,
                                   .embeds = { "app_id" } };
static const RouteDoc update_doc = {
        .operation = "update_webhook",
        .summary = "Changes some fields of a webhook",
        .kind = ANSWER_RECEIPT,
        .body = &webhook_schema,
        .conditional = true,
        .description = "The secret stays when secret_token is absent or empty; null takes it away.",
};
static const RouteDoc replace_doc = {
        .operation = "replace_webhook",
        .summary = "Replaces a webhook",
        .kind = ANSWER_RECEIPT,
        .body = &webhook_schema,
        .conditional = true,
        .description = "The secret stays unless another is sent.",
};
static const RouteDoc discard_doc = { .operation = "delete_webhook",
                                      .summary = "Deletes a webhook; its invocations stay",
                                      .kind = ANSWER_NOTHING,
                                      .conditional = true };

static const Route routes[] = {
        { "GET", "/webhooks", RIGHT_READ, list, 0, &list_doc },
        { "POST", "/webhooks", RIGHT_OPERATE, create, 0, &create_doc },
        { "GET", "/webhooks/{id}", RIGHT_READ, show, 0, &show_doc },
        { "PATCH", "/webhooks/{id}", RIGHT_OPERATE, update, 0, &update_doc },
        { "PUT", "/webhooks/{id}", RIGHT_OPERATE, replace, 0, &replace_doc },
        { "DELETE", "/webhooks/{id}", RIGHT_OPERATE, discard, 0, &discard_doc },
};

const Resource webhooks_resource = RESOURCE("webhooks", routes);

/* /apps: the applications. */
#include <string.h>

#include "api/audit.h"
#include "api/body.h"
#include "api/collection_answer.h"
#include "api/resources.h"
#include "base/memory.h"
#include "model/app.h"

static const ResourceName name = { "apps", "app" };

static bool newest_deployment(
        Services *services, const char *app_id, const char *module, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(list_result_clear) ListResult result = { 0 };
        const ListQuery query = { .where = where, .sort = "-timestamp", .page = 1, .max_results = 1 };

        document_set_string(where, "app_id", app_id);
        document_set_string(where, "module", module);
        if (!collection_list(services->store, COLLECTION_DEPLOYMENTS, &query, &result, err))
                return false;
        if (document_count(result.items) > 0)
                *ret = document_copy(document_at(result.items, 0));
        return true;
}

/* last_deployment is not stored: it is the newest of the module's deployments. */
static bool show_app(
        Services *services, const Document *stored, const Document *embedded, Document **ret, Error **err) {
        CLEANUP(document_free) Document *app = app_for_reading(stored);
        CLEANUP(document_free) Document *modules = document_array();
        const Document *shown = document_get(app, "modules");
        const Document *whole = document_get_member(embedded, "modules.last_deployment");

        for (size_t i = 0; i < document_count(shown); i++) {
                CLEANUP(document_free) Document *deployment = NULL;
                CLEANUP(document_free) Document *module = document_copy(document_at(shown, i));

                if (!newest_deployment(
                            services, document_get_string(stored, "_id"), document_get_string(module, "name"),
                            &deployment, err))
                        return false;
                if (deployment && whole)
                        document_set(module, "last_deployment", document_copy(deployment));
                else if (deployment)
                        document_set_string(
                                module, "last_deployment", document_get_string(deployment, "_id"));
                document_append(modules, TAKE(module));
        }
        document_set(app, "modules", TAKE(modules));
        *ret = TAKE(app);
        return true;
}

static const CollectionView view = {
        .name = { "apps", "app" },
        .collection = COLLECTION_APPS,
        .show = show_app,
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

/* The body in stored form, or NULL with the answer given. */
static Document *read_app(const Request *request, Response *response, SchemaUse use) {
        CLEANUP(document_free) Document *body = body_read(request, response);

        if (!body)
                return NULL;
        CLEANUP(document_free) Document *tidy = app_tidy_input(body);
        return body_apply(request, response, &app_schema, use, tidy);
}

static bool create(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *input = read_app(request, response, SCHEMA_INSERT);
        CLEANUP(document_free) Document *stored = NULL;

        if (!input)
                return true;
        document_remove(input, "_id");
        CLEANUP(document_free) Document *app = app_new_document(input, request_user(request));
        if (!app_check(app, err) || !collection_insert(services->store, COLLECTION_APPS, app, &stored, err))
                return false;
        envelope_written(request, response, &name, 201, stored);
        return audit_note(
                services, request,
                &(AuditNote){ .action = "app create",
                              .object = document_get_string(stored, "_id"),
                              .after = stored },
                err);
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

static bool update_inside(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(document_free) Document *merged = NULL, *result = NULL;
        const char *id = request_param(request, "id");
        bool answered = false, stale = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        CLEANUP(document_free) Document *patch = read_app(request, response, SCHEMA_PATCH);
        if (!patch)
                return true;
        const char *sent_id = document_get_string(patch, "_id");
        if (sent_id[0] && strcmp(sent_id, id) != 0) {
                response_fail(response, 400, "The _id of an application cannot change");
                return true;
        }
        document_remove(patch, "_id");
        document_remove(patch, "pending_changes");
        if (!app_merge(stored, patch, request_user(request), &merged, err) ||
            !collection_replace(
                    services->store, COLLECTION_APPS, id, merged, document_get_string(stored, "_etag"),
                    &stale, &result, err))
                return false;
        if (stale) {
                response->status = 412;
                return true;
        }
        envelope_written(request, response, &name, 200, result);
        return audit_note(
                services, request,
                &(AuditNote){ .action = "app update", .object = id, .before = stored, .after = result }, err);
}

/* The read and the write are one: what a job writes to the application, which changes no etag, stays. */
static bool update(const Request *request, Response *response, Services *services, Error **err) {
        if (!store_begin(services->store, err))
                return false;
        if (!update_inside(request, response, services, err)) {
                store_roll_back(services->store);
                return false;
        }
        return store_commit(services->store, err);
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

static bool discard(const Request *request, Response *response, Services *services, Error **err) {
        const char *id = request_param(request, "id");
        bool answered = false, stale = false;

        CLEANUP(document_free) Document *stored = find_editable(request, response, services, &answered, err);
        if (!stored)
                return answered;
        if (!collection_delete(
                    services->store, COLLECTION_APPS, id, document_get_string(stored, "_etag"), &stale, err))
                return false;
        if (stale) {
                response->status = 412;
                return true;
        }
        response_no_content(response);
        return audit_note(
                services, request, &(AuditNote){ .action = "app delete", .object = id, .before = stored },
                err);
}

static const Route routes[] = {
        { "GET", "/apps", RIGHT_READ, list, 0, NULL },
        { "POST", "/apps", RIGHT_OPERATE, create, 0, NULL },
        { "GET", "/apps/{id}", RIGHT_READ, show, 0, NULL },
        { "PATCH", "/apps/{id}", RIGHT_OPERATE, update, 0, NULL },
        { "PUT", "/apps/{id}", RIGHT_OPERATE, replace, 0, NULL },
        { "DELETE", "/apps/{id}", RIGHT_OPERATE, discard, 0, NULL },
};

const Resource apps_resource = RESOURCE("apps", routes);

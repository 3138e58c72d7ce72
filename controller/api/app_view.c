#include "api/app_view.h"

#include "api/go_sdk.h"
#include "model/app.h"

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

/* The Go SDK knows notifications as plain addresses only. */
static void adapt_app(const Request *request, Document *item) {
        const Document *notifications = document_get(item, "log_notifications");

        if (!notifications)
                document_set(item, "log_notifications", document_array());
        if (!notifications || !go_sdk_asks(request))
                return;
        Document *addresses = document_array();
        for (size_t i = 0; i < document_count(notifications); i++)
                document_append(
                        addresses,
                        document_string(document_get_string(document_at(notifications, i), "email")));
        document_set(item, "log_notifications", addresses);
}

const CollectionView app_view = {
        .name = { "apps", "app" },
        .collection = COLLECTION_APPS,
        .made_from = 1 << COLLECTION_DEPLOYMENTS,
        .show = show_app,
        .adapt = adapt_app,
};

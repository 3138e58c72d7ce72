#include "api/collection_answer.h"

static const struct {
        const char *field;
        Collection collection;
} relations[] = {
        { "app_id", COLLECTION_APPS },
        { "job_id", COLLECTION_JOBS },
};

/* A reference to something deleted becomes null. */
static bool embed(Services *services, const Document *embedded, Document *item, Error **err) {
        for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
                CLEANUP(error_free) Error *why = NULL;
                const char *id = document_get_string(item, relations[i].field);
                Document *related = NULL;

                if (!id[0] || document_get_int(embedded, relations[i].field) != 1)
                        continue;
                if (!collection_get(services->store, relations[i].collection, id, &related, &why) &&
                    error_kind(why) != ERROR_NOT_FOUND)
                        return error_set(err, error_kind(why), "%s", error_message(why));
                document_set(item, relations[i].field, related ? related : document_null());
        }
        return true;
}

static bool show(
        const CollectionView *view, Services *services, const Document *stored, const Document *embedded,
        Document **ret, Error **err) {
        CLEANUP(document_free) Document *shown = NULL;

        if (!view->show)
                shown = document_copy(stored);
        else if (!view->show(services, stored, embedded, &shown, err))
                return false;
        if (embedded && !embed(services, embedded, shown, err))
                return false;
        *ret = TAKE(shown);
        return true;
}

bool collection_answer_list(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        CLEANUP(list_request_clear) ListRequest list = { 0 };
        CLEANUP(list_result_clear) ListResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        if (!list_request_read(request, &list, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        ListQuery query = list_request_query(&list);
        if (!collection_list(services->store, view->collection, &query, &result, &why)) {
                if (error_kind(why) != ERROR_INVALID)
                        return error_set(err, error_kind(why), "%s", error_message(why));
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        CLEANUP(document_free) Document *items = document_array();
        for (size_t i = 0; i < document_count(result.items); i++) {
                Document *item = NULL;

                if (!show(view, services, document_at(result.items, i), list.embedded, &item, err))
                        return false;
                document_append(items, item);
        }
        envelope_collection(request, response, &view->name, &list, TAKE(items), (uint64_t) result.total);
        return true;
}

bool collection_answer_document(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Document *stored, Error **err) {
        CLEANUP(document_free) Document *owned = stored;
        CLEANUP(document_free) Document *embedded = NULL;
        CLEANUP(error_free) Error *why = NULL;
        Document *item = NULL;

        if (!list_request_read_embedded(request, &embedded, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        if (!show(view, services, owned, embedded, &item, err))
                return false;
        envelope_item(request, response, &view->name, item);
        return true;
}

bool collection_answer_item(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        Document *stored = NULL;

        return collection_get(
                       services->store, view->collection, request_param(request, "id"), &stored, err) &&
               collection_answer_document(view, request, response, services, stored, err);
}

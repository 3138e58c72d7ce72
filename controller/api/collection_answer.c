#include "api/collection_answer.h"

/* NULL: a reference to something deleted. */
static bool find_related(
        Services *services, Collection collection, const char *id, Document **ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;

        *ret = NULL;
        return collection_get(services->store, collection, id, ret, &why) ||
               error_kind(why) == ERROR_NOT_FOUND ||
               error_set(err, error_kind(why), "%s", error_message(why));
}

static bool embed_one(
        Services *services, Collection collection, const Document *reference, Document **ret, Error **err) {
        const char *id = document_value(reference);

        if (!id || !id[0]) {
                *ret = document_null();
                return true;
        }
        if (!find_related(services, collection, id, ret, err))
                return false;
        if (!*ret)
                *ret = document_null();
        return true;
}

static bool embed_field(Services *services, const Relation *relation, Document *item, Error **err) {
        const Document *reference = document_get_member(item, relation->field);
        CLEANUP(document_free) Document *related = NULL;

        if (!reference)
                return true;
        if (!document_is_array(reference)) {
                if (!embed_one(services, relation->collection, reference, &related, err))
                        return false;
        } else {
                related = document_array();
                for (size_t i = 0; i < document_count(reference); i++) {
                        Document *one = NULL;

                        if (!embed_one(services, relation->collection, document_at(reference, i), &one, err))
                                return false;
                        document_append(related, one);
                }
        }
        document_set(item, relation->field, TAKE(related));
        return true;
}

static bool embed(
        const CollectionView *view, Services *services, const Document *embedded, Document *item,
        Error **err) {
        for (const Relation *relation = view->relations; relation->field; relation++)
                if (document_get_int(embedded, relation->field) == 1 &&
                    !embed_field(services, relation, item, err))
                        return false;
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
        if (embedded && !embed(view, services, embedded, shown, err))
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

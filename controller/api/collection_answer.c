#include "api/collection_answer.h"

#include "api/go_sdk.h"
#include "api/item_cache.h"
#include "api/projection.h"
#include "api/versions_answer.h"
#include "base/memory.h"
#include "base/text.h"

/* NULL: a reference to something deleted. */
static bool find_related(
        Services *services, const Relation *relation, const char *id, Document **ret, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;
        CLEANUP(error_free) Error *why = NULL;

        if (!collection_get(services->store, relation->collection, id, &stored, &why))
                return error_kind(why) == ERROR_NOT_FOUND ||
                       error_set(err, error_kind(why), "%s", error_message(why));
        if (relation->show)
                return relation->show(services, stored, NULL, ret, err);
        *ret = TAKE(stored);
        return true;
}

static bool embed_one(
        Services *services, const Relation *relation, const Document *reference, Document **ret,
        Error **err) {
        const char *id = document_value(reference);

        if (!id || !id[0]) {
                *ret = document_null();
                return true;
        }
        *ret = NULL;
        if (!find_related(services, relation, id, ret, err))
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
                if (!embed_one(services, relation, reference, &related, err))
                        return false;
        } else {
                related = document_array();
                for (size_t i = 0; i < document_count(reference); i++) {
                        Document *one = NULL;

                        if (!embed_one(services, relation, document_at(reference, i), &one, err))
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

/* The stored document, as far as it is wanted. */
static Document *wanted_part(const ViewRequest *wanted, const Document *document) {
        return projection_apply(wanted->projection, document);
}

bool collection_answer_show(
        const CollectionView *view, const Request *request, Services *services, const Document *stored,
        const ViewRequest *wanted, Document **ret, Error **err) {
        /* Projected first, so that nothing is looked up for members that nobody wants. */
        CLEANUP(document_free) Document *item = wanted_part(wanted, stored);

        if (view->show) {
                Document *shown = NULL;

                if (!view->show(services, item, wanted->embedded, &shown, err))
                        return false;
                document_free(item);
                item = wanted_part(wanted, shown);
                document_free(shown);
        }
        if (wanted->embedded && !embed(view, services, wanted->embedded, item, err))
                return false;
        if (view->adapt)
                view->adapt(request, item);
        *ret = TAKE(item);
        return true;
}

bool collection_answer_page(
        const CollectionView *view, const Request *request, Services *services, const ListRequest *list,
        const Document *stored, Document **ret, Error **err) {
        CLEANUP(document_free) Document *items = document_array();

        for (size_t i = 0; i < document_count(stored); i++) {
                Document *item = NULL;

                if (!collection_answer_show(
                            view, request, services, document_at(stored, i), &list->view, &item, err))
                        return false;
                document_append(items, item);
        }
        *ret = TAKE(items);
        return true;
}

/* What is asked for, within the view's scope. */
static void narrow(const CollectionView *view, ListRequest *list) {
        Document *scope, *both;

        if (!view->scope_field)
                return;
        scope = document_object();
        document_set_string(scope, view->scope_field, view->scope_value);
        if (list->where) {
                both = document_array();
                document_append(both, scope);
                document_append(both, TAKE(list->where));
                scope = document_object();
                document_set(scope, "$and", both);
        }
        list->where = scope;
}

bool collection_answer_list(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        CLEANUP(list_request_clear) ListRequest list = { 0 };
        CLEANUP(list_result_clear) ListResult result = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        Document *items = NULL;

        if (!list_request_read(request, &list, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        narrow(view, &list);
        ListQuery query = list_request_query(&list);
        if (!collection_list(services->store, view->collection, &query, &result, &why)) {
                if (error_kind(why) != ERROR_INVALID)
                        return error_set(err, error_kind(why), "%s", error_message(why));
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        if (!collection_answer_page(view, request, services, &list, result.items, &items, err))
                return false;
        envelope_collection(request, response, &view->name, &list, items, (uint64_t) result.total);
        return true;
}

bool collection_answer_document(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Document *stored, Error **err) {
        CLEANUP(document_free) Document *owned = stored;
        CLEANUP(view_request_clear) ViewRequest wanted = { 0 };
        CLEANUP(error_free) Error *why = NULL;
        Document *item = NULL;

        if (!view_request_read(request, &wanted, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        if (!collection_answer_show(view, request, services, owned, &wanted, &item, err))
                return false;
        envelope_item(request, response, &view->name, item);
        return true;
}

/* As nobody asks for anything special, the answer depends on the documents alone. */
static bool answer_plain_item(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        const ItemStamp stamp = item_stamp(services->store, view->made_from | 1U << view->collection);
        CLEANUP(free)
        char *key = xasprintf("%s%s", request->target.path, go_sdk_asks(request) ? " go" : "");
        CLEANUP(item_text_clear) ItemText text = { 0 };

        if (!services->items || !item_cache_get(services->items, key, &stamp, &text)) {
                CLEANUP(document_free) Document *stored = NULL;
                Document *item = NULL;

                if (!collection_get(
                            services->store, view->collection, request_param(request, "id"), &stored, err) ||
                    !collection_answer_show(view, request, services, stored, &(ViewRequest){ 0 }, &item, err))
                        return false;
                text = envelope_item_text(&view->name, item);
                if (services->items)
                        item_cache_put(services->items, key, &stamp, &text);
        }
        envelope_answer_item(request, response, &text);
        return true;
}

bool collection_answer_item(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        Document *stored = NULL;

        if (request->target.query.count == 0)
                return answer_plain_item(view, request, response, services, err);
        if (!text_empty(request_query(request, "version")))
                return versions_answer(view, request, response, services, err);
        return collection_get(
                       services->store, view->collection, request_param(request, "id"), &stored, err) &&
               collection_answer_document(view, request, response, services, stored, err);
}

#include "api/versions_answer.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* The members that are new or different; the bookkeeping ones always. What went is null. */
static Document *difference(const Document *former, const Document *document) {
        Document *changed = document_object();

        for (void *i = document_first(document); i; i = document_next(document, i)) {
                const Document *was = document_get_member(former, document_name(i));

                if (document_name(i)[0] == '_' || !was || !document_equal(was, document_child(i)))
                        document_set(changed, document_name(i), document_copy(document_child(i)));
        }
        for (void *i = former ? document_first(former) : NULL; i; i = document_next(former, i))
                if (!document_get_member(document, document_name(i)))
                        document_set(changed, document_name(i), document_null());
        return changed;
}

/* Each version against the one before; the first of a page against the last of the page before. */
static Document *differences(const Document *before, const Document *items) {
        Document *list = document_array();

        for (size_t i = 0; i < document_count(items); i++)
                document_append(
                        list, difference(i > 0 ? document_at(items, i - 1) : before, document_at(items, i)));
        return list;
}

static bool show_before(
        const CollectionView *view, const Request *request, Services *services, const ListRequest *list,
        Document **ret, Error **err) {
        CLEANUP(list_result_clear) ListResult before = { 0 };
        const ListQuery one = { .page = (int64_t) ((list->page - 1) * list->max_results), .max_results = 1 };

        if (list->page == 1)
                return true;
        if (!collection_list_versions(
                    services->store, view->collection, request_param(request, "id"), &one, &before, err))
                return false;
        return document_count(before.items) == 0 ||
               collection_answer_show(
                       view, request, services, document_at(before.items, 0), &list->view, ret, err);
}

static bool answer_all(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        bool diffs, Error **err) {
        CLEANUP(list_request_clear) ListRequest list = list_request_pages(request);
        CLEANUP(list_result_clear) ListResult result = { 0 };
        CLEANUP(document_free) Document *items = NULL;
        CLEANUP(document_free) Document *before = NULL;
        CLEANUP(error_free) Error *why = NULL;
        const char *id = request_param(request, "id");
        ListQuery query = list_request_query(&list);

        if (!view_request_read(request, &list.view, &why)) {
                response_fail(response, 400, "%s", error_message(why));
                return true;
        }
        if (!collection_list_versions(services->store, view->collection, id, &query, &result, err) ||
            !collection_answer_page(view, request, services, &list, result.items, &items, err) ||
            (diffs && !show_before(view, request, services, &list, &before, err)))
                return false;

        Document *shown = diffs ? differences(before, items) : TAKE(items);
        envelope_collection(request, response, &view->name, &list, shown, (uint64_t) result.total);
        return true;
}

bool versions_answer(
        const CollectionView *view, const Request *request, Response *response, Services *services,
        Error **err) {
        CLEANUP(error_free) Error *ignored = NULL;
        const char *word = request_query(request, "version");
        Document *stored = NULL;
        uint64_t number;

        if (strcmp(word, "all") == 0 || strcmp(word, "diffs") == 0)
                return answer_all(view, request, response, services, word[0] == 'd', err);
        if (!text_parse_uint(word, 1, INT64_MAX, &number, &ignored)) {
                response_fail(response, 400, "version: must be a number, 'all' or 'diffs'");
                return true;
        }
        return collection_get_version(
                       services->store, view->collection, request_param(request, "id"), (int64_t) number,
                       &stored, err) &&
               collection_answer_document(view, request, response, services, stored, err);
}

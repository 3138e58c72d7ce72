#include "api/list_request.h"

#include <stdlib.h>
#include <string.h>

#include "api/projection.h"
#include "api/where_expression.h"
#include "base/memory.h"
#include "base/text.h"

/* Words that are no number above zero count as not given. */
static uint64_t read_number(const Request *request, const char *name, uint64_t fallback) {
        CLEANUP(error_free) Error *ignored = NULL;
        const char *word = request_query(request, name);
        uint64_t number;

        return word && text_parse_uint(word, 1, 1000000000, &number, &ignored) ? number : fallback;
}

static bool read_where(const Request *request, ListRequest *list, Error **err) {
        const char *text = request_query(request, "where");

        if (text_empty(text))
                return true;
        if (text[strspn(text, " \t\r\n")] != '{' && text[0] != '[')
                return (list->where = where_expression_parse(text, err)) != NULL;
        list->where = document_parse(text, strlen(text), err);
        if (!list->where)
                return error_prefix(err, "where");
        if (!document_is_object(list->where))
                return error_set(err, ERROR_INVALID, "where: must be an object");
        return true;
}

/* [("name",-1),("env",1)] as "-name,env" */
static char *read_sort_pairs(const char *text) {
        CLEANUP(text_clear) Text keys = { 0 };

        for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
                const char *begin = open + 1 + strspn(open + 1, " '\"u");
                size_t length = strcspn(begin, "'\"");
                const char *comma = strchr(begin + length, ',');

                if (!comma)
                        return NULL;
                comma += 1 + strspn(comma + 1, " ");
                text_append(&keys, keys.length ? "," : "");
                text_append(&keys, *comma == '-' ? "-" : "");
                text_append_bytes(&keys, begin, length);
        }
        return keys.length > 0 ? text_take(&keys) : NULL;
}

static bool read_sort(const Request *request, ListRequest *list, Error **err) {
        const char *text = request_query(request, "sort");

        if (text_empty(text))
                return true;
        if (text[0] == '[')
                list->sort = read_sort_pairs(text);
        else if (!text[strcspn(text, "()[]{}\"'")])
                list->sort = xstrdup(text);
        return list->sort ? true : error_set(err, ERROR_INVALID, "sort: unreadable");
}

static bool read_embedded(const Request *request, Document **ret, Error **err) {
        const char *text = request_query(request, "embedded");

        if (text_empty(text))
                return true;
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(document_free) Document *embedded = document_parse(text, strlen(text), &ignored);
        if (!embedded || !document_is_object(embedded))
                return error_set(err, ERROR_INVALID, "Unable to parse `embedded` clause");
        *ret = TAKE(embedded);
        return true;
}

bool view_request_read(const Request *request, ViewRequest *ret, Error **err) {
        CLEANUP(view_request_clear) ViewRequest view = { 0 };

        if (!read_embedded(request, &view.embedded, err) ||
            !projection_parse(request_query(request, "projection"), &view.projection, err))
                return false;
        *ret = view;
        view = (ViewRequest){ 0 };
        return true;
}

void view_request_clear(ViewRequest *view) {
        document_free(view->embedded);
        document_free(view->projection);
        *view = (ViewRequest){ 0 };
}

ListRequest list_request_pages(const Request *request) {
        ListRequest list = { .page = read_number(request, "page", 1),
                             .max_results = read_number(request, "max_results", LIST_DEFAULT_RESULTS) };

        if (list.max_results > LIST_MAX_RESULTS)
                list.max_results = LIST_MAX_RESULTS;
        return list;
}

bool list_request_read(const Request *request, ListRequest *ret, Error **err) {
        CLEANUP(list_request_clear) ListRequest list = list_request_pages(request);

        if (!read_where(request, &list, err) || !read_sort(request, &list, err) ||
            !view_request_read(request, &list.view, err))
                return false;
        *ret = list;
        list = (ListRequest){ 0 };
        return true;
}

void list_request_clear(ListRequest *list) {
        document_free(list->where);
        view_request_clear(&list->view);
        free(list->sort);
        *list = (ListRequest){ 0 };
}

ListQuery list_request_query(const ListRequest *list) {
        return (ListQuery){ .where = list->where,
                            .sort = list->sort,
                            .page = (int64_t) list->page,
                            .max_results = (int64_t) list->max_results };
}

#include "api/list_query.h"

#include <stdlib.h>
#include <string.h>

#include "api/where.h"
#include "base/memory.h"
#include "base/text.h"

/* Words that are no number above zero count as not given. */
static uint64_t read_number(const Request *request, const char *name, uint64_t fallback) {
        CLEANUP(error_free) Error *ignored = NULL;
        const char *word = request_query(request, name);
        uint64_t number;

        return word && text_parse_uint(word, 1, 1000000000, &number, &ignored) ? number : fallback;
}

/* Python-expression form of a filter: name=="app1", role==worker. */
static Document *read_expression(const char *text) {
        const char *equals = strstr(text, "==");

        if (!equals || equals == text || strpbrk(text, "{}[]()"))
                return NULL;
        CLEANUP(free) char *raw_name = xstrndup(text, (size_t) (equals - text));
        CLEANUP(free) char *name = text_trim(raw_name), *value = text_trim(equals + 2);
        size_t length = strlen(value);
        if (length >= 2 && (value[0] == '"' || value[0] == '\'') && value[length - 1] == value[0]) {
                value[length - 1] = '\0';
                memmove(value, value + 1, length - 1);
        }
        Document *where = document_object();
        document_set_string(where, name, value);
        return where;
}

static bool read_where(const Request *request, ListQuery *query, Error **err) {
        const char *text = request_query(request, "where");

        if (text_empty(text))
                return true;
        query->where = text[0] == '{' ? NULL : read_expression(text);
        if (!query->where)
                query->where = document_parse(text, strlen(text), err);
        if (!query->where)
                return error_prefix(err, "where");
        return where_check(query->where, err);
}

static void add_sort_key(ListQuery *query, const char *path, size_t length, bool descending) {
        if (length == 0 || query->sort_count == LIST_MAX_SORT_KEYS)
                return;
        query->sort[query->sort_count++] =
                (SortKey){ .path = xstrndup(path, length), .descending = descending };
}

/* [("name",-1),("env",1)] */
static bool read_sort_pairs(const char *text, ListQuery *query) {
        for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
                const char *begin = open + 1 + strspn(open + 1, " '\"u");
                size_t length = strcspn(begin, "'\"");
                const char *comma = strchr(begin + length, ',');

                if (!comma)
                        return false;
                comma += 1 + strspn(comma + 1, " ");
                add_sort_key(query, begin, length, *comma == '-');
        }
        return query->sort_count > 0;
}

static bool read_sort(const Request *request, ListQuery *query, Error **err) {
        CLEANUP(string_list_clear) StringList words = { 0 };
        const char *text = request_query(request, "sort");

        if (text_empty(text))
                return true;
        if (text[0] == '[')
                return read_sort_pairs(text, query) ? true
                                                    : error_set(err, ERROR_INVALID, "sort: unreadable");
        if (text[strcspn(text, "()[]{}\"'")])
                return error_set(err, ERROR_INVALID, "sort: unreadable");
        text_split(text, ',', &words);
        for (size_t i = 0; i < words.count; i++) {
                CLEANUP(free) char *word = text_trim(words.items[i]);
                bool descending = word[0] == '-';
                add_sort_key(query, word + descending, strlen(word + descending), descending);
        }
        return true;
}

bool list_query_read(const Request *request, ListQuery *ret, Error **err) {
        CLEANUP(list_query_clear) ListQuery query = { 0 };

        query.page = read_number(request, "page", 1);
        query.max_results = read_number(request, "max_results", LIST_DEFAULT_RESULTS);
        if (query.max_results > LIST_MAX_RESULTS)
                query.max_results = LIST_MAX_RESULTS;
        if (!read_where(request, &query, err) || !read_sort(request, &query, err))
                return false;
        *ret = query;
        query = (ListQuery){ 0 };
        return true;
}

void list_query_clear(ListQuery *query) {
        document_free(query->where);
        for (size_t i = 0; i < query->sort_count; i++)
                free(query->sort[i].path);
        *query = (ListQuery){ 0 };
}

typedef struct Entry {
        const Document *item;
        size_t place; /* keeps the order of equals */
} Entry;

static int compare_values(const Document *a, const Document *b) {
        if (document_is_string(a) && document_is_string(b))
                return strcmp(document_value(a), document_value(b));
        if (document_is_int(a) && document_is_int(b)) {
                int64_t left = document_int_value(a), right = document_int_value(b);
                return (left > right) - (left < right);
        }
        return (a != NULL) - (b != NULL);
}

static int compare_entries(const void *a, const void *b, void *context) {
        const ListQuery *query = context;
        const Entry *left = a, *right = b;

        for (size_t i = 0; i < query->sort_count; i++) {
                const char *path = query->sort[i].path;
                int sign = compare_values(document_get(left->item, path), document_get(right->item, path));

                if (sign != 0)
                        return query->sort[i].descending ? -sign : sign;
        }
        return (left->place > right->place) - (left->place < right->place);
}

Document *list_query_apply(const ListQuery *query, Document *items, uint64_t *ret_total) {
        CLEANUP(document_free) Document *all = items;
        size_t count = 0;

        CLEANUP(free) Entry *entries = xcalloc(document_count(all) + 1, sizeof(Entry));
        for (size_t i = 0; i < document_count(all); i++) {
                const Document *item = document_at(all, i);
                if (!query->where || where_matches(query->where, item))
                        entries[count++] = (Entry){ .item = item, .place = i };
        }
        if (query->sort_count > 0)
                qsort_r(entries, count, sizeof(Entry), compare_entries, (void *) query);

        *ret_total = count;
        Document *page = document_array();
        uint64_t first = (query->page - 1) * query->max_results;
        for (uint64_t i = first; i < count && i < first + query->max_results; i++)
                document_append(page, document_copy(entries[i].item));
        return page;
}

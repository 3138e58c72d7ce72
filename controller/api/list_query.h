/* What a collection is asked for: page, order, filter; as the contract's clients write them. */
#pragma once

#include "http/request.h"
#include "json/document.h"

enum { LIST_DEFAULT_RESULTS = 23, LIST_MAX_RESULTS = 200, LIST_MAX_SORT_KEYS = 8 };

typedef struct SortKey {
        char *path; /* dotted */
        bool descending;
} SortKey;

typedef struct ListQuery {
        uint64_t page, max_results;
        Document *where; /* NULL: everything */
        SortKey sort[LIST_MAX_SORT_KEYS];
        size_t sort_count;
} ListQuery;

/* INVALID names the parameter: the handler answers 400. */
bool list_query_read(const Request *request, ListQuery *ret, Error **err);
void list_query_clear(ListQuery *query);
static inline void list_query_clearp(ListQuery *query) {
        list_query_clear(query);
}

/* Filters, orders and cuts items (an array, taken) to the page asked for; *ret_total counts what matched. */
Document *list_query_apply(const ListQuery *query, Document *items, uint64_t *ret_total);

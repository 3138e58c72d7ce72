/* What a collection is asked for: page, order, filter; as the contract's clients write them. */
#pragma once

#include "http/request.h"
#include "store/collection.h"

enum { LIST_DEFAULT_RESULTS = 23, LIST_MAX_RESULTS = 200 };

/* How documents are to be shown. */
typedef struct ViewRequest {
        Document *embedded;   /* NULL: nothing; {"app_id":1} */
        Document *projection; /* NULL: everything */
} ViewRequest;

bool view_request_read(const Request *request, ViewRequest *ret, Error **err);
void view_request_clear(ViewRequest *view);
static inline void view_request_clearp(ViewRequest *view) {
        view_request_clear(view);
}

typedef struct ListRequest {
        uint64_t page, max_results;
        Document *where; /* NULL: everything */
        char *sort;      /* "-_updated,name"; NULL: as inserted */
        ViewRequest view;
} ListRequest;

/* INVALID names the parameter: the handler answers 400. */
bool list_request_read(const Request *request, ListRequest *ret, Error **err);
void list_request_clear(ListRequest *list);
static inline void list_request_clearp(ListRequest *list) {
        list_request_clear(list);
}

/* Borrows. */
ListQuery list_request_query(const ListRequest *list);

/* Only page and max_results: of lists that cannot be filtered. Caller clears. */
ListRequest list_request_pages(const Request *request);

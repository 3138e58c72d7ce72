/* The contract's envelopes around documents: collections, items, receipts of writes, conditions on etags. */
#pragma once

#include "api/list_request.h"
#include "http/request.h"
#include "http/response.h"
#include "json/document.h"

typedef struct ResourceName {
        const char *collection; /* "apps": path and title */
        const char *item;       /* "app": title */
        const char *path;       /* "webhooks/<id>/invocations"; NULL: collection */
} ResourceName;

/* items: an array, taken; each gets its _links. */
void envelope_collection(
        const Request *request, Response *response, const ResourceName *name, const ListRequest *list,
        Document *items, uint64_t total);

/* An item as it is answered. */
typedef struct ItemText {
        char *body, *etag, *last_modified; /* last_modified may be "" */
} ItemText;
void item_text_clear(ItemText *text);
static inline void item_text_clearp(ItemText *text) {
        item_text_clear(text);
}

/* item is taken. */
ItemText envelope_item_text(const ResourceName *name, Document *item);
/* text is taken. 304 when the client has that version already. */
void envelope_answer_item(const Request *request, Response *response, ItemText *text);

/* Both. item is taken. Answers 304 when the client has that version already. */
void envelope_item(const Request *request, Response *response, const ResourceName *name, Document *item);

/* The bookkeeping members of a stored document, as writes answer. */
Document *envelope_receipt(const ResourceName *name, const Document *stored);

/* 201 with Location, or 200: only the bookkeeping members of the stored document. */
void envelope_written(
        const Request *request, Response *response, const ResourceName *name, int status,
        const Document *stored);

/* False when the answer is given already: 428 without If-Match, 412 with one that does not fit. */
bool envelope_may_edit(const Request *request, Response *response, const char *etag);

/* A document that is no resource of ours; taken. */
void envelope_plain(Response *response, Document *document);

/* 422 of a POST: issues is an object of member names, taken. Of a PATCH: without _error. */
void envelope_issues(const Request *request, Response *response, Document *issues);

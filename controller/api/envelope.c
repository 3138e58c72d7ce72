#include "api/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

static Document *link_to(const char *href, const char *title) {
        Document *link = document_object();

        document_set_string(link, "title", title);
        document_set_string(link, "href", href);
        return link;
}

static void append_parameter(Text *href, const char *name, const char *value) {
        if (!text_empty(value))
                text_appendf(href, "%s%s=%s", strchr(href->data, '?') ? "&" : "?", name, value);
}

/* "apps?max_results=2&where=…&sort=…&page=3", as the client wrote them. */
static Document *page_link(const Request *request, uint64_t page, const char *title) {
        CLEANUP(text_clear) Text href = { 0 };

        text_append(&href, request->target.path + 1);
        append_parameter(&href, "version", request_query(request, "version"));
        append_parameter(&href, "max_results", request_query(request, "max_results"));
        append_parameter(&href, "where", request_query(request, "where"));
        append_parameter(&href, "sort", request_query(request, "sort"));
        if (page > 1) {
                CLEANUP(free) char *number = xasprintf("%llu", (unsigned long long) page);
                append_parameter(&href, "page", number);
        }
        return link_to(href.data, title);
}

static Document *collection_links(
        const Request *request, const ResourceName *name, const ListRequest *list, uint64_t total) {
        Document *links = document_object();
        uint64_t last = (total + list->max_results - 1) / list->max_results;

        document_set(links, "self", page_link(request, list->page, name->collection));
        document_set(links, "parent", link_to("/", "home"));
        if (list->page < last) {
                document_set(links, "next", page_link(request, list->page + 1, "next page"));
                document_set(links, "last", page_link(request, last, "last page"));
        }
        if (list->page > 1)
                document_set(links, "prev", page_link(request, list->page - 1, "previous page"));
        return links;
}

static const char *path_of(const ResourceName *name) {
        return name->path ? name->path : name->collection;
}

static Document *self_link(const ResourceName *name, const Document *item) {
        CLEANUP(free) char *href = xasprintf("%s/%s", path_of(name), document_get_string(item, "_id"));

        return link_to(href, name->item);
}

void envelope_plain(Response *response, Document *document) {
        response_json(response, 200, document_text(document));
        document_free(document);
}

void envelope_collection(
        const Request *request, Response *response, const ResourceName *name, const ListRequest *list,
        Document *items, uint64_t total) {
        Document *envelope = document_object(), *meta = document_object(), *linked = document_array();
        const char *newest = "";
        int64_t newest_us = 0;

        for (size_t i = 0; i < document_count(items); i++) {
                Document *item = document_copy(document_at(items, i)), *links = document_object();
                int64_t updated_us;

                document_set(links, "self", self_link(name, item));
                document_set(item, "_links", links);
                document_append(linked, item);
                if (clock_parse_http(document_get_string(item, "_updated"), &updated_us) &&
                    updated_us >= newest_us) {
                        newest = document_get_string(item, "_updated");
                        newest_us = updated_us;
                }
        }
        if (newest[0])
                response_header(response, "Last-Modified", "%s", newest);
        response_header(response, "X-Total-Count", "%llu", (unsigned long long) total);
        document_set_int(meta, "page", (int64_t) list->page);
        document_set_int(meta, "max_results", (int64_t) list->max_results);
        document_set_int(meta, "total", (int64_t) total);
        document_set(envelope, "_items", linked);
        document_set(envelope, "_links", collection_links(request, name, list, total));
        document_set(envelope, "_meta", meta);
        document_free(items);
        envelope_plain(response, envelope);
}

/* What the contract calls the etag of a GET: etag and version glued together, quoted. */
static char *item_etag(const Document *item) {
        return xasprintf(
                "\"%s%lld\"", document_get_string(item, "_etag"),
                (long long) document_get_int(item, "_version"));
}

static bool client_has(const Request *request, const ItemText *text) {
        const char *known = request_header(request, "If-None-Match");
        const char *since = request_header(request, "If-Modified-Since");
        int64_t since_us, updated_us;

        if (known)
                return strcmp(known, text->etag) == 0;
        return since && clock_parse_http(since, &since_us) &&
               clock_parse_http(text->last_modified, &updated_us) && since_us >= updated_us;
}

void item_text_clear(ItemText *text) {
        free(text->body);
        free(text->etag);
        free(text->last_modified);
        *text = (ItemText){ 0 };
}

ItemText envelope_item_text(const ResourceName *name, Document *item) {
        CLEANUP(document_free) Document *owned = item;
        Document *links = document_object();

        document_set(links, "self", self_link(name, item));
        document_set(links, "collection", link_to(path_of(name), name->collection));
        document_set(links, "parent", link_to("/", "home"));
        document_set(item, "_links", links);
        return (ItemText){ .body = document_text(item),
                           .etag = item_etag(item),
                           .last_modified = xstrdup(document_get_string(item, "_updated")) };
}

void envelope_answer_item(const Request *request, Response *response, ItemText *text) {
        response_header(response, "ETag", "%s", text->etag);
        if (text->last_modified[0])
                response_header(response, "Last-Modified", "%s", text->last_modified);
        if (client_has(request, text))
                response->status = 304;
        else
                response_json(response, 200, TAKE(text->body));
        item_text_clear(text);
}

void envelope_item(const Request *request, Response *response, const ResourceName *name, Document *item) {
        ItemText text = envelope_item_text(name, item);

        envelope_answer_item(request, response, &text);
}

Document *envelope_receipt(const ResourceName *name, const Document *stored) {
        static const char *const members[] = { "_id",      "_etag",    "_created",
                                               "_updated", "_version", "_latest_version" };
        Document *receipt = document_object(), *links = document_object();

        document_set_string(receipt, "_status", "OK");
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
                const Document *member = document_get(stored, members[i]);
                if (member)
                        document_set(receipt, members[i], document_copy(member));
        }
        document_set(links, "self", self_link(name, stored));
        document_set(receipt, "_links", links);
        return receipt;
}

void envelope_written(
        const Request *request, Response *response, const ResourceName *name, int status,
        const Document *stored) {
        CLEANUP(document_free) Document *receipt = envelope_receipt(name, stored);

        response_json(response, status, document_text(receipt));
        if (status == 201) {
                CLEANUP(free) char *base = request_base_url(request);
                response_header(
                        response, "Location", "%s/%s/%s", base, path_of(name),
                        document_get_string(stored, "_id"));
        } else {
                response_header(response, "ETag", "\"%s\"", document_get_string(stored, "_etag"));
        }
}

bool envelope_may_edit(const Request *request, Response *response, const char *etag) {
        const char *given = request_header(request, "If-Match");

        if (!given) {
                response_fail(
                        response, 428,
                        "To edit a document its etag must be provided using the If-Match header");
                return false;
        }
        CLEANUP(free) char *bare = xstrdup(given);
        size_t length = strlen(bare);
        bool quoted = length >= 2 && bare[0] == '"' && bare[length - 1] == '"';
        if (quoted)
                bare[length - 1] = '\0';
        if (strcmp(bare + quoted, etag) == 0)
                return true;
        response->status = 412;
        return false;
}

void envelope_issues(const Request *request, Response *response, Document *issues) {
        CLEANUP(document_free) Document *envelope = document_object();

        document_set_string(envelope, "_status", "ERR");
        document_set(envelope, "_issues", issues);
        if (strcmp(request->method, "POST") == 0) {
                Document *error = document_object();
                document_set_int(error, "code", 422);
                document_set_string(error, "message", "Insertion failure: 1 document(s) contain(s) error(s)");
                document_set(envelope, "_error", error);
        }
        response_json(response, 422, document_text(envelope));
}

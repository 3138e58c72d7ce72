/* /notifications: what is still to be told of jobs, and what could not be. For those who see to it; neither
 * what was said nor any secret is shown. */
#include "api/envelope.h"
#include "api/resources.h"
#include "api/route_doc.h"
#include "api/services.h"
#include "store/notification_store.h"

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        CLEANUP(list_request_clear) ListRequest pages = list_request_pages(request);
        Document *items = NULL, *answer, *meta;
        int64_t total = 0;

        if (!notification_store_list(services->store, pages.page, pages.max_results, &items, &total, err))
                return false;
        meta = document_object();
        document_set_int(meta, "page", (int64_t) pages.page);
        document_set_int(meta, "max_results", (int64_t) pages.max_results);
        document_set_int(meta, "total", total);
        answer = document_object();
        document_set(answer, "_items", items);
        document_set(answer, "_meta", meta);
        envelope_plain(response, answer);
        return true;
}

static const char *const channels[] = { "email", "slack", "webhook", NULL };
static const char *const states[] = { "pending", "failed", NULL };
static const SchemaField notification_fields[] = {
        { "_id", SCHEMA_ID },           { "channel", SCHEMA_STRING, .words = channels },
        { "recipient", SCHEMA_STRING }, { "job_id", SCHEMA_ID },
        { "event", SCHEMA_STRING },     { "state", SCHEMA_STRING, .words = states },
        { "attempts", SCHEMA_INT },     { "last_error", SCHEMA_STRING },
        { "created", SCHEMA_STRING },   { "next_attempt", SCHEMA_STRING },
};
static const Schema notification_schema = SCHEMA(notification_fields);

static const SchemaField meta_fields[] = {
        { "page", SCHEMA_INT },
        { "max_results", SCHEMA_INT },
        { "total", SCHEMA_INT },
};
static const Schema meta_schema = SCHEMA(meta_fields);

static const SchemaField answer_fields[] = {
        { "_items", SCHEMA_LIST, .schema = &notification_schema },
        { "_meta", SCHEMA_OBJECT, .schema = &meta_schema },
};
static const Schema answer_schema = SCHEMA(answer_fields);

static const Route routes[] = {
        { "GET", "/notifications", RIGHT_ADMIN, list, 0,
          &(const RouteDoc){ .operation = "list_notifications",
                             .summary = "Lists the mails and messages about jobs that wait or were given up",
                             .kind = ANSWER_DOCUMENT,
                             .answer = &answer_schema,
                             .parameters = { { "page", "Which page, from 1", SCHEMA_INT },
                                             { "max_results", "Items on a page", SCHEMA_INT } } } },
};

const Resource notifications_resource = RESOURCE("notifications", routes);

/* /audit: who changed what, when, and from where. Notes are read, and nothing else. */
#include "api/collection_answer.h"
#include "api/resources.h"
#include "api/route_doc.h"

static const CollectionView view = {
        .name = { .collection = "audit", .item = "note" },
        .collection = COLLECTION_AUDIT,
};

static bool list(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_list(&view, request, response, services, err);
}

static bool show(const Request *request, Response *response, Services *services, Error **err) {
        return collection_answer_item(&view, request, response, services, err);
}

static const SchemaField fields[] = {
        { "at", SCHEMA_STRING },      { "user", SCHEMA_STRING },    { "via", SCHEMA_STRING },
        { "address", SCHEMA_STRING }, { "request", SCHEMA_STRING }, { "resource", SCHEMA_STRING },
        { "action", SCHEMA_STRING },  { "target", SCHEMA_STRING },  { "change", SCHEMA_OBJECT },
};
static const Schema schema = SCHEMA(fields);

static const Route routes[] = {
        { "GET", "/audit", RIGHT_ADMIN, list, 0,
          &(const RouteDoc){ .operation = "list_audit",
                             .summary = "Lists who changed what, when, and from where",
                             .kind = ANSWER_COLLECTION,
                             .answer = &schema } },
        { "GET", "/audit/{id}", RIGHT_ADMIN, show, 0,
          &(const RouteDoc){ .operation = "get_audit_note",
                             .summary = "Shows one change: each member of what it was and is",
                             .kind = ANSWER_ITEM,
                             .answer = &schema } },
};

const Resource audit_trail_resource = RESOURCE("audit_trail", routes);

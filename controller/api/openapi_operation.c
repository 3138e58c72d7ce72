#include "api/openapi_operation.h"

#include <stdlib.h>
#include <string.h>

#include "api/bulk.h"
#include "api/openapi_schema.h"
#include "base/memory.h"
#include "base/text.h"

typedef struct Operation {
        const Resource *resource;
        const Route *route;
        const RouteDoc *doc;
        Document *schemas; /* of all */
        Document *parameters;
        Document *responses;
} Operation;

static Document *reference(const char *kind, const char *name) {
        CLEANUP(free) char *path = xasprintf("#/components/%s/%s", kind, name);
        Document *object = document_object();

        document_set_string(object, "$ref", path);
        return object;
}

static Document *typed(const char *type) {
        Document *schema = document_object();

        document_set_string(schema, "type", type);
        return schema;
}

/* {"application/json":{"schema":…}}; schema is taken. */
static Document *content_of(const char *media_type, Document *schema) {
        Document *content = document_object(), *media = document_object();

        document_set(media, "schema", schema);
        document_set(content, media_type, media);
        return content;
}

static Document *either(Document *one, Document *other) {
        Document *schema = document_object(), *choices = document_array();

        document_append(choices, one);
        document_append(choices, other);
        document_set(schema, "anyOf", choices);
        return schema;
}

static Document *list_of(Document *item) {
        Document *schema = typed("array");

        document_set(schema, "items", item);
        return schema;
}

/* "list_apps" as "ListApps" */
static char *camel_case(const char *words, size_t length) {
        CLEANUP(text_clear) Text name = { 0 };
        bool first = true;

        for (size_t i = 0; i < length; i++) {
                char c = words[i];

                if (c == '_' || c == '-') {
                        first = true;
                        continue;
                }
                if (first && c >= 'a' && c <= 'z')
                        c = (char) (c - 'a' + 'A');
                first = false;
                text_append_bytes(&name, &c, 1);
        }
        return text_take(&name);
}

/* What the path's last word that is no {parameter} names: "App" of /apps/{id}. */
static char *noun_of(const Route *route) {
        const char *word = "", *at = route->path;
        size_t length = 0;

        while (*at == '/') {
                size_t segment = strcspn(++at, "/");

                if (segment > 0 && *at != '{') {
                        word = at;
                        length = segment;
                }
                at += segment;
        }
        if (length > 1 && word[length - 1] == 's')
                length--;
        return camel_case(word, length);
}

/* A reference to the schema, under the noun's name, or the operation's when that means something else. */
static Document *add_schema(const Operation *operation, const char *suffix, Document *schema) {
        CLEANUP(free) char *noun = noun_of(operation->route);
        CLEANUP(free) char *name = xasprintf("%s%s", noun, suffix);
        const Document *known = document_get_member(operation->schemas, name);

        if (known && !document_equal(known, schema)) {
                free(name);
                name = camel_case(operation->doc->operation, strlen(operation->doc->operation));
        }
        document_set(operation->schemas, name, schema);
        return reference("schemas", name);
}

static Document *body_schema(const Operation *operation) {
        bool patch = strcmp(operation->route->method, "PATCH") == 0;
        Document *schema = openapi_schema(operation->doc->body, patch ? OPENAPI_PATCH : OPENAPI_INSERT, NULL);

        /* Clients may send back whose document it is. */
        if (patch && operation->doc->conditional) {
                Document *properties = document_copy(document_get_member(schema, "properties"));
                document_set(properties, "_id", reference("schemas", "Id"));
                document_set(schema, "properties", properties);
        }
        Document *single = add_schema(operation, patch ? "Patch" : "Insert", schema);
        if (!operation->doc->bulk)
                return single;
        Document *several = list_of(document_copy(single));
        document_set_int(several, "minItems", 1);
        document_set_int(several, "maxItems", BULK_MAX);
        return either(single, several);
}

/* The members that every stored document has. */
static void add_bookkeeping(Document *schema) {
        static const struct {
                const char *name, *component, *type;
        } members[] = {
                { "_id", "Id", NULL },           { "_etag", NULL, "string" },
                { "_created", "Stamp", NULL },   { "_updated", "Stamp", NULL },
                { "_version", NULL, "integer" }, { "_latest_version", NULL, "integer" },
                { "_links", "Links", NULL },
        };
        Document *properties = document_copy(document_get_member(schema, "properties"));
        Document *required = document_array();

        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                document_set(
                        properties, members[i].name,
                        members[i].component ? reference("schemas", members[i].component)
                                             : typed(members[i].type));
        document_append(required, document_string("_id"));
        document_append(required, document_string("_links"));
        document_set(schema, "required", required);
        document_set(schema, "properties", properties);
}

static Document *item_schema(const Operation *operation) {
        if (!operation->doc->answer)
                return typed("object");
        Document *schema = openapi_schema(operation->doc->answer, OPENAPI_ANSWER, operation->doc->embeds);
        add_bookkeeping(schema);
        return add_schema(operation, "", schema);
}

static Document *collection_schema(const Operation *operation) {
        Document *schema = typed("object"), *properties = document_object(), *required = document_array();
        static const char *const members[] = { "_items", "_links", "_meta" };

        document_set(properties, "_items", list_of(item_schema(operation)));
        document_set(properties, "_links", reference("schemas", "Links"));
        document_set(properties, "_meta", reference("schemas", "Meta"));
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
                document_append(required, document_string(members[i]));
        document_set(schema, "properties", properties);
        document_set(schema, "required", required);
        return add_schema(operation, "Page", schema);
}

/* What a write says, and what it adds to that, as a token that is shown once. */
static Document *receipt_schema(const Operation *operation) {
        Document *receipt = reference("schemas", "Receipt");

        if (operation->doc->bulk)
                return either(receipt, reference("schemas", "Receipts"));
        if (!operation->doc->answer)
                return receipt;
        Document *schema = document_object(), *parts = document_array();
        document_append(parts, receipt);
        document_append(parts, openapi_schema(operation->doc->answer, OPENAPI_ANSWER, NULL));
        document_set(schema, "allOf", parts);
        return add_schema(operation, "Receipt", schema);
}

static Document *document_schema(const Operation *operation) {
        const Schema *answer = operation->doc->answer;

        return answer ? add_schema(operation, "", openapi_schema(answer, OPENAPI_ANSWER, NULL))
                      : document_object();
}

static Document *success_content(const Operation *operation) {
        switch (operation->doc->kind) {
        case ANSWER_ITEM:
                return content_of("application/json", item_schema(operation));
        case ANSWER_COLLECTION:
                return content_of("application/json", collection_schema(operation));
        case ANSWER_RECEIPT:
                return content_of("application/json", receipt_schema(operation));
        case ANSWER_DOCUMENT:
                return content_of("application/json", document_schema(operation));
        case ANSWER_LIST:
                return content_of("application/json", list_of(document_schema(operation)));
        case ANSWER_FILE:
        case ANSWER_TEXT:
                return content_of("text/plain", typed("string"));
        case ANSWER_BYTES: /* any: so OpenAPI 3.1 says that it is binary */
                return content_of("application/octet-stream", document_object());
        case ANSWER_EVENTS:
                return content_of("text/event-stream", typed("string"));
        case ANSWER_NOTHING:
        case ANSWER_PAGE:
        case ANSWER_REFUSAL:
                return NULL;
        }
        return NULL;
}

static Document *success_headers(const Operation *operation, int status) {
        static const struct {
                RouteAnswer kind;
                int status;
                const char *names[3];
        } rows[] = {
                { ANSWER_COLLECTION, 200, { "X-Total-Count", "Last-Modified" } },
                { ANSWER_ITEM, 200, { "ETag", "Last-Modified" } },
                { ANSWER_RECEIPT, 200, { "ETag" } },
                { ANSWER_RECEIPT, 201, { "Location" } },
        };
        Document *headers = document_object();

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (const char *const *name = rows[i].names;
                     rows[i].kind == operation->doc->kind && rows[i].status == status && *name; name++)
                        document_set(headers, *name, reference("headers", *name));
        return headers;
}

/* Where an answer has the id and etag that the routes of one item need. */
static const char *item_pointer(const Operation *operation) {
        if (operation->doc->kind == ANSWER_COLLECTION)
                return "$response.body#/_items/0/";
        return operation->doc->kind == ANSWER_RECEIPT ? "$response.body#/" : NULL;
}

/* "/things/{id}" of "/things" */
static bool is_item_of(const Route *route, const char *collection) {
        size_t length = strlen(collection);

        return route->doc && route->doc->kind != ANSWER_PAGE &&
               strncmp(route->path, collection, length) == 0 && strcmp(route->path + length, "/{id}") == 0;
}

static Document *link_of(const Route *route, const char *pointer) {
        CLEANUP(free) char *id = xasprintf("%s_id", pointer), *etag = xasprintf("%s_etag", pointer);
        Document *link = document_object(), *parameters = document_object();

        document_set_string(parameters, "id", id);
        if (route->doc->conditional)
                document_set_string(parameters, "header.If-Match", etag);
        document_set_string(link, "operationId", route->doc->operation);
        document_set(link, "parameters", parameters);
        return link;
}

/* What can be done with the documents of the answer. */
static void add_links(const Operation *operation, Document *response) {
        const char *pointer = item_pointer(operation);
        CLEANUP(document_free) Document *links = document_object();

        for (size_t i = 0; pointer && i < operation->resource->route_count; i++) {
                const Route *route = &operation->resource->routes[i];

                if (is_item_of(route, operation->route->path))
                        document_set(links, route->doc->operation, link_of(route, pointer));
        }
        if (document_count(links) > 0)
                document_set(response, "links", document_copy(links));
}

static void add_success(Operation *operation, int status, const char *description) {
        CLEANUP(free) char *name = xasprintf("%d", status);
        Document *response = document_object(), *content = status == 204 ? NULL : success_content(operation);
        Document *headers = success_headers(operation, status);

        document_set_string(response, "description", description);
        if (content)
                document_set(response, "content", content);
        if (document_count(headers) > 0)
                document_set(response, "headers", document_copy(headers));
        document_free(headers);
        add_links(operation, response);
        document_set(operation->responses, name, response);
}

static void add_status(Operation *operation, int status) {
        CLEANUP(free) char *name = xasprintf("%d", status);

        if (status / 100 == 2)
                add_success(operation, status, "Done");
        else if (status == 503 && operation->doc->kind == ANSWER_DOCUMENT && operation->doc->answer)
                add_success(operation, status, "Not now: the document says why");
        else
                document_set(operation->responses, name, reference("responses", name));
}

static bool brings_body(const Operation *operation) {
        return operation->doc->body || (operation->route->flags & ROUTE_ANY_BODY);
}

/* Any answer can be "not now": the store may be busy, the account's check may wait for others. */
static void add_failures(Operation *operation) {
        const RouteDoc *doc = operation->doc;
        const struct {
                int status;
                bool may;
        } rows[] = {
                { 400, true },
                { 401, true },
                { 429, true },
                { 503, true },
                { 403, operation->route->right > RIGHT_READ || strcmp(operation->route->method, "GET") != 0 },
                { 404, strchr(operation->route->path, '{') != NULL },
                { 304, doc->kind == ANSWER_ITEM },
                { 206, doc->kind == ANSWER_FILE },
                { 416, doc->kind == ANSWER_FILE },
                { 413, brings_body(operation) },
                { 422, doc->body != NULL },
                { 412, doc->conditional },
                { 428, doc->conditional },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (rows[i].may)
                        add_status(operation, rows[i].status);
        for (size_t i = 0; i < ROUTE_STATUSES_MAX && doc->statuses[i]; i++)
                add_status(operation, doc->statuses[i]);
}

static void add_responses(Operation *operation) {
        const RouteDoc *doc = operation->doc;

        if (doc->kind == ANSWER_NOTHING)
                add_success(operation, 204, "Done");
        else if (doc->kind == ANSWER_RECEIPT && strcmp(operation->route->method, "POST") == 0)
                add_success(operation, 201, "Created");
        else if (doc->kind != ANSWER_REFUSAL)
                add_success(operation, 200, "Found");
        add_failures(operation);
}

static void add_parameter(
        Operation *operation, const char *name, const char *in, const char *meaning, Document *schema) {
        Document *parameter = document_object();

        document_set_string(parameter, "name", name);
        document_set_string(parameter, "in", in);
        if (meaning)
                document_set_string(parameter, "description", meaning);
        if (strcmp(in, "path") == 0)
                document_set_bool(parameter, "required", true);
        document_set(parameter, "schema", schema);
        document_append(operation->parameters, parameter);
}

static void add_path_parameters(Operation *operation) {
        for (const char *open = strchr(operation->route->path, '{'); open; open = strchr(open + 1, '{')) {
                CLEANUP(free) char *name = xstrndup(open + 1, strcspn(open + 1, "}"));
                bool id = strcmp(name, "id") == 0 || text_ends_with(name, "_id");

                add_parameter(
                        operation, name, "path", NULL, id ? reference("schemas", "Id") : typed("string"));
        }
}

static void add_own_parameters(Operation *operation) {
        static const char *const types[SCHEMA_TYPE_COUNT] = {
                [SCHEMA_BOOL] = "boolean", [SCHEMA_INT] = "integer"
        };
        const RouteParameter *own = operation->doc->parameters;

        for (size_t i = 0; i < ROUTE_PARAMETERS_MAX && own[i].name; i++) {
                const char *type = types[own[i].type];
                Document *schema = typed(type ? type : "string");

                if (own[i].type == SCHEMA_INT)
                        document_set_int(schema, "minimum", 0);
                add_parameter(operation, own[i].name, "query", own[i].meaning, schema);
        }
}

static void add_parameters(Operation *operation) {
        const RouteDoc *doc = operation->doc;
        bool list = doc->kind == ANSWER_COLLECTION, item = doc->kind == ANSWER_ITEM;
        const struct {
                const char *name;
                bool takes;
        } shared[] = {
                { "where", list },
                { "sort", list },
                { "page", list },
                { "max_results", list },
                { "projection", list || item },
                { "embedded", (list || item) && doc->embeds[0] },
                { "version", item },
                { "If-None-Match", item },
                { "If-Match", doc->conditional },
                { "Range", doc->kind == ANSWER_FILE },
                { "Last-Event-ID", doc->kind == ANSWER_EVENTS },
        };

        add_path_parameters(operation);
        for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
                if (shared[i].takes)
                        document_append(operation->parameters, reference("parameters", shared[i].name));
        add_own_parameters(operation);
}

static void add_body(const Operation *operation, Document *object) {
        if (!brings_body(operation))
                return;
        Document *body = document_object();

        document_set_bool(body, "required", true);
        document_set(
                body, "content",
                content_of(
                        "application/json",
                        operation->doc->body ? body_schema(operation) : document_object()));
        document_set(object, "requestBody", body);
}

/* Roles are named as 3.1 lets them be: as what a login must hold. */
static void add_security(const Operation *operation, Document *object) {
        static const char *const logins[] = { "basic", "bearer" };
        static const char *const roles[RIGHT_COUNT] = {
                [RIGHT_READ] = "viewer", [RIGHT_OPERATE] = "operator", [RIGHT_ADMIN] = "admin"
        };
        Document *security = document_array();
        const char *role = roles[operation->route->right];

        for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]) && role; i++) {
                Document *login = document_object(), *needed = document_array();
                document_append(needed, document_string(role));
                document_set(login, logins[i], needed);
                document_append(security, login);
        }
        document_set(object, "security", security);
}

Document *openapi_operation(const Resource *resource, const Route *route, Document *schemas) {
        Operation operation = { .resource = resource,
                                .route = route,
                                .doc = route->doc,
                                .schemas = schemas,
                                .parameters = document_array(),
                                .responses = document_object() };
        Document *object = document_object(), *tags = document_array();

        document_append(tags, document_string(resource->name));
        document_set(object, "tags", tags);
        document_set_string(object, "operationId", route->doc->operation);
        document_set_string(object, "summary", route->doc->summary);
        if (route->doc->description)
                document_set_string(object, "description", route->doc->description);
        add_parameters(&operation);
        add_responses(&operation);
        add_body(&operation, object);
        add_security(&operation, object);
        document_set(object, "parameters", operation.parameters);
        document_set(object, "responses", operation.responses);
        return object;
}

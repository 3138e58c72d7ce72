#include "api/openapi.h"

#include <string.h>

#include "api/api.h"
#include "api/route_doc.h"
#include "base/memory.h"
#include "harness/ghost_test.h"

static const SchemaField fields[] = { { "name", SCHEMA_STRING, SCHEMA_REQUIRED }, { "job", SCHEMA_ID } };
static const Schema schema = SCHEMA(fields);
static const SchemaField token_fields[] = { { "token", SCHEMA_STRING } };
static const Schema token_schema = SCHEMA(token_fields);

static bool handle(const Request *request, Response *response, Services *services, Error **err) {
        (void) request, (void) response, (void) services, (void) err;
        return true;
}

static const Route routes[] = {
        { "GET", "/things", RIGHT_READ, handle, 0,
          &(const RouteDoc){ .operation = "list_things",
                             .summary = "Lists things",
                             .kind = ANSWER_COLLECTION,
                             .answer = &schema,
                             .embeds = { "job" },
                             .parameters = { { "depth", "How deep", SCHEMA_INT } } } },
        { "POST", "/things", RIGHT_OPERATE, handle, 0,
          &(const RouteDoc){ .operation = "create_thing",
                             .summary = "Creates",
                             .kind = ANSWER_RECEIPT,
                             .body = &schema,
                             .bulk = true,
                             .statuses = { 409 } } },
        { "PATCH", "/things/{id}", RIGHT_ADMIN, handle, 0,
          &(const RouteDoc){ .operation = "update_thing",
                             .summary = "Changes",
                             .kind = ANSWER_RECEIPT,
                             .body = &schema,
                             .conditional = true } },
        { "GET", "/things/{id}/file", RIGHT_NONE, handle, 0,
          &(const RouteDoc){ .operation = "get_file", .summary = "A file", .kind = ANSWER_FILE } },
        { "POST", "/thing_tokens", RIGHT_ADMIN, handle, ROUTE_ANY_BODY,
          &(const RouteDoc){ .operation = "create_token",
                             .summary = "A token",
                             .kind = ANSWER_RECEIPT,
                             .answer = &token_schema } },
        { "GET", "/page", RIGHT_NONE, handle, 0,
          &(const RouteDoc){ .operation = "page", .summary = "Page", .kind = ANSWER_PAGE } },
        { "GET", "/key", RIGHT_NONE, handle, 0,
          &(const RouteDoc){ .operation = "get_key", .summary = "A key", .kind = ANSWER_TEXT } },
        { "GET", "/program", RIGHT_NONE, handle, 0,
          &(const RouteDoc){ .operation = "get_program", .summary = "Bytes", .kind = ANSWER_BYTES } },
        { "GET", "/bare", RIGHT_NONE, handle, 0, NULL },
};
static const Resource things = RESOURCE("things", routes);

static void assert_text(const Document *document, const char *expected) {
        CLEANUP(free) char *text = document ? document_canonical(document) : xstrdup("absent");

        assert_string_equal(text, expected);
}

static const Document *operation_at(const Document *api, const char *path, const char *method) {
        return document_get_member(document_get_member(document_get(api, "paths"), path), method);
}

static bool answers(const Document *operation, const char *status) {
        return document_get_member(document_get(operation, "responses"), status);
}

static void a_table_of_routes_is_described(void **state) {
        const Resource *const resources[] = { &things, NULL };
        CLEANUP(document_free) Document *api = openapi_describe(resources);

        (void) state;
        assert_string_equal(document_get_string(api, "openapi"), "3.1.0");
        assert_string_equal(document_get_string(api, "info.version"), GHOST_VERSION);
        assert_int_equal(document_count(document_get(api, "paths")), 6);
        assert_null(operation_at(api, "/page", "get"));
        assert_null(operation_at(api, "/bare", "get"));

        const Document *list = operation_at(api, "/things", "get");
        assert_text(document_get(list, "security"), "[{\"basic\":[\"viewer\"]},{\"bearer\":[\"viewer\"]}]");
        assert_text(document_get(list, "tags"), "[\"things\"]");
        assert_int_equal(document_count(document_get(list, "parameters")), 7);
        assert_text(
                document_get(list, "parameters.6"),
                "{\"description\":\"How deep\",\"in\":\"query\",\"name\":\"depth\",\"schema\":{\"minimum\":0,"
                "\"type\":\"integer\"}}");
        assert_text(
                document_get(list, "responses.200.content.application/json.schema"),
                "{\"$ref\":\"#/components/schemas/ThingPage\"}");
        assert_false(answers(list, "403"));
        assert_false(answers(list, "404"));

        const Document *create = operation_at(api, "/things", "post");
        assert_int_equal(
                document_count(document_get(create, "requestBody.content.application/json.schema.anyOf")), 2);
        assert_true(answers(create, "201") && answers(create, "403") && answers(create, "409"));
        assert_true(answers(create, "422") && answers(create, "413"));
        assert_text(document_get(api, "components.schemas.ThingInsert.required"), "[\"name\"]");

        assert_text(
                document_get(create, "responses.201.links.update_thing"),
                "{\"operationId\":\"update_thing\",\"parameters\":{\"header.If-Match\":\"$response.body#/"
                "_etag\",\"id\":\"$response.body#/_id\"}}");
        assert_text(
                document_get(list, "responses.200.links.update_thing.parameters.id"),
                "\"$response.body#/_items/0/_id\"");

        const Document *update = operation_at(api, "/things/{id}", "patch");
        assert_true(answers(update, "404") && answers(update, "412") && answers(update, "428"));
        assert_non_null(document_get(api, "components.schemas.ThingPatch.properties._id"));
        assert_text(document_get(update, "parameters.1"), "{\"$ref\":\"#/components/parameters/If-Match\"}");

        const Document *file = operation_at(api, "/things/{id}/file", "get");
        assert_text(document_get(file, "security"), "[]");
        assert_true(answers(file, "206") && answers(file, "416"));

        const Document *token = operation_at(api, "/thing_tokens", "post");
        assert_non_null(document_get(token, "requestBody"));
        assert_int_equal(document_count(document_get(api, "components.schemas.ThingTokenReceipt.allOf")), 2);
}

static void what_is_no_json_says_so(void **state) {
        const Resource *const resources[] = { &things, NULL };
        CLEANUP(document_free) Document *api = openapi_describe(resources);

        (void) state;
        assert_text(
                document_get(operation_at(api, "/key", "get"), "responses.200.content"),
                "{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
        assert_text(
                document_get(operation_at(api, "/program", "get"), "responses.200.content"),
                "{\"application/octet-stream\":{\"schema\":{}}}");
}

/* Every reference leads somewhere. */
static void assert_references(const Document *api, const Document *part) {
        const char *reference = document_get_string(part, "$ref");

        if (reference[0]) {
                CLEANUP(string_list_clear) StringList words = { 0 };
                const Document *target = api;

                text_split(reference, '/', &words);
                for (size_t i = 1; i < words.count; i++)
                        target = document_get_member(target, words.items[i]);
                if (!target)
                        fail_msg("%s leads nowhere", reference);
        }
        for (void *i = document_is_object(part) ? document_first(part) : NULL; i; i = document_next(part, i))
                assert_references(api, document_child(i));
        for (size_t i = 0; document_is_array(part) && i < document_count(part); i++)
                assert_references(api, document_at(part, i));
}

static void the_whole_api_holds_together(void **state) {
        CLEANUP(document_free) Document *api = openapi_describe(api_resources);
        CLEANUP(document_free) Document *seen = document_object();
        const Document *paths = document_get(api, "paths");

        (void) state;
        assert_references(api, api);
        for (void *i = document_first(paths); i; i = document_next(paths, i)) {
                const Document *path = document_child(i);

                for (void *m = document_first(path); m; m = document_next(path, m)) {
                        const char *name = document_get_string(document_child(m), "operationId");

                        if (!name[0] || document_get_member(seen, name))
                                fail_msg("'%s' of %s is no name of its own", name, document_name(i));
                        document_set_bool(seen, name, true);
                }
        }
        assert_true(document_count(seen) > 20);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_table_of_routes_is_described),
                cmocka_unit_test(what_is_no_json_says_so),
                cmocka_unit_test(the_whole_api_holds_together),
        };
        return cmocka_run_group_tests_name("openapi", tests, NULL, NULL);
}

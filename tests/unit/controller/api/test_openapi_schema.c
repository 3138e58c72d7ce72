#include "api/openapi_schema.h"

#include <string.h>

#include "base/memory.h"
#include "harness/ghost_test.h"

static const char *const colors[] = { "blue", "green", NULL };
static const SchemaField inner_fields[] = {
        { "size", SCHEMA_INT, SCHEMA_REQUIRED | SCHEMA_HAS_MIN, .min = 20, .max = 90 },
        { "job", SCHEMA_ID },
};
static const Schema inner_schema = SCHEMA(inner_fields);
static const SchemaField fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-z]+$", .not_pattern = "^x",
          .max = 9 },
        { "color", SCHEMA_STRING, .words = colors, .fallback = "blue" },
        { "ami", SCHEMA_STRING, SCHEMA_READ_ONLY },
        { "app_id", SCHEMA_ID },
        { "disk", SCHEMA_OBJECT, .schema = &inner_schema },
        { "disks", SCHEMA_LIST, .schema = &inner_schema, .max = 3 },
        { "words", SCHEMA_LIST, .pattern = "^sg-" },
        { "jobs", SCHEMA_LIST },
        { "free", SCHEMA_OBJECT },
        { "on", SCHEMA_BOOL },
        { "none", SCHEMA_OBJECT, SCHEMA_MAY_BE_NULL, .schema = &inner_schema },
};
static const Schema schema = SCHEMA(fields);

static void assert_json(const Document *document, const char *path, const char *expected) {
        const Document *part = document_get(document, path);
        CLEANUP(free) char *text = part ? document_canonical(part) : xstrdup("absent");

        assert_string_equal(text, expected);
}

static void an_insert_says_what_must_be_there(void **state) {
        CLEANUP(document_free) Document *made = openapi_schema(&schema, OPENAPI_INSERT, NULL);

        (void) state;
        assert_json(made, "required", "[\"name\"]");
        assert_json(made, "additionalProperties", "false");
        assert_json(
                made, "properties.name",
                "{\"maxLength\":9,\"not\":{\"pattern\":\"^x\"},\"pattern\":\"^[a-z]+$\",\"type\":"
                "\"string\"}");
        assert_json(
                made, "properties.color",
                "{\"default\":\"blue\",\"enum\":[\"blue\",\"green\"],\"maxLength\":1048576,\"type\":"
                "\"string\"}");
        assert_json(made, "properties.ami", "absent");
        assert_json(made, "properties.app_id", "{\"pattern\":\"^[0-9a-f]{24}$\",\"type\":\"string\"}");
        assert_json(made, "properties.disk.required", "[\"size\"]");
        assert_json(made, "properties.disk.type", "\"object\"");
        assert_json(
                made, "properties.disk.properties.size",
                "{\"maximum\":90,\"minimum\":20,\"type\":\"integer\"}");
        assert_json(made, "properties.disks.maxItems", "3");
        assert_json(made, "properties.disks.items.type", "\"object\"");
        assert_json(made, "properties.words.items", "{\"pattern\":\"^sg-\",\"type\":\"string\"}");
        assert_json(made, "properties.words.maxItems", "1000");
        assert_json(made, "properties.on.type", "\"boolean\"");
        assert_json(made, "properties.none.type", "\"object\"");
}

static void a_patch_may_leave_out_but_not_inside_lists(void **state) {
        CLEANUP(document_free) Document *made = openapi_schema(&schema, OPENAPI_PATCH, NULL);

        (void) state;
        assert_json(made, "required", "absent");
        assert_json(
                made, "properties.color",
                "{\"enum\":[\"blue\",\"green\",null],\"maxLength\":1048576,\"type\":[\"string\",\"null\"]}");
        assert_json(made, "properties.name.type", "\"string\"");
        assert_json(made, "properties.disk.type", "[\"object\",\"null\"]");
        assert_json(made, "properties.disk.properties.job.type", "[\"string\",\"null\"]");
        assert_json(made, "properties.disks.items.required", "[\"size\"]");
}

static void an_answer_requires_nothing_and_may_embed(void **state) {
        static const char *const embeds[] = { "app_id", "disks.job", "jobs", NULL };
        CLEANUP(document_free) Document *made = openapi_schema(&schema, OPENAPI_ANSWER, embeds);
        const char *reference = "[{\"pattern\":\"^[0-9a-f]{24}$\",\"type\":\"string\"},{\"type\":\"object\"},"
                                "{\"type\":\"null\"}]";

        (void) state;
        assert_json(made, "required", "absent");
        assert_json(made, "additionalProperties", "absent");
        assert_json(made, "properties.name", "{\"type\":\"string\"}");
        assert_json(made, "properties.ami", "{\"readOnly\":true,\"type\":\"string\"}");
        assert_json(made, "properties.color.enum", "[\"blue\",\"green\"]");
        assert_json(made, "properties.app_id.anyOf", reference);
        assert_json(made, "properties.jobs.items.anyOf", reference);
        assert_json(made, "properties.disks.items.properties.job.anyOf", reference);
        assert_json(made, "properties.disk.properties.job.type", "\"string\"");
        assert_json(made, "properties.free", "{\"type\":\"object\"}");
        assert_json(made, "properties.none.type", "[\"object\",\"null\"]");
}

static void a_secret_goes_in_and_never_comes_out(void **state) {
        static const SchemaField own[] = { { "token", SCHEMA_STRING, SCHEMA_WRITE_ONLY },
                                           { "name", SCHEMA_STRING } };
        static const Schema secret = SCHEMA(own);
        CLEANUP(document_free) Document *sent = openapi_schema(&secret, OPENAPI_INSERT, NULL);
        CLEANUP(document_free) Document *shown = openapi_schema(&secret, OPENAPI_ANSWER, NULL);

        (void) state;
        assert_json(sent, "properties.token.writeOnly", "true");
        assert_json(shown, "properties.token", "absent");
        assert_json(shown, "properties.name", "{\"type\":\"string\"}");
}

static void patterns_change_their_dialect(void **state) {
        static const struct {
                const char *posix, *ecma;
        } cases[] = {
                { "^[a-zA-Z0-9._-]+$", "^[a-zA-Z0-9._-]+$" },
                { "^(/[a-z]+/)?x\\.y$", "^(/[a-z]+/)?x\\.y$" },
                { "[]a]", "[\\]a]" },
                { "[^]a]", "[^\\]a]" },
                { "[\\d]", "[\\\\d]" },
                { "[[:alnum:]_-]", "[A-Za-z0-9_-]" },
                { "[a[]", "[a\\[]" },
                { "\\[x]", "\\[x]" },
                { "x\\", "x\\" },
                { "[abc", "[abc]" },
                { "", "" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(free) char *made = openapi_pattern(cases[i].posix);
                assert_string_equal(made, cases[i].ecma);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_insert_says_what_must_be_there),
                cmocka_unit_test(a_patch_may_leave_out_but_not_inside_lists),
                cmocka_unit_test(an_answer_requires_nothing_and_may_embed),
                cmocka_unit_test(a_secret_goes_in_and_never_comes_out),
                cmocka_unit_test(patterns_change_their_dialect),
        };
        return cmocka_run_group_tests_name("openapi_schema", tests, NULL, NULL);
}

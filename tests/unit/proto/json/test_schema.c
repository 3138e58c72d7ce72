#include "harness/ghost_test.h"

#include <string.h>

#include "json/schema.h"

static const char *const kinds[] = { "cat", "dog", NULL };
static const SchemaField pet_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED, .pattern = "^[a-z]*$" },
        { "kind", SCHEMA_STRING, .words = kinds, .fallback = "cat" },
        { "born", SCHEMA_BOOL, SCHEMA_READ_ONLY },
};
static const Schema pet_schema = SCHEMA(pet_fields);
static const SchemaField home_fields[] = {
        { "street", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT, .pattern = "^[a-z]*$", .max = 5 },
        { "size", SCHEMA_INT, SCHEMA_HAS_MIN, .min = 20, .max = 99 },
};
static const Schema home_schema = SCHEMA(home_fields);
static const SchemaField owner_fields[] = {
        { "name", SCHEMA_STRING, SCHEMA_REQUIRED_ON_INSERT },
        { "tidy", SCHEMA_BOOL },
        { "home", SCHEMA_OBJECT, .schema = &home_schema },
        { "extra", SCHEMA_OBJECT },
        { "pets", SCHEMA_LIST, .schema = &pet_schema, .max = 2 },
        { "tags", SCHEMA_LIST, .pattern = "^t-" },
        { "friend_id", SCHEMA_ID },
};
static const Schema owner_schema = SCHEMA(owner_fields);

static void assert_result(SchemaUse use, const char *input, const char *good, const char *bad) {
        CLEANUP(document_free) Document *given = NULL;
        CLEANUP(document_free) Document *issues = NULL;

        assert_ok(given = document_parse(input, strlen(input), err));
        CLEANUP(document_free) Document *result = schema_apply(&owner_schema, use, given, &issues);
        CLEANUP(free) char *text = document_canonical(result ? result : issues);
        assert_string_equal(text, result ? good : bad);
        assert_true((result != NULL) == (good != NULL));
}

static void good_documents_come_in_stored_form(void **state) {
        (void) state;
        assert_result(
                SCHEMA_INSERT,
                "{\"name\":\"a\",\"pets\":[{\"name\":\"x\"}],\"home\":{\"street\":\"s\",\"size\":\"20\"}}",
                "{\"home\":{\"size\":20,\"street\":\"s\"},\"name\":\"a\",\"pets\":[{\"kind\":\"cat\","
                "\"name\":\"x\"}]}",
                NULL);
        assert_result(SCHEMA_PATCH, "{\"home\":{\"size\":30}}", "{\"home\":{\"size\":30}}", NULL);
        assert_result(SCHEMA_PATCH, "{\"home\":{\"size\":30.9}}", "{\"home\":{\"size\":30}}", NULL);
        assert_result(
                SCHEMA_PATCH, "{\"extra\":{\"any\":[1]},\"_id\":\"x\"}",
                "{\"_id\":\"x\",\"extra\":{\"any\":[1]}}", NULL);
}

static void every_wrong_field_is_named_where_it_stands(void **state) {
        (void) state;
        assert_result(SCHEMA_INSERT, "{}", NULL, "{\"name\":\"required field\"}");
        assert_result(
                SCHEMA_INSERT,
                "{\"name\":3,\"nmae\":1,\"tidy\":\"no\",\"pets\":[{\"name\":\"x\"},{\"name\":\"UP\",\"kind\":"
                "\"cow\",\"born\":true}]}",
                NULL,
                "{\"name\":\"must be of string type\",\"nmae\":\"unknown "
                "field\",\"pets\":{\"1\":{\"born\":\"field is "
                "read-only\",\"kind\":\"unallowed value cow\",\"name\":\"value does not match regex "
                "'^[a-z]*$'\"}},\"tidy\":\"must be of boolean type\"}");
        assert_result(
                SCHEMA_INSERT, "{\"name\":\"a\",\"home\":{\"street\":\"toolong\",\"size\":19}}", NULL,
                "{\"home\":{\"size\":\"min value is 20\",\"street\":\"max length is 5\"}}");
        assert_result(
                SCHEMA_PATCH, "{\"home\":{\"street\":\"TOOLONG\",\"size\":1e300}}", NULL,
                "{\"home\":{\"size\":\"max value is 99\",\"street\":[\"max length is 5\",\"value does not "
                "match regex '^[a-z]*$'\"]}}");
        assert_result(
                SCHEMA_PATCH, "{\"home\":{\"size\":-1e300}}", NULL,
                "{\"home\":{\"size\":\"min value is 20\"}}");
        assert_result(
                SCHEMA_PATCH, "{\"tags\":[\"t-1\",\"x\",2],\"pets\":3,\"home\":[]}", NULL,
                "{\"home\":\"must be of dict type\",\"pets\":\"must be of list "
                "type\",\"tags\":{\"1\":\"value does not "
                "match regex '^t-'\",\"2\":\"must be of string type\"}}");
        assert_result(
                SCHEMA_PATCH, "{\"friend_id\":\"0123456789ABCDEF01234567\",\"name\":null}", NULL,
                "{\"friend_id\":\"must be of objectid type\",\"name\":\"null value not allowed\"}");
        assert_result(SCHEMA_PATCH, "{\"pets\":[{},{},{}]}", NULL, "{\"pets\":\"max length is 2\"}");
        assert_result(
                SCHEMA_PATCH, "{\"pets\":[{\"kind\":\"dog\"}]}", NULL,
                "{\"pets\":{\"0\":{\"name\":\"required field\"}}}");
}

static void not_set_is_absent_or_taken_out(void **state) {
        (void) state;
        assert_result(
                SCHEMA_INSERT,
                "{\"name\":\"a\",\"tidy\":null,\"home\":null,\"friend_id\":\"\",\"pets\":null}",
                "{\"name\":\"a\"}", NULL);
        assert_result(
                SCHEMA_PATCH, "{\"tidy\":null,\"friend_id\":\"\",\"home\":{\"size\":null}}",
                "{\"friend_id\":null,\"home\":{\"size\":null},\"tidy\":null}", NULL);
        assert_result(
                SCHEMA_PATCH, "{\"pets\":[{\"name\":\"x\",\"kind\":\"\",\"born\":null}]}",
                "{\"pets\":[{\"kind\":\"cat\",\"name\":\"x\"}]}", NULL);
        assert_result(
                SCHEMA_PATCH, "{\"home\":\"\",\"pets\":[null],\"name\":null}", NULL,
                "{\"home\":\"must be of dict type\",\"name\":\"null value not "
                "allowed\",\"pets\":{\"0\":\"must be of dict type\"}}");
}

static void assert_missing(const char *input, const char *expected) {
        CLEANUP(document_free) Document *document = NULL;

        assert_ok(document = document_parse(input, strlen(input), err));
        CLEANUP(document_free) Document *missing = schema_missing(&owner_schema, document);
        CLEANUP(free) char *text = missing ? document_canonical(missing) : NULL;
        if (expected)
                assert_string_equal(text, expected);
        else
                assert_null(text);
}

static void what_a_whole_document_lacks_is_found(void **state) {
        (void) state;
        assert_missing("{\"name\":\"a\"}", NULL);
        assert_missing("{\"name\":\"a\",\"home\":{\"street\":\"s\"}}", NULL);
        assert_missing(
                "{\"home\":{\"size\":20}}",
                "{\"home\":{\"street\":\"required field\"},\"name\":\"required field\"}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_documents_come_in_stored_form),
                cmocka_unit_test(every_wrong_field_is_named_where_it_stands),
                cmocka_unit_test(not_set_is_absent_or_taken_out),
                cmocka_unit_test(what_a_whole_document_lacks_is_found),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

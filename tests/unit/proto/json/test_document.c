#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "json/document.h"

static Document *parse(const char *text) {
        Document *document = NULL;

        assert_ok((document = document_parse(text, strlen(text), err)) != NULL);
        return document;
}

static void paths_lead_through_objects_and_lists(void **state) {
        CLEANUP(document_free) Document *d = parse("{\"a\":[{\"b\":\"x\"},7],\"c.d\":true,\"n\":null}");
        char path[400];

        (void) state;
        assert_string_equal(document_get_string(d, "a.0.b"), "x");
        assert_int_equal(document_get_int(d, "a.1"), 7);
        assert_null(document_get(d, "a.2"));
        assert_null(document_get(d, "a.-1"));
        assert_null(document_get(d, "a.x"));
        assert_null(document_get(d, "a.99999999999999999999"));
        assert_null(document_get(d, "c.d"));
        assert_true(document_is_true(document_get_member(d, "c.d")));
        assert_true(document_is_null(document_get(d, "n")));
        assert_null(document_get(d, ""));
        assert_null(document_get(NULL, "a"));
        assert_string_equal(document_get_string(d, "a.1"), "");
        assert_int_equal(document_get_int(d, "a.0.b"), 0);
        memset(path, 'a', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        assert_null(document_get(d, path));
}

static void assert_no_json(const char *text, const char *part) {
        CLEANUP(error_free) Error *problem = NULL;

        assert_null(document_parse(text, strlen(text), &problem));
        assert_int_equal(error_kind(problem), ERROR_INVALID);
        if (!strstr(error_message(problem), part))
                fail_msg("'%s' does not say '%s'", error_message(problem), part);
}

static void loose_json_is_refused(void **state) {
        (void) state;
        assert_no_json("{\"a\":1,\"a\":2}", "duplicate");
        assert_no_json("{\n \"a\":}", "not JSON: line 2, column ");
        assert_no_json("{} x", "not JSON");
        assert_no_json("", "not JSON");
        assert_no_json("{\"a\":\"\\u0000\"}", "not JSON");
        assert_no_json("[\"\xff\"]", "not JSON");
        assert_no_json("[99999999999999999999]", "not JSON");
}

static void depth_is_bounded(void **state) {
        CLEANUP(document_free) Document *deepest = NULL;
        CLEANUP(text_clear) Text text = { 0 };
        CLEANUP(text_clear) Text bomb = { 0 };

        (void) state;
        for (int i = 0; i < DOCUMENT_MAX_DEPTH; i++)
                text_append(&text, "[");
        for (int i = 0; i < DOCUMENT_MAX_DEPTH; i++)
                text_append(&text, "]");
        deepest = parse(text.data);

        CLEANUP(text_clear) Text deeper = { 0 };
        text_appendf(&deeper, "[%s]", text.data);
        assert_no_json(deeper.data, "nested deeper than 64");
        for (int i = 0; i < 100000; i++)
                text_append(&bomb, "[");
        assert_no_json(bomb.data, "not JSON");
}

static void assert_repaired(const char *bytes, const char *expected) {
        CLEANUP(document_free) Document *string = document_string(bytes);

        assert_string_equal(document_value(string), expected);
}

static void broken_utf8_becomes_replacement_characters(void **state) {
        (void) state;
        assert_repaired("plain \xc3\xa9", "plain \xc3\xa9");
        assert_repaired("a\xff z", "a\xef\xbf\xbd z");
        assert_repaired("\xc3\xa9\x80", "\xc3\xa9\xef\xbf\xbd");
        assert_repaired("cut \xe2\x82", "cut \xef\xbf\xbd\xef\xbf\xbd");
        assert_repaired("\xed\xa0\x80!", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!");
}

static void canonical_text_does_not_depend_on_the_order(void **state) {
        CLEANUP(document_free) Document *a = parse("{\"b\":1,\"a\":[true,null]}");
        CLEANUP(document_free) Document *b = parse("{ \"a\":[true,null], \"b\":1 }");
        CLEANUP(document_free) Document *copy = document_copy(a);
        CLEANUP(free) char *text_a = document_canonical(a);
        CLEANUP(free) char *text_b = document_canonical(b);

        (void) state;
        assert_string_equal(text_a, "{\"a\":[true,null],\"b\":1}");
        assert_string_equal(text_a, text_b);
        document_set_int(copy, "b", 2);
        assert_int_equal(document_get_int(a, "b"), 1);
        assert_false(document_equal(a, copy));
        assert_true(document_equal(a, b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(paths_lead_through_objects_and_lists),
                cmocka_unit_test(loose_json_is_refused),
                cmocka_unit_test(depth_is_bounded),
                cmocka_unit_test(broken_utf8_becomes_replacement_characters),
                cmocka_unit_test(canonical_text_does_not_depend_on_the_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"
#include "base/text.h"

static Xml *parse(const char *text) {
        Xml *root = NULL;

        assert_ok(xml_parse(text, strlen(text), &root, err));
        return root;
}

static void elements_are_found_by_path(void **state) {
        CLEANUP(xml_free)
        Xml *root = parse("<?xml version='1.0'?><ns:R xmlns:ns='urn:x' a='1'>\n"
                          " <ns:set>\n  <item><id>1</id></item>\n  <item><id>2 &amp; 3</id></item>\n"
                          " </ns:set>\n <e/><n>42</n><t>true</t></ns:R>");
        const Xml *item = xml_find(root, "set/item");

        (void) state;
        assert_string_equal(xml_name(root), "R");
        assert_string_equal(xml_text(item, "id"), "1");
        assert_string_equal(xml_text(xml_next(item, "item"), "id"), "2 & 3");
        assert_null(xml_next(xml_next(item, "item"), "item"));
        assert_string_equal(xml_text(root, "e"), "");
        assert_null(xml_text(root, "missing/too"));
        assert_null(xml_text(NULL, "x"));
        assert_string_equal(xml_text(xml_find(root, "set"), ""), "");
        assert_int_equal(xml_int(root, "n"), 42);
        assert_true(xml_bool(root, "t"));
        assert_false(xml_bool(root, "n"));
        CLEANUP(free) char *missing = xml_text_copy(root, "missing");
        assert_string_equal(missing, "");
}

static void blanks_inside_a_value_stay(void **state) {
        CLEANUP(xml_free) Xml *root = parse("<r><v>  a\n b </v><w><![CDATA[<x>]]></w></r>");

        (void) state;
        assert_string_equal(xml_text(root, "v"), "  a\n b ");
        assert_string_equal(xml_text(root, "w"), "<x>");
}

static void names_are_compared_whole(void **state) {
        CLEANUP(xml_free) Xml *root = parse("<r><abc>1</abc><ab>2</ab></r>");

        (void) state;
        assert_string_equal(xml_text(root, "ab"), "2");
}

static void check_refused(const char *text, const char *message) {
        CLEANUP(error_free) Error *error = NULL;
        Xml *root = NULL;

        assert_false(xml_parse(text, strlen(text), &root, &error));
        assert_null(root);
        assert_int_equal(error_kind(error), ERROR_INVALID);
        assert_non_null(strstr(error_message(error), message));
}

static void damaged_and_hostile_documents_are_refused(void **state) {
        CLEANUP(text_clear) Text deep = { 0 };

        (void) state;
        check_refused("", "no element");
        check_refused("<a><b></a>", "mismatched tag");
        check_refused("<a>", "no element found");
        check_refused("<html><br>oops</html>", "mismatched tag");
        check_refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "DOCTYPE");
        check_refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE");
        check_refused("<a>&undefined;</a>", "undefined entity");
        for (int i = 0; i < XML_MAX_DEPTH + 1; i++)
                text_append(&deep, "<a>");
        check_refused(deep.data, "too deep");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(elements_are_found_by_path),
                cmocka_unit_test(blanks_inside_a_value_stay),
                cmocka_unit_test(names_are_compared_whole),
                cmocka_unit_test(damaged_and_hostile_documents_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

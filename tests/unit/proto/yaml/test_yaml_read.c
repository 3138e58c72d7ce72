#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "yaml/yaml_document.h"

static void assert_reads(const char *yaml, const char *json) {
        CLEANUP(document_free) Document *document = NULL;
        CLEANUP(free) char *text = NULL;

        assert_ok((document = yaml_read(yaml, strlen(yaml), err)) != NULL);
        text = document_canonical(document);
        assert_string_equal(text, json);
}

static void assert_refused(const char *yaml, size_t length, const char *part) {
        CLEANUP(error_free) Error *problem = NULL;

        assert_null(yaml_read(yaml, length, &problem));
        assert_int_equal(error_kind(problem), ERROR_INVALID);
        if (!strstr(error_message(problem), part))
                fail_msg("'%s' does not say '%s'", error_message(problem), part);
}
#define REFUSED(yaml, part) assert_refused((yaml), sizeof(yaml) - 1, (part))

static void plain_words_are_read_as_json_would(void **state) {
        (void) state;
        assert_reads(
                "a: 1\nb: '1'\nc: yes\nd: true\ne: ~\nf:\ng: [x, {h: null}]\n",
                "{\"a\":1,\"b\":\"1\",\"c\":\"yes\",\"d\":true,\"e\":null,\"f\":null,\"g\":[\"x\",{\"h\":"
                "null}]"
                "}");
        assert_reads("s: |\n  #!/bin/sh\n  echo\n", "{\"s\":\"#!/bin/sh\\necho\\n\"}");
        assert_reads("'<<': 1", "{\"<<\":1}");
}

static void what_hides_meaning_is_refused(void **state) {
        (void) state;
        REFUSED("a: &x [1]\nb: *x\n", "anchors and aliases are not read");
        REFUSED("a: *x\n", "anchors and aliases are not read");
        REFUSED("&k a: 1\n", "anchors and aliases are not read");
        REFUSED("a: !!str 5\n", "tags are not read");
        REFUSED("!python/object {a: 1}\n", "tags are not read");
        REFUSED("<<: {a: 1}\n", "merge keys are not read");
        REFUSED("a: 1\nb: 2\na: 3\n", "line 3: the same key twice");
        REFUSED("a: \"x\\0y\"\n", "a zero byte");
        REFUSED("[1]: 2\n", "a key must be a word");
        REFUSED("a: 1\n---\nb: 2\n", "more than one document");
        REFUSED("", "the file is empty");
        REFUSED("a: [1\n", "not YAML: line");
        REFUSED("a: \xff\n", "not YAML");
}

static void depth_is_bounded(void **state) {
        CLEANUP(text_clear) Text bomb = { 0 };

        (void) state;
        for (int i = 0; i < 5000; i++)
                text_append(&bomb, "[");
        assert_refused(bomb.data, bomb.length, "nested deeper than 32");
}

static void numbers_can_stay_as_they_are_written(void **state) {
        static const char yaml[] = "version: 8.10\nport: 0\nlist: [~, true]\n";
        CLEANUP(document_free) Document *document = NULL;
        CLEANUP(free) char *text = NULL;

        (void) state;
        assert_ok((document = yaml_read_text(yaml, strlen(yaml), err)) != NULL);
        text = document_canonical(document);
        assert_string_equal(text, "{\"list\":[\"~\",\"true\"],\"port\":\"0\",\"version\":\"8.10\"}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(numbers_can_stay_as_they_are_written),
                cmocka_unit_test(plain_words_are_read_as_json_would),
                cmocka_unit_test(what_hides_meaning_is_refused),
                cmocka_unit_test(depth_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

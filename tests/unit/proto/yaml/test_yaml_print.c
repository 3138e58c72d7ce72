#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "yaml/yaml_document.h"

static char *print(const Document *document) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);

        assert_non_null(out);
        assert_ok(yaml_print(document, out, err));
        assert_int_equal(fclose(out), 0);
        return text;
}

/* Texts that some reader of YAML takes for something else, or that need care. */
static const char *const texts[] = {
        "",
        "~",
        "null",
        "True",
        "yes",
        "N",
        "<<",
        "12",
        "1e3",
        "0x1f",
        "0o17",
        "1_000",
        "-.5",
        ".inf",
        "+12",
        "1.",
        "6e04",
        "12:30",
        "2026-11-23",
        "2026-11-23T10:00:00Z",
        "6b0492762e20651f02c645c4",
        "1.2.3",
        "=",
        "-",
        "- a",
        "a: b",
        "# no",
        "#!/bin/sh\necho\n",
        "\nleading",
        "trailing\n\n",
        "  indented\nlines",
        "tab\there",
        "a\r\nb",
        "\xc3\xa9t\xc3\xa9",
        "\"q\" 'q'",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "{a}",
        "[a]",
        "|",
        "> x",
        "a #b",
        " lead",
        "trail ",
        "\x1b[1m",
        "\x7f",
        "...",
        "---",
};

static void every_text_survives(void **state) {
        CLEANUP(document_free) Document *before = document_object();
        CLEANUP(document_free) Document *list = document_array();

        (void) state;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                document_append(list, document_string(texts[i]));
                document_set_string(before, texts[i], texts[i]);
        }
        document_set(before, "list", document_copy(list));
        document_set(before, "empty", document_object());
        document_set(before, "none", document_array());
        document_set_int(before, "int", INT64_MIN);
        document_set(before, "null value", document_null());

        CLEANUP(free) char *text = print(before);
        CLEANUP(document_free) Document *after = NULL;
        assert_ok((after = yaml_read(text, strlen(text), err)) != NULL);
        assert_true(document_equal(before, after));
}

static void it_reads_well(void **state) {
        CLEANUP(document_free) Document *document = document_object();

        (void) state;
        document_set_string(document, "name", "shop");
        document_set_string(document, "version", "1.0");
        document_set_string(document, "script", "a\nb\n");
        CLEANUP(free) char *text = print(document);
        assert_string_equal(text, "name: shop\nversion: \"1.0\"\nscript: |\n    a\n    b\n");
}

/* Versions keep their quotes only when they are numbers; ids, addresses and durations are words. */
static void words_that_begin_with_digits_are_bare(void **state) {
        static const char *const quoted[] = {
                "1.0", "0x1f", "12:30:00", "6e04", "2026-11-23", "1_000", "+.5"
        };
        static const char *const bare[] = {
                "6b0492762e20651f02c645c4", "10.0.0.1", "1.2.3", "15s", "-x", "1by1"
        };

        (void) state;
        for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++) {
                CLEANUP(document_free) Document *string = document_string(quoted[i]);
                CLEANUP(free) char *text = print(string);

                assert_int_equal(text[0], '"');
        }
        for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
                CLEANUP(document_free) Document *string = document_string(bare[i]);
                CLEANUP(free) char *text = print(string);

                assert_memory_equal(text, bare[i], strlen(bare[i]));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_text_survives),
                cmocka_unit_test(it_reads_well),
                cmocka_unit_test(words_that_begin_with_digits_are_bare),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "yaml_document.h"

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
static void every_text_survives(void **state) {
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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_text_survives),
                cmocka_unit_test(it_reads_well),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

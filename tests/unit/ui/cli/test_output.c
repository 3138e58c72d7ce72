#include "harness/captured_output.h"
#include "harness/ghost_test.h"

#include <string.h>

#include "output.h"

static Document *parse(const char *text) {
        Document *document = NULL;

        assert_ok((document = document_parse(text, strlen(text), err)) != NULL);
        return document;
}

static char *shown(OutputFormat format, const char *text) {
        CLEANUP(document_free) Document *document = parse(text);
        const CliContext context = { .format = format };
        CapturedOutput captured = captured_output_start();

        assert_ok(output_document(&context, document, err));
        return captured_output_end(&captured);
}

static void one_thing_is_yaml_with_its_keys_sorted(void **state) {
        CLEANUP(free)
        char *text =
                shown(OUTPUT_TABLE, "{\"b\":{\"_version\":1},\"_links\":{},\"a\":[{\"z\":1,\"x\":2}],"
                                    "\"_version\":1,\"_latest_version\":1}");

        (void) state;
        assert_string_equal(text, "a:\n-   x: 2\n    z: 1\nb:\n    _version: 1\n");
}

static void a_change_is_a_sentence_or_the_answer(void **state) {
        CLEANUP(document_free) Document *answer = parse("{\"_id\":\"1\"}");
        const CliContext table = { .format = OUTPUT_TABLE };
        const CliContext json = { .format = OUTPUT_JSON };
        CapturedOutput captured = captured_output_start();

        (void) state;
        assert_ok(output_change(&table, answer, "Job creation", "1", err));
        assert_ok(output_change(&json, NULL, "Job deletion", "1", err));
        CLEANUP(free) char *text = captured_output_end(&captured);
        assert_string_equal(text, "Job creation OK - ID : 1\n");
        captured = captured_output_start();
        assert_ok(output_change(&json, answer, "Job creation", "1", err));
        CLEANUP(free) char *document = captured_output_end(&captured);
        assert_non_null(strstr(document, "\"_id\": \"1\""));
}

static void lists_are_joined(void **state) {
        CLEANUP(document_free) Document *list = parse("[\"push\",2,null]");
        CLEANUP(free) char *text = output_joined(list);
        CLEANUP(free) char *none = output_joined(NULL);

        (void) state;
        assert_string_equal(text, "push, 2, ");
        assert_string_equal(none, "");
}

static void what_is_no_terminal_gets_no_colours(void **state) {
        CapturedOutput captured = captured_output_start();
        bool coloured = output_colours(STDOUT_FILENO);
        CLEANUP(free) char *nothing = captured_output_end(&captured);

        (void) state;
        assert_false(coloured);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_thing_is_yaml_with_its_keys_sorted),
                cmocka_unit_test(a_change_is_a_sentence_or_the_answer),
                cmocka_unit_test(lists_are_joined),
                cmocka_unit_test(what_is_no_terminal_gets_no_colours),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

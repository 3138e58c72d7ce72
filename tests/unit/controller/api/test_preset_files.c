#include "harness/temp_folder.h"

#include <stdlib.h>

#include "api/preset_files.h"

static void values_are_strings_as_they_are_written(void **state) {
        static const char yaml[] = "description: PHP\n"
                                   "features:\n"
                                   "- {name: php, value: 8.10, provisioner: salt}\n"
                                   "- {name: workers, value: 0}\n"
                                   "- {name: host, value: '${GHOST_APP}'}\n";
        CLEANUP(document_free) Document *preset = NULL;
        CLEANUP(free) char *text = NULL;

        (void) state;
        assert_ok((preset = preset_parse("php", yaml, strlen(yaml), err)) != NULL);
        text = document_canonical(preset);
        assert_string_equal(
                text,
                "{\"description\":\"PHP\",\"features\":["
                "{\"name\":\"php\",\"provisioner\":\"salt\",\"value\":\"8.10\"},"
                "{\"name\":\"workers\",\"provisioner\":\"\",\"value\":\"0\"},"
                "{\"name\":\"host\",\"provisioner\":\"\",\"value\":\"${GHOST_APP}\"}],\"name\":\"php\"}");
}

static void what_is_no_preset_is_told(void **state) {
        static const char none[] = "description: nothing\n", nameless[] = "features: [{value: 1}]\n";

        (void) state;
        assert_fails(ERROR_INVALID, "it has no list of features", preset_parse("a", none, strlen(none), err));
        assert_fails(
                ERROR_INVALID, "feature 1 has no name", preset_parse("a", nameless, strlen(nameless), err));
}

static void a_folder_is_read_by_name_without_what_is_broken(void **state) {
        char *folder = temp_folder();
        CLEANUP(document_free) Document *presets = NULL, *nothing = preset_files_read(NULL);
        CLEANUP(document_free) Document *nowhere = preset_files_read("/nonexistent");

        (void) state;
        temp_write(folder, "b.yml", "features: []\n");
        temp_write(folder, "a.yaml", "features: []\n");
        temp_write(folder, "c.yml", "features: [\n");
        temp_write(folder, "notes.txt", "features: []\n");
        presets = preset_files_read(folder);
        assert_int_equal(document_count(presets), 2);
        assert_string_equal(document_get_string(presets, "0.name"), "a");
        assert_string_equal(document_get_string(presets, "1.name"), "b");
        assert_int_equal(document_count(nothing), 0);
        assert_int_equal(document_count(nowhere), 0);
        temp_remove(folder);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(values_are_strings_as_they_are_written),
                cmocka_unit_test(what_is_no_preset_is_told),
                cmocka_unit_test(a_folder_is_read_by_name_without_what_is_broken),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

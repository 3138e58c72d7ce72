#include "harness/ghost_test.h"

#include <string.h>

#include "harness/text_assertions.h"
#include "install_config.h"

static char *merge(const char *present, const char *const *settings) {
        CLEANUP(string_list_clear) StringList list = { 0 };
        char *merged = NULL;

        for (; *settings; settings++)
                string_list_add(&list, *settings);
        assert_ok(install_config_merge(present, &list, &merged, err));
        return merged;
}
#define MERGE(present, ...) merge((present), (const char *const[]){ __VA_ARGS__, NULL })

static void a_new_file_is_the_commented_default_with_what_was_said(void **state) {
        CLEANUP(free) char *merged = MERGE(NULL, "controller=10.0.0.1:5001", "log_level=debug");

        (void) state;
        assert_has(merged, "\ncontroller = 10.0.0.1:5001\n");
        assert_has(merged, "\nlog_level = debug\n");
        assert_has_not(merged, "#controller =");
        assert_has(merged, "#token =\n");
        assert_has(merged, "# Join token; needed once, to enrol.\n");
}

static void what_a_person_wrote_stays(void **state) {
        static const char present[] =
                "# ours\nlog_level = warn\n\n  controller=old:1\ncontroller = older:2\n";
        CLEANUP(free) char *merged = MERGE(present, "controller=new:3", "token=abc=");

        (void) state;
        assert_string_equal(merged, "# ours\nlog_level = warn\n\ncontroller = new:3\ntoken = abc=\n");
}

static void a_key_is_no_part_of_a_longer_one(void **state) {
        CLEANUP(free) char *merged = MERGE("metadata_endpoint = http://a\n#metadata = yes\n", "metadata=no");

        (void) state;
        assert_string_equal(merged, "metadata_endpoint = http://a\nmetadata = no\n");
}

static void the_same_again_changes_nothing(void **state) {
        CLEANUP(free) char *once = MERGE(NULL, "controller=h:1", "token=t");
        CLEANUP(free) char *twice = MERGE(once, "controller=h:1", "token=t");
        CLEANUP(string_list_clear) StringList nothing = { 0 };
        char *same = NULL;

        (void) state;
        assert_string_equal(once, twice);
        assert_ok(install_config_merge("log_level = warn", &nothing, &same, err));
        assert_string_equal(same, "log_level = warn");
        free(same);
}

static void what_an_agent_would_not_read_is_refused(void **state) {
        CLEANUP(string_list_clear) StringList list = { 0 };
        char *merged = NULL;

        (void) state;
        string_list_add(&list, "contoller=h:1");
        assert_fails(
                ERROR_INVALID, "agent.conf:2: unknown setting 'contoller'; did you mean 'controller'?",
                install_config_merge("# a\n", &list, &merged, err));
        string_list_clear(&list);
        string_list_add(&list, "parallel_tasks=0");
        CLEANUP(error_free) Error *problem = NULL;
        assert_false(install_config_merge("# a\n", &list, &merged, &problem));
        assert_has(error_message(problem), "agent.conf:2: ");
        assert_null(merged);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_new_file_is_the_commented_default_with_what_was_said),
                cmocka_unit_test(what_a_person_wrote_stays),
                cmocka_unit_test(a_key_is_no_part_of_a_longer_one),
                cmocka_unit_test(the_same_again_changes_nothing),
                cmocka_unit_test(what_an_agent_would_not_read_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

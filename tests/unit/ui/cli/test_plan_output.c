#include "harness/ghost_test.h"

#include <stdlib.h>

#include "harness/json_text.h"
#include "harness/text_assertions.h"
#include "plan_output.h"

static char *printed(const char *json) {
        CLEANUP(document_free) Document *plan = json_of(json);
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);

        assert_non_null(out);
        plan_print(plan, false, out);
        assert_int_equal(fclose(out), 0);
        return text;
}

static void a_deploy(void **state) {
        CLEANUP(free)
        char *text =
                printed("{'modules':[{'name':'site','revision':'v2','commit':{'id':'bbbbbbbbbbbb'},"
                        "'from':{'revision':'v1','commit':'aaaaaaaa'},'commits':[{'id':'bbbbbbbbbbbb','"
                        "subject':'second',"
                        "'author':'Ann','date':'2026-01-31T12:00:00+01:00'}],'commits_total':3,"
                        "'files':[{'path':'index.html','change':'modified'}],'files_total':1,'message':''}],"
                        "'batches':[['i-1','i-3'],['i-2']],"
                        "'strategy':{'execution':'serial','safe':'50%','max_failures':1},"
                        "'capacity':{'total':3,'min_in_service':1},'warnings':['i-3 has no agent session']}");

        (void) state;
        assert_string_equal(
                text, "Module site: v1 (aaaaaaaa) -> v2 (bbbbbbbb)\n"
                      "  3 commits:\n"
                      "    bbbbbbbb second (Ann, 2026-01-31)\n"
                      "    … and 2 more\n"
                      "  1 file:\n"
                      "    modified index.html\n"
                      "Batch    Instances\n-------  -----------\n1        i-1, i-3\n2        i-2\n"
                      "Strategy: serial, 50%; 1 instance may fail\n"
                      "At least 1 of 3 instances are left alone at a time\n"
                      "Note: i-3 has no agent session\n");
}

static void one_without_modules(void **state) {
        CLEANUP(free)
        char *text = printed("{'modules':[],'batches':[],'strategy':{},"
                             "'capacity':{'total':0,'min_in_service':0},'warnings':[]}");

        (void) state;
        assert_string_equal(text, "At least 0 of 0 instances are left alone at a time\n");
}

static void what_others_wrote_does_not_draw(void **state) {
        CLEANUP(free)
        char *text = printed(
                "{'modules':[{'name':'site','revision':'v\\u001b[2J','message':'\\u001bc','commits_total':1,"
                "'commits':[{'id':'b','subject':'\\u001b]0;x','author':'\\u009b1m','date':''}]}],"
                "'warnings':['\\u001b']}");

        (void) state;
        assert_has_not(text, "\033");
        assert_has_not(text, "\xc2\x9b");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_deploy),
                cmocka_unit_test(one_without_modules),
                cmocka_unit_test(what_others_wrote_does_not_draw),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include "harness/json_text.h"
#include "model/app_module.h"

static void modules_by_name(void **state) {
        CLEANUP(document_free)
        Document *app =
                json_of("{'modules':[{'name':'a','git_repo':'git@h:a'},{'name':'b','git_repo':'git@h:old',"
                        "'source':{'url':'s3://bucket/b','protocol':'s3'}}]}");
        CLEANUP(document_free) Document *empty = json_of("{}");

        (void) state;
        const Document *a = module_find(app, "a"), *b = module_find(app, "b");
        assert_string_equal(module_repository(a), "git@h:a");
        assert_false(module_is_in_s3(a));
        assert_string_equal(module_repository(b), "s3://bucket/b");
        assert_true(module_is_in_s3(b));
        assert_null(module_find(app, "c"));
        assert_null(module_find(empty, "a"));
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(modules_by_name) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

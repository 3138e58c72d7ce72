#include "harness/ghost_test.h"

#include <string.h>

#include "base/memory.h"

#include "jobs/steps/app_environment.h"
#include "jobs/steps/module_environment.h"

static Document *app_with(const char *colors) {
        CLEANUP(free)
        char *text = xasprintf(
                "{\"name\":\"shop\",\"env\":\"dev\",\"role\":\"web\",\"blue_green\":{%s},"
                "\"env_vars\":[{\"var_key\":\"MINE\",\"var_value\":\"a b\"}],"
                "\"modules\":[{\"name\":\"site\",\"path\":\"/srv\",\"git_repo\":\"u\"}]}",
                colors);
        Document *app = NULL;

        assert_ok(app = document_parse(text, strlen(text), err));
        return app;
}

static void assert_active(const char *colors, const char *line) {
        CLEANUP(document_free) Document *app = app_with(colors);
        CLEANUP(string_list_clear) StringList boot = { 0 }, hook = { 0 };

        app_environment_read(app, &boot);
        module_environment(app, NULL, NULL, "ada", &hook);
        assert_true(string_list_contains(&boot, line));
        assert_true(string_list_contains(&boot, "MINE=a b"));
        assert_true(string_list_contains(&hook, line));
}

static void every_hook_knows_the_active_color(void **state) {
        (void) state;
        assert_active("\"color\":\"blue\",\"is_online\":true", "GHOST_ACTIVE_COLOR=blue");
        assert_active("\"color\":\"blue\",\"is_online\":false", "GHOST_ACTIVE_COLOR=green");
        assert_active("\"color\":\"green\"", "GHOST_ACTIVE_COLOR=blue");
        assert_active("", "GHOST_ACTIVE_COLOR=");
}

static void the_user_is_known_without_a_module(void **state) {
        CLEANUP(document_free) Document *app = app_with("");
        CLEANUP(string_list_clear) StringList without = { 0 }, with = { 0 };

        (void) state;
        module_environment(app, NULL, NULL, "ada", &without);
        assert_true(string_list_contains(&without, "GHOST_MODULE_USER=ada"));
        for (size_t i = 0; i < without.count; i++)
                assert_false(text_starts_with(without.items[i], "GHOST_MODULE_NAME"));
        module_environment(app, module_find(app, "site"), NULL, "ada", &with);
        assert_true(string_list_contains(&with, "GHOST_MODULE_USER=ada"));
        assert_true(string_list_contains(&with, "GHOST_MODULE_PATH=/srv"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_hook_knows_the_active_color),
                cmocka_unit_test(the_user_is_known_without_a_module),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "model/command.h"

#include <string.h>

#include "harness/ghost_test.h"

static const CommandSettings everything = { .blue_green = true, .scripts = true };

static size_t count(const Document *app, const CommandSettings *settings) {
        size_t listed = 0;

        for (const CommandInfo *info = command_infos; info->name; info++)
                listed += command_info_available(info, app, settings);
        return listed;
}

static bool listed(const char *name, const char *app_text, const CommandSettings *settings) {
        CLEANUP(document_free) Document *app = NULL;

        assert_ok(app = document_parse(app_text, strlen(app_text), err));
        return command_info_available(command_info_find(name), app, settings);
}

/* The contract's twelve, and destroyinstance. */
static void the_contract_is_listed_word_for_word(void **state) {
        static const char *const lines[] = {
                "buildimage|Build Image|features build_infos ",
                "createinstance|Create a new instance|environment_infos ",
                "deploy|Deploy module(s)|modules ",
                "destroyallinstances|Destroy all instances|",
                "executescript|Execute a script/commands on every instance|",
                "preparebluegreen|Prepare the Blue/Green env before swap|blue_green ",
                "purgebluegreen|Purge the Blue/Green env|blue_green ",
                /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one line of the contract */
                "recreateinstances|Recreate all the instances, rolling update possible when using an "
                "Autoscale|features environment_infos ",
                "redeploy|Re-deploy an old module package|",
                "swapbluegreen|Swap the Blue/Green env|blue_green ",
                "updateautoscaling|Update the autoscaling group and its LaunchConfiguration|autoscale "
                "environment_infos ",
                "updatelifecyclehooks|Update LifeCycle Hooks scripts|lifecycle_hooks ",
        };
        size_t next = 0;

        (void) state;
        for (const CommandInfo *info = command_infos; info->name; info++) {
                CLEANUP(text_clear) Text line = { 0 };

                if (strcmp(info->name, "destroyinstance") == 0)
                        continue;
                text_appendf(&line, "%s|%s|", info->name, info->summary);
                for (size_t i = 0; i < COMMAND_FIELDS_MAX && info->fields[i]; i++)
                        text_appendf(&line, "%s ", info->fields[i]);
                assert_string_equal(line.data, lines[next++]);
        }
        assert_int_equal(next, sizeof(lines) / sizeof(lines[0]));
}

static void what_an_application_lacks_is_not_offered(void **state) {
        (void) state;
        assert_int_equal(count(NULL, &everything), 13);
        assert_false(listed("createinstance", "{}", &everything));
        assert_false(listed("recreateinstances", "{\"ami\":\"\"}", &everything));
        assert_true(listed("createinstance", "{\"ami\":\"ami-1\"}", &everything));
        assert_false(listed("updateautoscaling", "{\"ami\":\"ami-1\"}", &everything));
        assert_false(listed("updateautoscaling", "{\"autoscale\":{\"name\":\"g\"}}", &everything));
        assert_true(listed(
                "updateautoscaling", "{\"ami\":\"ami-1\",\"autoscale\":{\"name\":\"g\"}}", &everything));
        assert_false(listed("swapbluegreen", "{\"blue_green\":{}}", &everything));
        assert_true(listed("swapbluegreen", "{\"blue_green\":{\"color\":\"blue\"}}", &everything));
        assert_true(listed("updatelifecyclehooks", "{}", &everything));
}

static void settings_forbid_commands(void **state) {
        const CommandSettings nothing = { 0 };

        (void) state;
        assert_int_equal(count(NULL, &nothing), 13 - 3 - 1);
        assert_false(listed("swapbluegreen", "{\"blue_green\":{\"color\":\"blue\"}}", &nothing));
        assert_fails(
                ERROR_INVALID, "Blue-Green deployment is currently disabled, command not available",
                command_info_allowed("purgebluegreen", &nothing, err));
        assert_fails(
                ERROR_INVALID, "Executing scripts is currently disabled, command not available",
                command_info_allowed("executescript", &nothing, err));
        assert_ok(command_info_allowed("deploy", &nothing, err));
        assert_ok(command_info_allowed("purgebluegreen", &everything, err));
        assert_ok(command_info_allowed("no such", &nothing, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_contract_is_listed_word_for_word),
                cmocka_unit_test(what_an_application_lacks_is_not_offered),
                cmocka_unit_test(settings_forbid_commands),
        };
        return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

/* What REST offers and what the engine can do are the same commands. */
#include "jobs/commands.h"

#include <string.h>

#include "harness/ghost_test.h"
#include "model/command.h"

static void both_tables_agree(void **state) {
        size_t count = 0;

        (void) state;
        for (const CommandInfo *info = command_infos; info->name; info++) {
                if (info->unbuilt) {
                        assert_null(command_find(info->name));
                        continue;
                }
                const Command *command = command_at(count++);
                assert_non_null(command);
                assert_string_equal(command->name, info->name);
                assert_ptr_equal(command_find(info->name), command);
                assert_non_null(command->run);
        }
        assert_null(command_at(count));
}

static void they_are_sorted_and_described(void **state) {
        (void) state;
        for (const CommandInfo *info = command_infos; info->name; info++) {
                assert_true(info->summary[0] >= 'A' && info->summary[0] <= 'Z');
                assert_true(!info[1].name || strcmp(info->name, info[1].name) < 0);
        }
}

static void an_old_name_is_known_and_not_listed(void **state) {
        (void) state;
        assert_null(command_find("rollback")); /* a job of that name is stored as what it is */
        assert_null(command_info_find("rollback"));
        assert_null(command_find("no such"));
        assert_null(command_find(""));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(both_tables_agree),
                cmocka_unit_test(they_are_sorted_and_described),
                cmocka_unit_test(an_old_name_is_known_and_not_listed),
        };
        return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}

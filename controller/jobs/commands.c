#include "jobs/commands.h"

#include "base/text.h"

static const Command *const commands[] = {
        &command_build_image,
        &command_create_instance,
        &command_deploy,
        &command_destroy_all_instances,
        &command_destroy_instance,
        &command_execute_script,
        &command_recreate_instances,
        &command_redeploy,
        &command_update_autoscaling,
        &command_update_lifecycle_hooks,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

const Command *command_find(const char *name) {
        for (size_t i = 0; i < COMMAND_COUNT; i++)
                if (text_equal(name, commands[i]->name))
                        return commands[i];
        return NULL;
}

const Command *command_at(size_t index) {
        return index < COMMAND_COUNT ? commands[index] : NULL;
}

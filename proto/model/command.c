#include "model/command.h"

#include <string.h>

const CommandInfo command_infos[] = {
        { "buildimage", "Build Image", { "features", "build_infos" } },
        { "createinstance", "Create a new instance", { "environment_infos" }, COMMAND_NEEDS_IMAGE },
        { "deploy", "Deploy module(s)", { "modules" } },
        { "destroyallinstances", "Destroy all instances" },
        { "destroyinstance", "Destroy one instance" },
        { "executescript", "Execute a script/commands on every instance", .needs = COMMAND_NEEDS_SCRIPTS },
        { "preparebluegreen",
          "Prepare the Blue/Green env before swap",
          { "blue_green" },
          COMMAND_NEEDS_BLUE_GREEN,
          .unbuilt = true },
        { "purgebluegreen",
          "Purge the Blue/Green env",
          { "blue_green" },
          COMMAND_NEEDS_BLUE_GREEN,
          .unbuilt = true },
        { "recreateinstances",
          "Recreate all the instances, rolling update possible when using an Autoscale",
          { "features", "environment_infos" },
          COMMAND_NEEDS_IMAGE },
        { "redeploy", "Re-deploy an old module package" },
        { "swapbluegreen",
          "Swap the Blue/Green env",
          { "blue_green" },
          COMMAND_NEEDS_BLUE_GREEN,
          .unbuilt = true },
        { "updateautoscaling",
          "Update the autoscaling group and its LaunchConfiguration",
          { "autoscale", "environment_infos" },
          COMMAND_NEEDS_IMAGE | COMMAND_NEEDS_GROUP },
        { "updatelifecyclehooks", "Update LifeCycle Hooks scripts", { "lifecycle_hooks" } },
        { NULL },
};

/* A table of its own because a schema's words are one. */
const char *const command_names[] = {
        "buildimage",
        "createinstance",
        "deploy",
        "destroyallinstances",
        "destroyinstance",
        "executescript",
        "preparebluegreen",
        "purgebluegreen",
        "recreateinstances",
        "redeploy",
        "swapbluegreen",
        "updateautoscaling",
        "updatelifecyclehooks",
        NULL,
};

const CommandInfo *command_info_find(const char *name) {
        for (const CommandInfo *info = command_infos; info->name; info++)
                if (strcmp(info->name, name) == 0)
                        return info;
        return NULL;
}

static bool forbidden(const CommandInfo *info, const CommandSettings *settings) {
        return ((info->needs & COMMAND_NEEDS_BLUE_GREEN) && !settings->blue_green) ||
               ((info->needs & COMMAND_NEEDS_SCRIPTS) && !settings->scripts);
}

static bool lacks(const CommandInfo *info, CommandNeeds need, const Document *app, const char *path) {
        return (info->needs & need) && document_get_string(app, path)[0] == '\0';
}

bool command_info_available(const CommandInfo *info, const Document *app, const CommandSettings *settings) {
        if (forbidden(info, settings))
                return false;
        return !app || (!lacks(info, COMMAND_NEEDS_IMAGE, app, "ami") &&
                        !lacks(info, COMMAND_NEEDS_GROUP, app, "autoscale.name") &&
                        !lacks(info, COMMAND_NEEDS_BLUE_GREEN, app, "blue_green.color"));
}

bool command_info_allowed(const char *name, const CommandSettings *settings, Error **err) {
        const CommandInfo *info = command_info_find(name);

        if (!info || !forbidden(info, settings))
                return true;
        return error_set(
                err, ERROR_INVALID, "%s is currently disabled, command not available",
                info->needs & COMMAND_NEEDS_BLUE_GREEN ? "Blue-Green deployment" : "Executing scripts");
}

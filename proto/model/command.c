#include "model/command.h"

#include <string.h>

const CommandInfo command_infos[] = {
        { "buildimage", "Build Image", { "features", "build_infos" }, false },
        { "createinstance", "Create a new instance", { "environment_infos" }, true },
        { "deploy", "Deploy module(s)", { "modules" }, false },
        { "destroyallinstances", "Destroy all instances", { NULL }, false },
        { "destroyinstance", "Destroy one instance", { NULL }, false },
        { "redeploy", "Re-deploy an old module package", { NULL }, false },
        { NULL, NULL, { NULL }, false },
};

const CommandInfo *command_info_find(const char *name) {
        for (const CommandInfo *info = command_infos; info->name; info++)
                if (strcmp(info->name, name) == 0)
                        return info;
        return NULL;
}

bool command_info_available(const CommandInfo *info, const Document *app) {
        return !app || !info->needs_image || document_get_string(app, "ami")[0] != '\0';
}

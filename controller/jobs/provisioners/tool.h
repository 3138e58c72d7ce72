/* Tools that a bake needs for a while: ansible, salt. */
#pragma once

#include "base/text.h"
#include "jobs/provisioners/provisioner.h"

typedef struct Tool {
        const char *program; /* that shows it is there */
        const char *package; /* of apt and dnf */
        const char *module;  /* of pip */
        int install;         /* ToolInstall */
} Tool;

/* Shell lines that see to it that the program can be called. One that is there is used as it is. */
void tool_write_install(const Tool *tool, Text *commands);
/* Those that remove what they installed. */
void tool_write_removal(const Tool *tool, Text *commands);

/* Scripts for the builder: what is run in it before the image is made, in order. */
#pragma once

#include "base/text.h"

typedef struct ProvisionScript {
        char *task; /* unique in the job */
        char *name; /* in messages; a file name */
        char *content;
        size_t length;
        StringList environment; /* NAME=value */
} ProvisionScript;

typedef struct ProvisionScripts {
        ProvisionScript *items;
        size_t count;
} ProvisionScripts;

/* Takes content over. The task is made of name and place. The result is good until the next one is added. */
ProvisionScript *provision_scripts_add(
        ProvisionScripts *scripts, const char *name, char *content, size_t length,
        const StringList *environment);
void provision_scripts_clear(ProvisionScripts *scripts);
static inline void provision_scripts_clearp(ProvisionScripts *scripts) {
        provision_scripts_clear(scripts);
}

/* What is put into an image before it is made: the hooks and the features of the application, as scripts that
 * the builder's agent runs one after the other. */
#pragma once

#include "jobs/steps/ec2_work.h"

typedef struct ImageFeature {
        const char *name;
        const char *version;          /* NULL: none */
        const char *provisioner;      /* "shell" */
        const StringList *parameters; /* name=value; may be NULL */
} ImageFeature;

typedef struct ImageContent {
        const char *pre_buildimage, *post_buildimage; /* the scripts themselves; NULL: none */
        const ImageFeature *features;
        size_t feature_count;
        const char *features_dir;      /* holds <feature>.sh */
        const StringList *environment; /* NAME=value of every script */
} ImageContent;

typedef struct ProvisionScript {
        char *task, *name, *content;
        size_t length;
        StringList environment;
} ProvisionScript;

typedef struct ProvisionScripts {
        ProvisionScript *items;
        size_t count;
} ProvisionScripts;

/* Reads every script there will be, in the order they run, so that a missing one is found before anything is
 * launched. A feature's script gets GHOST_FEATURE_NAME, GHOST_FEATURE_VERSION and GHOST_FEATURE_<PARAMETER>.
 */
bool provision_load(const ImageContent *content, ProvisionScripts *ret, Error **err);
void provision_scripts_clear(ProvisionScripts *scripts);
static inline void provision_scripts_clearp(ProvisionScripts *scripts) {
        provision_scripts_clear(scripts);
}

bool provision_run(Ec2Work *work, const char *agent_id, const ProvisionScripts *scripts, Error **err);

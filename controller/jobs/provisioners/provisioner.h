/* Provisioners: how features of one kind come into an image. Each turns the features it is given into scripts
 * that the builder's agent runs; what it needs is read on the controller before anything is launched. */
#pragma once

#include "base/names.h"
#include "jobs/provisioners/script.h"
#include "json/document.h"

typedef struct ImageFeature {
        const char *name;
        const char *version;        /* NULL and "": none */
        const char *provisioner;    /* NULL and "": salt, as the first clients had no other */
        const Document *parameters; /* an object; NULL: none */
} ImageFeature;

typedef struct FeatureGroup {
        const ImageFeature *const *items;
        size_t count;
} FeatureGroup;

typedef struct FeatureRepository {
        const char *url; /* NULL and "": none */
        const char *revision;
} FeatureRepository;

typedef enum ToolInstall {
        TOOL_INSTALL_PACKAGE, /* of the distribution, removed when it has done its work */
        TOOL_INSTALL_VENV,    /* by pip, in a folder of its own that is removed */
        TOOL_INSTALL_NONE,    /* the source image has it */
        TOOL_INSTALL_COUNT,
} ToolInstall;
extern const Names tool_install_names;

typedef enum FeatureLogLevel {
        FEATURE_LOG_QUIET,
        FEATURE_LOG_ERROR,
        FEATURE_LOG_WARNING,
        FEATURE_LOG_INFO,
        FEATURE_LOG_PROFILE,
        FEATURE_LOG_DEBUG,
        FEATURE_LOG_TRACE,
        FEATURE_LOG_GARBAGE,
        FEATURE_LOG_ALL,
        FEATURE_LOG_LEVEL_COUNT,
} FeatureLogLevel;
extern const Names feature_log_level_names; /* the words that salt has for them */

/* The settings features.*; strings are borrowed. */
typedef struct FeatureSettings {
        const char *shell_dir; /* <feature>.sh; NULL: none */
        FeatureRepository shell, ansible, salt;
        const char *ansible_playbook;     /* of the repository, run before the features; NULL and "": none */
        const char *ansible_requirements; /* of the repository: roles the playbook needs; NULL and "": none */
        const char *ansible_catalogue;    /* of the repository: where roles of features come from */
        const char *salt_pillar;          /* one more pillar for everyone; NULL and "": none */
        int ansible_install, salt_install; /* ToolInstall */
        int log_level;                     /* FeatureLogLevel */
} FeatureSettings;

typedef struct ImageContent {
        const char *pre_buildimage, *post_buildimage; /* the scripts themselves; NULL: none */
        const ImageFeature *features;
        size_t feature_count;
        const FeatureSettings *settings;
        bool skip_bootstrap;           /* salt is in the source image, and stays */
        const StringList *environment; /* NAME=value of every script */

        /* The work tree of a repository, which is the caller's own to write in. */
        bool (*check_out)(
                void *context, const char *provisioner, const FeatureRepository *repository,
                char **ret_folder, Error **err);
        void *context;
} ImageContent;

typedef struct Provisioner {
        const char *name;
        bool together; /* all its features at once, where the first of them stands; else one by one */
        bool (*is_configured)(const FeatureSettings *settings);
        bool (*add)(
                const ImageContent *content, const FeatureGroup *features, ProvisionScripts *scripts,
                Error **err);
} Provisioner;

extern const Provisioner provisioner_shell, provisioner_package, provisioner_ansible, provisioner_salt;

/* Of the feature; INVALID when there is no such provisioner or it is not set up. */
const Provisioner *provisioner_of(const ImageFeature *feature, const FeatureSettings *settings, Error **err);
/* The names of those that are set up. */
void provisioners_configured(const FeatureSettings *settings, StringList *ret);

#include "jobs/provisioners/provisioner.h"

static const char *const tool_install_words[TOOL_INSTALL_COUNT] = {
        [TOOL_INSTALL_PACKAGE] = "package",
        [TOOL_INSTALL_VENV] = "venv",
        [TOOL_INSTALL_NONE] = "none",
};
const Names tool_install_names = NAMES(tool_install_words);

static const char *const feature_log_level_words[FEATURE_LOG_LEVEL_COUNT] = {
        [FEATURE_LOG_QUIET] = "quiet", [FEATURE_LOG_ERROR] = "error",     [FEATURE_LOG_WARNING] = "warning",
        [FEATURE_LOG_INFO] = "info",   [FEATURE_LOG_PROFILE] = "profile", [FEATURE_LOG_DEBUG] = "debug",
        [FEATURE_LOG_TRACE] = "trace", [FEATURE_LOG_GARBAGE] = "garbage", [FEATURE_LOG_ALL] = "all",
};
const Names feature_log_level_names = NAMES(feature_log_level_words);

static const Provisioner *const provisioners[] = {
        &provisioner_shell,
        &provisioner_package,
        &provisioner_ansible,
        &provisioner_salt,
};

#define COUNT (sizeof(provisioners) / sizeof(provisioners[0]))

const Provisioner *provisioner_of(const ImageFeature *feature, const FeatureSettings *settings, Error **err) {
        const char *name = text_empty(feature->provisioner) ? provisioner_salt.name : feature->provisioner;

        for (size_t i = 0; i < COUNT; i++)
                if (text_equal(provisioners[i]->name, name) && provisioners[i]->is_configured(settings))
                        return provisioners[i];
        (void) error_set(
                err, ERROR_INVALID,
                "Provisioner \"%s\" set for feature \"%s\" is not available or not compatible.", name,
                feature->name);
        return NULL;
}

void provisioners_configured(const FeatureSettings *settings, StringList *ret) {
        for (size_t i = 0; i < COUNT; i++)
                if (provisioners[i]->is_configured(settings))
                        string_list_add(ret, provisioners[i]->name);
}

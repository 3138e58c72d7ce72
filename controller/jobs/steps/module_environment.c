#include "jobs/steps/module_environment.h"

static void add(StringList *list, const char *name, const char *value) {
        string_list_addf(list, "%s=%s", name, value ? value : "");
}

static const char *active_color(const Document *app, const char *color) {
        if (!*color || document_get_bool(app, "blue_green.is_online"))
                return color;
        return text_equal(color, "blue") ? "green" : "blue";
}

void module_environment(
        const Document *app, const Document *module, const GitRevision *revision, const char *user,
        StringList *ret) {
        const char *color = document_get_string(app, "blue_green.color");
        const Document *own = document_get(app, "env_vars");

        for (size_t i = 0; i < document_count(own); i++) {
                const char *name = document_get_string(document_at(own, i), "var_key");
                if (*name && !text_starts_with(name, "GHOST"))
                        add(ret, name, document_get_string(document_at(own, i), "var_value"));
        }
        add(ret, "GHOST_APP", document_get_string(app, "name"));
        add(ret, "GHOST_ENV", document_get_string(app, "env"));
        add(ret, "GHOST_ROLE", document_get_string(app, "role"));
        add(ret, "GHOST_ENV_COLOR", color);
        add(ret, "GHOST_ACTIVE_COLOR", active_color(app, color));
        add(ret, "GHOST_MODULE_USER", user);
        if (!module)
                return;
        add(ret, "GHOST_MODULE_NAME", document_get_string(module, "name"));
        add(ret, "GHOST_MODULE_PATH", document_get_string(module, "path"));
        add(ret, "GHOST_MODULE_REPO", module_repository(module));
        add(ret, "GHOST_MODULE_REV", revision ? revision->revision : "");
        add(ret, "GHOST_MODULE_COMMIT", revision ? revision->short_commit : "");
        add(ret, "GHOST_MODULE_COMMIT_MESSAGE", revision ? revision->subject : "");
}

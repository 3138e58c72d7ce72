#include "jobs/steps/app_environment.h"

#include "base/crypto.h"
#include "base/memory.h"

static void read_own(const Document *variables, StringList *ret) {
        for (size_t i = 0; i < document_count(variables); i++) {
                const Document *variable = document_at(variables, i);
                const char *name = document_get_string(variable, "var_key");

                if (!text_empty(name))
                        string_list_addf(ret, "%s=%s", name, document_get_string(variable, "var_value"));
        }
}

void app_environment_read(const Document *app, StringList *ret) {
        const char *color = document_get_string(app, "blue_green.color");
        const char *other = text_equal(color, "blue") ? "green" : "blue";

        string_list_addf(ret, "GHOST_APP=%s", document_get_string(app, "name"));
        string_list_addf(ret, "GHOST_ENV=%s", document_get_string(app, "env"));
        string_list_addf(ret, "GHOST_ROLE=%s", document_get_string(app, "role"));
        string_list_addf(ret, "GHOST_ENV_COLOR=%s", color);
        /* The colour that serves: the other one, unless this one is online. Without colours empty, as hooks
         * that run with "set -u" want it. */
        string_list_addf(
                ret, "GHOST_ACTIVE_COLOR=%s",
                text_empty(color) || document_get_bool(app, "blue_green.is_online") ? color : other);
        read_own(document_get(app, "env_vars"), ret);
}

bool app_hook_read(const Document *app, const char *name, char **ret, Error **err) {
        CLEANUP(free) char *path = xasprintf("lifecycle_hooks.%s", name);
        const char *encoded = document_get_string(app, path);
        size_t length;

        if (text_empty(encoded))
                return true;
        return base64_decode(encoded, ret, &length, err) || error_prefix(err, "hook %s", name);
}

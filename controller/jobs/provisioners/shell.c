/* Provisioner shell: a feature is a script, <feature>.sh of a git repository or of a folder of the
 * controller. It gets GHOST_FEATURE_NAME, GHOST_FEATURE_VERSION and GHOST_FEATURE_<PARAMETER>. */
#include <ctype.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "jobs/provisioners/provisioner.h"

enum { MAX_SCRIPT_BYTES = 1 << 20 };

static bool is_configured(const FeatureSettings *settings) {
        return !text_empty(settings->shell.url) || !text_empty(settings->shell_dir);
}

static char variable_character(unsigned char character) {
        if (character >= 'a' && character <= 'z')
                return (char) (character - 'a' + 'A');
        return isalnum(character) ? (char) character : '_';
}

/* "listen-port": 80 becomes GHOST_FEATURE_LISTEN_PORT=80. */
static void add_parameter(const char *name, const Document *value, StringList *environment) {
        CLEANUP(free) char *variable = xstrdup(name);
        CLEANUP(free)
        char *text = document_is_string(value) ? xstrdup(document_value(value)) : document_text(value);

        for (char *at = variable; *at; at++)
                *at = variable_character((unsigned char) *at);
        string_list_addf(environment, "GHOST_FEATURE_%s=%s", variable, text);
}

static void add_parameters(const Document *parameters, StringList *environment) {
        for (void *i = document_first(parameters); i; i = document_next(parameters, i))
                add_parameter(document_name(i), document_child(i), environment);
}

/* In the folder; *ret stays NULL when it is not there. */
static bool read_script(const char *folder, const char *name, char **ret, size_t *ret_length, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s.sh", folder, name);
        CLEANUP(error_free) Error *error = NULL;

        if (file_read(path, MAX_SCRIPT_BYTES, ret, ret_length, &error) ||
            error_kind(error) == ERROR_NOT_FOUND)
                return true;
        return error_set(err, error_kind(error), "feature %s: %s", name, error_message(error));
}

/* The repository first; the controller's folder has what it has not. */
static bool find_script(
        const ImageContent *content, const char *name, char **ret, size_t *ret_length, Error **err) {
        const FeatureSettings *settings = content->settings;
        CLEANUP(free) char *folder = NULL;

        if (!text_empty(settings->shell.url) &&
            (!content->check_out(content->context, provisioner_shell.name, &settings->shell, &folder, err) ||
             !read_script(folder, name, ret, ret_length, err)))
                return false;
        if (!*ret && !text_empty(settings->shell_dir) &&
            !read_script(settings->shell_dir, name, ret, ret_length, err))
                return false;
        return *ret || error_set(
                               err, ERROR_NOT_FOUND, "feature %s: there is no %s.sh in %s%s%s", name, name,
                               folder ? settings->shell.url : "",
                               folder && !text_empty(settings->shell_dir) ? " or in " : "",
                               settings->shell_dir ? settings->shell_dir : "");
}

static bool add(
        const ImageContent *content, const FeatureGroup *features, ProvisionScripts *scripts, Error **err) {
        for (size_t i = 0; i < features->count; i++) {
                const ImageFeature *feature = features->items[i];
                CLEANUP(free) char *text = NULL, *name = xasprintf("feature %s", feature->name);
                size_t length = 0;

                if (!find_script(content, feature->name, &text, &length, err))
                        return false;
                ProvisionScript *script =
                        provision_scripts_add(scripts, name, TAKE(text), length, content->environment);
                string_list_addf(&script->environment, "GHOST_FEATURE_NAME=%s", feature->name);
                string_list_addf(
                        &script->environment, "GHOST_FEATURE_VERSION=%s",
                        feature->version ? feature->version : "");
                add_parameters(feature->parameters, &script->environment);
        }
        return true;
}

const Provisioner provisioner_shell = { .name = "shell", .is_configured = is_configured, .add = add };

/* Provisioner ansible: features are roles, run on the builder itself after the base playbook. main.yml and
 * requirement_app.yml are made here; the rest is the repository's. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "jobs/provisioners/bundle.h"
#include "jobs/provisioners/provisioner.h"
#include "jobs/provisioners/tool.h"

#define PLAYBOOK "main.yml"
#define REQUIREMENTS "requirement_app.yml"

static bool is_configured(const FeatureSettings *settings) {
        return !text_empty(settings->ansible.url);
}

/* Parameters and role, or {role, key: value} of a version "key=value", or the role alone. */
static Document *role_entry(const ImageFeature *feature) {
        Document *entry = document_count(feature->parameters) > 0 ? document_copy(feature->parameters)
                                                                  : document_object();
        const char *version = feature->version ? feature->version : "";
        size_t key = strcspn(version, "=");

        if (document_count(entry) == 0 && version[key]) {
                CLEANUP(free) char *name = xstrndup(version, key);
                document_set_string(entry, name, version + key + 1);
        }
        document_set_string(entry, "role", feature->name);
        return entry;
}

static Document *main_playbook(const ImageContent *content, const FeatureGroup *features) {
        Document *plays = document_array(), *play = document_object(), *roles = document_array();

        if (!text_empty(content->settings->ansible_playbook)) {
                Document *base = document_object();

                document_set_string(base, "import_playbook", content->settings->ansible_playbook);
                document_append(plays, base);
        }
        document_set_string(play, "name", "Ghost application features");
        document_set_string(play, "hosts", "all");
        for (size_t i = 0; i < features->count; i++)
                document_append(roles, role_entry(features->items[i]));
        document_set(play, "roles", roles);
        document_append(plays, play);
        return plays;
}

static bool read_list(const char *folder, const char *name, Document **ret, Error **err) {
        *ret = bundle_read_yaml(folder, name, err);
        if (!*ret)
                return error_prefix(err, "Ansible - ERROR");
        return document_is_array(*ret) ||
               error_set(err, ERROR_INVALID, "Ansible - ERROR: %s: a list of roles is needed", name);
}

/* By its name, or by what it is called without one. */
static const Document *catalogue_entry(const Document *catalogue, const char *role) {
        for (size_t i = 0; i < document_count(catalogue); i++) {
                const Document *entry = document_at(catalogue, i);
                const char *name = document_get_string(entry, "name");

                if (text_equal(*name ? name : document_get_string(entry, "src"), role))
                        return entry;
        }
        return NULL;
}

static bool has_entry(const Document *requirements, const char *role) {
        return catalogue_entry(requirements, role) != NULL;
}

static bool add_role(
        const char *folder, const Document *catalogue, const char *role, Document *requirements,
        Error **err) {
        CLEANUP(free) char *own = xasprintf("%s/roles/%s", folder, role);
        const Document *entry = catalogue_entry(catalogue, role);

        if (has_entry(requirements, role))
                return true;
        if (entry)
                document_append(requirements, document_copy(entry));
        return entry || file_exists(own) ||
               error_set(
                       err, ERROR_INVALID,
                       "Ansible - ERROR: role \"%s\" is neither in the catalogue nor in roles/ of the "
                       "repository",
                       role);
}

/* What ansible-galaxy is to fetch: the base playbook's roles and those of the features. */
static bool collect_requirements(
        const ImageContent *content, const char *folder, const FeatureGroup *features, Document **ret,
        Error **err) {
        const FeatureSettings *settings = content->settings;
        CLEANUP(free) char *catalogue_path = xasprintf("%s/%s", folder, settings->ansible_catalogue);
        CLEANUP(document_free) Document *catalogue = NULL, *requirements = NULL;

        /* Without a catalogue all roles are the repository's own. */
        if (file_exists(catalogue_path) && !text_empty(settings->ansible_catalogue) &&
            !read_list(folder, settings->ansible_catalogue, &catalogue, err))
                return false;
        if (text_empty(settings->ansible_requirements))
                requirements = document_array();
        else if (!read_list(folder, settings->ansible_requirements, &requirements, err))
                return false;
        for (size_t i = 0; i < features->count; i++)
                if (!add_role(folder, catalogue, features->items[i]->name, requirements, err))
                        return false;
        *ret = TAKE(requirements);
        return true;
}

static char *write_commands(const FeatureSettings *settings, bool fetches_roles) {
        static const char *const verbosity[FEATURE_LOG_LEVEL_COUNT] = {
                [FEATURE_LOG_QUIET] = "",       [FEATURE_LOG_ERROR] = "",
                [FEATURE_LOG_WARNING] = "",     [FEATURE_LOG_INFO] = " -v",
                [FEATURE_LOG_PROFILE] = " -vv", [FEATURE_LOG_DEBUG] = " -vvv",
                [FEATURE_LOG_TRACE] = " -vvvv", [FEATURE_LOG_GARBAGE] = " -vvvv",
                [FEATURE_LOG_ALL] = " -vvvv",
        };
        const Tool tool = { .program = "ansible-playbook",
                            .package = "ansible-core",
                            .module = "ansible-core",
                            .install = settings->ansible_install };
        Text commands = { 0 };

        text_append(
                &commands, "export ANSIBLE_HOST_KEY_CHECKING=False ANSIBLE_FORCE_COLOR=1 PYTHONUNBUFFERED=1\n"
                           "export ANSIBLE_ROLES_PATH=\"$folder/roles\" ANSIBLE_HOME=\"$folder/.ansible\"\n"
                           "export ANSIBLE_LOCAL_TEMP=\"$folder/.ansible/tmp\"\n"
                           "export ANSIBLE_REMOTE_TEMP=\"$folder/.ansible/tmp\"\n");
        tool_write_install(&tool, &commands);
        if (fetches_roles)
                text_append(&commands, "ansible-galaxy install -r " REQUIREMENTS " -p roles\n");
        text_appendf(
                &commands, "ansible-playbook -c local -i localhost,%s " PLAYBOOK "\n",
                verbosity[settings->log_level]);
        tool_write_removal(&tool, &commands);
        return text_take(&commands);
}

static bool add(
        const ImageContent *content, const FeatureGroup *features, ProvisionScripts *scripts, Error **err) {
        CLEANUP(free) char *folder = NULL, *commands = NULL;
        CLEANUP(document_free) Document *playbook = main_playbook(content, features), *requirements = NULL;
        CLEANUP(text_clear) Text script = { 0 };

        if (!content->check_out(
                    content->context, provisioner_ansible.name, &content->settings->ansible, &folder, err) ||
            !collect_requirements(content, folder, features, &requirements, err) ||
            !bundle_write_yaml(folder, PLAYBOOK, playbook, err) ||
            !bundle_write_yaml(folder, REQUIREMENTS, requirements, err))
                return false;
        commands = write_commands(content->settings, document_count(requirements) > 0);
        if (!bundle_write(folder, commands, &script, err))
                return false;
        size_t length = script.length;
        provision_scripts_add(scripts, "ansible features", text_take(&script), length, content->environment);
        return true;
}

const Provisioner provisioner_ansible = {
        .name = "ansible", .together = true, .is_configured = is_configured, .add = add
};

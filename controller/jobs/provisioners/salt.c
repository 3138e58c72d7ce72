/* Provisioner salt, masterless: features are formulas of the repository's salt/. salt/top.sls, pillar/top.sls
 * and pillar/features.sls are made here; the versions of features are in the pillar. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "jobs/provisioners/bundle.h"
#include "jobs/provisioners/provisioner.h"
#include "jobs/provisioners/tool.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_configured(const FeatureSettings *settings) {
        return !text_empty(settings->salt.url);
}

/* These are the pillar of another formula, no formulas themselves. */
static bool is_formula(const char *name) {
        static const char *const prefixes[] = { "php-", "php5-", "zabbix-", "gem-" };

        for (size_t i = 0; i < COUNT(prefixes); i++)
                if (text_starts_with(name, prefixes[i]))
                        return false;
        return true;
}

/* "a.b" is salt/a/b.sls or salt/a/b/init.sls. */
static bool has_formula(const char *folder, const char *name) {
        CLEANUP(free) char *path = xstrdup(name);

        for (char *at = path; *at; at++)
                if (*at == '.')
                        *at = '/';
        CLEANUP(free) char *file = xasprintf("%s/salt/%s.sls", folder, path);
        CLEANUP(free) char *init = xasprintf("%s/salt/%s/init.sls", folder, path);
        return file_exists(file) || file_exists(init);
}

/* {"base": {"*": words}} */
static Document *top_of(const StringList *words) {
        Document *top = document_object(), *base = document_object(), *list = document_array();

        for (size_t i = 0; i < words->count; i++)
                document_append(list, document_string(words->items[i]));
        document_set(base, "*", list);
        document_set(top, "base", base);
        return top;
}

static bool list_formulas(const char *folder, const FeatureGroup *features, StringList *ret, Error **err) {
        if (has_formula(folder, "common"))
                string_list_add(ret, "common");
        for (size_t i = 0; i < features->count; i++) {
                const char *name = features->items[i]->name;

                if (!is_formula(name) || string_list_contains(ret, name))
                        continue;
                if (!has_formula(folder, name))
                        return error_set(
                                err, ERROR_INVALID,
                                "Salt - ERROR: formula \"%s\" is not in salt/ of the repository", name);
                string_list_add(ret, name);
        }
        return true;
}

/* "key=value" goes to the end of the list key; what has no "=" is the version. */
static void add_version(Document *pillar, const char *version) {
        size_t length = strcspn(version, "=");

        if (!version[length]) {
                document_set_string(pillar, "version", version);
                return;
        }
        CLEANUP(free) char *key = xstrndup(version, length);
        const Document *known = document_get_member(pillar, key);
        Document *values = document_is_array(known) ? document_copy(known) : document_array();

        document_append(values, document_string(version + length + 1));
        document_set(pillar, key, values);
}

static Document *features_pillar(const FeatureGroup *features) {
        Document *pillar = document_object();

        for (size_t i = 0; i < features->count; i++) {
                const ImageFeature *feature = features->items[i];
                const Document *known = document_get_member(pillar, feature->name);
                Document *own = known ? document_copy(known) : document_object();

                if (!text_empty(feature->version))
                        add_version(own, feature->version);
                document_set(pillar, feature->name, own);
        }
        return pillar;
}

static bool write_files(
        const FeatureSettings *settings, const char *folder, const FeatureGroup *features, Error **err) {
        CLEANUP(string_list_clear) StringList formulas = { 0 }, pillars = { 0 };

        if (!list_formulas(folder, features, &formulas, err))
                return false;
        string_list_add(&pillars, "features");
        if (!text_empty(settings->salt_pillar))
                string_list_add(&pillars, settings->salt_pillar);

        CLEANUP(document_free) Document *states = top_of(&formulas), *pillar = top_of(&pillars);
        CLEANUP(document_free) Document *versions = features_pillar(features);
        return bundle_write_yaml(folder, "salt/top.sls", states, err) &&
               bundle_write_yaml(folder, "pillar/top.sls", pillar, err) &&
               bundle_write_yaml(folder, "pillar/features.sls", versions, err);
}

static char *write_commands(const ImageContent *content) {
        const FeatureSettings *settings = content->settings;
        const Tool tool = { .program = "salt-call",
                            .package = "salt-minion",
                            .module = "salt",
                            .install = content->skip_bootstrap ? TOOL_INSTALL_NONE : settings->salt_install };
        Text commands = { 0 };

        tool_write_install(&tool, &commands);
        text_appendf(
                &commands,
                "rm -rf /srv/salt /srv/pillar\n"
                "mkdir -p /srv\n"
                "mv salt /srv/salt\n"
                "mv pillar /srv/pillar\n"
                "salt-call --local --retcode-passthrough --log-level=%s --file-root=/srv/salt "
                "--pillar-root=/srv/pillar state.apply\n"
                "rm -rf /srv/salt /srv/pillar\n",
                feature_log_level_names.words[settings->log_level]);
        tool_write_removal(&tool, &commands);
        return text_take(&commands);
}

static bool add(
        const ImageContent *content, const FeatureGroup *features, ProvisionScripts *scripts, Error **err) {
        CLEANUP(free) char *folder = NULL, *commands = write_commands(content);
        CLEANUP(text_clear) Text script = { 0 };

        if (!content->check_out(
                    content->context, provisioner_salt.name, &content->settings->salt, &folder, err) ||
            !write_files(content->settings, folder, features, err) ||
            !bundle_write(folder, commands, &script, err))
                return false;
        size_t length = script.length;
        provision_scripts_add(scripts, "salt features", text_take(&script), length, content->environment);
        return true;
}

const Provisioner provisioner_salt = {
        .name = "salt", .together = true, .is_configured = is_configured, .add = add
};

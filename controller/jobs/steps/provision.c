#include "jobs/steps/provision.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

enum { MAX_SCRIPT_BYTES = 1 << 20 };

static ProvisionScript *add_script(ProvisionScripts *scripts, const ImageContent *content) {
        scripts->items = xrealloc(scripts->items, (scripts->count + 1) * sizeof(*scripts->items));
        ProvisionScript *script = &scripts->items[scripts->count++];

        *script = (ProvisionScript){ 0 };
        for (size_t i = 0; content->environment && i < content->environment->count; i++)
                string_list_add(&script->environment, content->environment->items[i]);
        return script;
}

static void add_hook(
        ProvisionScripts *scripts, const ImageContent *content, const char *name, const char *text) {
        if (text_empty(text))
                return;
        ProvisionScript *script = add_script(scripts, content);
        script->task = xstrdup(name);
        script->name = xstrdup(name);
        script->content = xstrdup(text);
        script->length = strlen(text);
}

/* "listen-port=80" becomes GHOST_FEATURE_LISTEN_PORT=80. */
static void add_parameter(ProvisionScript *script, const char *parameter) {
        size_t name = strcspn(parameter, "=");
        CLEANUP(free) char *variable = xstrndup(parameter, name);

        for (char *at = variable; *at; at++)
                *at = isalnum((unsigned char) *at) ? (char) toupper((unsigned char) *at) : '_';
        string_list_addf(
                &script->environment, "GHOST_FEATURE_%s=%s", variable,
                parameter[name] ? parameter + name + 1 : "");
}

static bool add_feature(
        ProvisionScripts *scripts, const ImageContent *content, const ImageFeature *feature, Error **err) {
        static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *path = NULL, *text = NULL;
        size_t length;

        if (!text_equal(feature->provisioner, "shell"))
                return error_set(
                        err, ERROR_INVALID,
                        "Provisioner \"%s\" set for feature \"%s\" is not available or not compatible.",
                        feature->provisioner ? feature->provisioner : "", feature->name);
        if (text_empty(feature->name) || *feature->name == '.' ||
            feature->name[strspn(feature->name, allowed)])
                return error_set(err, ERROR_INVALID, "feature name '%s' is not valid", feature->name);
        if (text_empty(content->features_dir))
                return error_set(err, ERROR_INVALID, "feature %s: features.dir is not set", feature->name);
        path = xasprintf("%s/%s.sh", content->features_dir, feature->name);
        if (!file_read(path, MAX_SCRIPT_BYTES, &text, &length, &error))
                return error_set(
                        err, error_kind(error), "feature %s: %s", feature->name, error_message(error));

        ProvisionScript *script = add_script(scripts, content);
        script->task = xasprintf("feature-%zu-%s", scripts->count, feature->name);
        script->name = xasprintf("feature %s", feature->name);
        script->content = TAKE(text);
        script->length = length;
        string_list_addf(&script->environment, "GHOST_FEATURE_NAME=%s", feature->name);
        string_list_addf(
                &script->environment, "GHOST_FEATURE_VERSION=%s", feature->version ? feature->version : "");
        for (size_t i = 0; feature->parameters && i < feature->parameters->count; i++)
                add_parameter(script, feature->parameters->items[i]);
        return true;
}

bool provision_load(const ImageContent *content, ProvisionScripts *ret, Error **err) {
        CLEANUP(provision_scripts_clear) ProvisionScripts scripts = { 0 };

        add_hook(&scripts, content, "pre_buildimage", content->pre_buildimage);
        for (size_t i = 0; i < content->feature_count; i++)
                if (!add_feature(&scripts, content, &content->features[i], err))
                        return false;
        add_hook(&scripts, content, "post_buildimage", content->post_buildimage);
        *ret = scripts;
        scripts = (ProvisionScripts){ 0 };
        return true;
}

void provision_scripts_clear(ProvisionScripts *scripts) {
        for (size_t i = 0; i < scripts->count; i++) {
                ProvisionScript *script = &scripts->items[i];

                free(script->task);
                free(script->name);
                free(script->content);
                string_list_clear(&script->environment);
        }
        free(scripts->items);
        *scripts = (ProvisionScripts){ 0 };
}

bool provision_run(Ec2Work *work, const char *agent_id, const ProvisionScripts *scripts, Error **err) {
        for (size_t i = 0; i < scripts->count; i++) {
                const ProvisionScript *script = &scripts->items[i];

                work_log(work, "Running %s", script->name);
                if (!work->run_script(
                            work->context, agent_id,
                            &(AgentScript){ .task = script->task,
                                            .name = script->name,
                                            .content = script->content,
                                            .length = script->length,
                                            .environment = &script->environment },
                            err))
                        return error_prefix(err, "%s", script->name);
        }
        return true;
}

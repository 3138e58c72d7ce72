#include "jobs/steps/provision.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static void add_hook(
        ProvisionScripts *scripts, const ImageContent *content, const char *name, const char *text) {
        if (!text_empty(text))
                provision_scripts_add(scripts, name, xstrdup(text), strlen(text), content->environment);
}

static bool check_name(const ImageFeature *feature, Error **err) {
        static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
        const char *name = feature->name;

        return (!text_empty(name) && *name != '.' && !name[strspn(name, allowed)]) ||
               error_set(err, ERROR_INVALID, "feature name '%s' is not valid", name ? name : "");
}

/* The one at first, and all later ones of a provisioner that takes them together. */
static bool add_features(
        const ImageContent *content, const Provisioner **provisioners, size_t first,
        ProvisionScripts *scripts, Error **err) {
        const Provisioner *provisioner = provisioners[first];
        CLEANUP(free) const ImageFeature **items = xcalloc(content->feature_count, sizeof(*items));
        FeatureGroup group = { .items = items };

        for (size_t i = first; i < content->feature_count; i++)
                if (i == first || (provisioner->together && provisioners[i] == provisioner)) {
                        items[group.count++] = &content->features[i];
                        provisioners[i] = NULL;
                }
        return provisioner->add(content, &group, scripts, err);
}

bool provision_load(const ImageContent *content, ProvisionScripts *ret, Error **err) {
        CLEANUP(provision_scripts_clear) ProvisionScripts scripts = { 0 };
        CLEANUP(free)
        const Provisioner **provisioners = xcalloc(content->feature_count + 1, sizeof(*provisioners));

        for (size_t i = 0; i < content->feature_count; i++)
                if (!check_name(&content->features[i], err) ||
                    !(provisioners[i] = provisioner_of(&content->features[i], content->settings, err)))
                        return false;
        add_hook(&scripts, content, "pre_buildimage", content->pre_buildimage);
        for (size_t i = 0; i < content->feature_count; i++)
                if (provisioners[i] && !add_features(content, provisioners, i, &scripts, err))
                        return false;
        add_hook(&scripts, content, "post_buildimage", content->post_buildimage);
        *ret = scripts;
        scripts = (ProvisionScripts){ 0 };
        return true;
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

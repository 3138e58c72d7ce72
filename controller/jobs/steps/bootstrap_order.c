#include "jobs/steps/bootstrap_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "jobs/steps/app_environment.h"
#include "jobs/steps/boot_hooks.h"
#include "jobs/steps/host_name.h"
#include "store/release_store.h"

static bool read_modules(const BootstrapOrderSpec *spec, BootstrapOrder *ret, Error **err) {
        const Document *list = document_get(spec->app, "modules");
        size_t count = document_count(list);

        ret->modules = xcalloc(count + 1, sizeof(*ret->modules));
        ret->module_pointers = xcalloc(count + 1, sizeof(Ghost__DeployModule *));
        ret->health = xcalloc(count + 1, sizeof(*ret->health));
        for (size_t i = 0; i < count; i++) {
                const char *name = document_get_string(document_at(list, i), "name");
                char *manifest = NULL;

                if (!release_store_get(spec->store, spec->app_id, name, &manifest, err))
                        return false;
                if (!manifest)
                        continue;
                Ghost__DeployModule *module = &ret->modules[ret->action.n_modules];
                ghost__deploy_module__init(module);
                string_list_add(&ret->texts, name);
                module->module = ret->texts.items[ret->texts.count - 1];
                string_list_take(&ret->texts, manifest);
                module->manifest_sha256 = manifest;
                module->keep_releases = spec->keep_releases;
                module->hook_timeout_ms = (uint32_t) spec->hook_timeout_ms;
                module->health = module_health_fill(spec->app, name, &ret->health[ret->action.n_modules]);
                ret->module_pointers[ret->action.n_modules++] = module;
        }
        ret->action.modules = ret->module_pointers;
        return true;
}

static Ghost__Script *fill_hook(Ghost__Script *script, const char *name, char *content, int64_t timeout_ms) {
        if (!content)
                return NULL;
        ghost__script__init(script);
        script->name = (char *) name;
        script->content = (ProtobufCBinaryData){ strlen(content), (uint8_t *) content };
        script->timeout_ms = (uint32_t) timeout_ms;
        return script;
}

bool bootstrap_order_build(const BootstrapOrderSpec *spec, BootstrapOrder *ret, Error **err) {
        CLEANUP(document_free) Document *booted = NULL;

        ghost__order__init(&ret->order);
        ghost__bootstrap__init(&ret->action);
        if (!boot_hooks_apply(spec->store, spec->app_id, spec->app, &booted, err) ||
            !app_hook_read(booted, "pre_bootstrap", &ret->pre_text, err) ||
            !app_hook_read(booted, "post_bootstrap", &ret->post_text, err) || !read_modules(spec, ret, err))
                return false;
        app_environment_read(booted, &ret->environment);
        ret->action.host_name = ret->host_name = host_name_make(spec->app, spec->private_ip);
        ret->variables = order_variables_from(&ret->environment);
        ret->action.pre_bootstrap =
                fill_hook(&ret->pre, "pre_bootstrap", ret->pre_text, spec->hook_timeout_ms);
        ret->action.post_bootstrap =
                fill_hook(&ret->post, "post_bootstrap", ret->post_text, spec->hook_timeout_ms);
        ret->action.n_environment = ret->variables.count;
        ret->action.environment = ret->variables.pointers;
        ret->order.action_case = GHOST__ORDER__ACTION_BOOTSTRAP;
        ret->order.bootstrap = &ret->action;
        return true;
}

void bootstrap_order_clear(BootstrapOrder *bootstrap) {
        for (size_t i = 0; i < bootstrap->action.n_modules; i++)
                module_health_clear(&bootstrap->health[i]);
        free(bootstrap->health);
        free(bootstrap->pre_text);
        free(bootstrap->post_text);
        free(bootstrap->host_name);
        free(bootstrap->modules);
        free(bootstrap->module_pointers);
        string_list_clear(&bootstrap->texts);
        string_list_clear(&bootstrap->environment);
        order_variables_clear(&bootstrap->variables);
        *bootstrap = (BootstrapOrder){ 0 };
}

char *bootstrap_order_releases(const BootstrapOrder *bootstrap) {
        Text text = { 0 };

        for (size_t i = 0; i < bootstrap->action.n_modules; i++) {
                const Ghost__DeployModule *module = &bootstrap->modules[i];

                text_appendf(
                        &text, "%s=%s%s\n", module->module, module->manifest_sha256,
                        module->health ? " checked" : "");
        }
        return text_take(&text);
}

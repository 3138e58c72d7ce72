/* The order that makes a new instance one of the application's: pre_bootstrap, every module that was ever
 * deployed, in order and in the release that is wanted now, post_bootstrap. Hooks and variables are those in
 * use (boot_hooks.h), the rest is the application's as it is. */
#pragma once

#include "jobs/steps/module_health.h"
#include "jobs/steps/order_variables.h"
#include "store/store.h"
#include "json/document.h"

typedef struct BootstrapOrderSpec {
        Store *store;
        const Document *app;
        const char *app_id;
        const char *private_ip; /* of the instance; its host name has it */
        uint32_t keep_releases;
        int64_t hook_timeout_ms;
} BootstrapOrderSpec;

typedef struct BootstrapOrder {
        Ghost__Order order; /* points into the rest; to be filled in with task, agent and times */
        Ghost__Bootstrap action;
        Ghost__Script pre, post;
        char *pre_text, *post_text, *host_name;
        Ghost__DeployModule *modules;
        Ghost__DeployModule **module_pointers;
        ModuleHealth *health; /* of each module */
        StringList texts, environment;
        OrderVariables variables;
} BootstrapOrder;

/* In place. */
bool bootstrap_order_build(const BootstrapOrderSpec *spec, BootstrapOrder *ret, Error **err);
void bootstrap_order_clear(BootstrapOrder *bootstrap);
static inline void bootstrap_order_clearp(BootstrapOrder *bootstrap) {
        bootstrap_order_clear(bootstrap);
}

/* Names the modules and their releases in the order: two orders with the same name lead to the same releases,
 * and have the health of the same ones checked. Caller frees. */
char *bootstrap_order_releases(const BootstrapOrder *bootstrap);

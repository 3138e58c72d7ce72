/* A module's health check, as the application has it now, in an order to an agent. */
#pragma once

#include "model/health_check.h"
#include "wire/ghost.pb-c.h"

typedef struct ModuleHealth {
        HealthCheck check;
        Ghost__HealthCheck message;
} ModuleHealth;

/* What the order is to hold: in *ret, which has to live as long; NULL: the module has no check (any more). */
Ghost__HealthCheck *module_health_fill(const Document *app, const char *module, ModuleHealth *ret);
void module_health_clear(ModuleHealth *health);
static inline void module_health_clearp(ModuleHealth *health) {
        module_health_clear(health);
}

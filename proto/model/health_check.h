/* The health check of a module: what is asked on the instance after post_deploy, until it is well or the time
 * is over. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "json/document.h"

typedef enum HealthType {
        HEALTH_HTTP,
        HEALTH_TCP,
        HEALTH_COMMAND,
        HEALTH_TYPE_COUNT,
} HealthType;
extern const Names health_type_names;

typedef struct HealthCheck {
        HealthType type;
        bool on_localhost; /* else at the instance's private address, where others reach it too */
        uint32_t port;
        const char *path;                   /* the document's */
        uint32_t status_first, status_last; /* the answers that are good */
        char *command;                      /* decoded; NULL: none */
        uint32_t attempts;                  /* 0: as many as there is time for */
        uint32_t interval_ms, timeout_ms, deadline_ms;
} HealthCheck;
void health_check_clear(HealthCheck *check);
static inline void health_check_clearp(HealthCheck *check) {
        health_check_clear(check);
}

/* With the defaults; *ret_given false: the module has none. INVALID says which of its members is wrong. */
bool health_check_read(const Document *module, HealthCheck *ret, bool *ret_given, Error **err);

/* Of all modules. */
bool app_check_health(const Document *modules, Error **err);

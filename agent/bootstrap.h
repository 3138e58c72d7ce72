/* Where the agent learns whom to call and who it is: agent.conf first, and for what that leaves open the
 * instance's user data and metadata. Blocks, with retries. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

#include "base/error.h"
#include "base/service_notify.h"
#include "settings.h"
#include "wire/ghost.pb-c.h"

typedef struct Bootstrap {
        char *controller; /* host:port */
        char *server_name;
        char *token;             /* NULL: none */
        char *ca;                /* PEM */
        char *identity_document; /* base64, signed by AWS; NULL: none */
} Bootstrap;
void bootstrap_clear(Bootstrap *bootstrap);
static inline void bootstrap_clearp(Bootstrap *bootstrap) {
        bootstrap_clear(bootstrap);
}

/* The lines between "# ghost-agent begin" and "# ghost-agent end", each "# key = value", fill what is NULL.
 * Unknown keys are for later versions and are skipped. NOT_FOUND: there are no such lines. */
bool bootstrap_parse_user_data(const char *text, size_t length, Bootstrap *ret, Error **err);

/* What agent.conf says. */
bool bootstrap_from_settings(const AgentSettings *settings, Bootstrap *ret, Error **err);
/* Fills what is missing from user data, and the facts from metadata; tries again, ever more slowly, until the
 * service answers. CANCELLED: stopping was set. */
bool bootstrap_from_metadata(
        const AgentSettings *settings, const atomic_bool *stopping, ServiceNotify *notify,
        Bootstrap *bootstrap, Ghost__Facts *facts, Error **err);
bool bootstrap_complete(const Bootstrap *bootstrap);

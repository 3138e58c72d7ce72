/* The agent's settings: agent.conf, GHOST_* in the environment, defaults. See settings.c for what each means.
 */
#pragma once

#include <stdint.h>

#include "base/settings.h"

typedef struct AgentSettings {
        char *controller, *server_name, *token, *ca;
        char *state_dir, *releases_dir, *root_dir;
        bool metadata;
        char *metadata_endpoint;
        int64_t notice_interval_ms;
        char *download_ca;
        char *instance_id;
        int64_t output_limit;
        int64_t parallel_tasks;
        char *log_level;
} AgentSettings;

extern const SettingsTable agent_settings_table;

/* file: NULL or absent is no error when optional. Environment as in environ. */
bool agent_settings_load(
        const char *file, bool optional, const char *const *environment, AgentSettings *ret, Error **err);
void agent_settings_clear(AgentSettings *settings);
static inline void agent_settings_clearp(AgentSettings *settings) {
        agent_settings_clear(settings);
}

/* Takes the token out of the file, if it is there: an image made of this instance must not carry it. */
bool agent_settings_forget_token(const char *file, Error **err);

/* The controller's settings: one struct, one table. Read once at start; read-only afterwards. */
#pragma once

#include <stdint.h>

#include "base/settings.h"

typedef enum StoreSynchronous {
        STORE_SYNCHRONOUS_NORMAL,
        STORE_SYNCHRONOUS_FULL,
        STORE_SYNCHRONOUS_COUNT
} StoreSynchronous;

typedef enum PackagesStore {
        PACKAGES_STORE_DIRECTORY,
        PACKAGES_STORE_S3,
        PACKAGES_STORE_COUNT
} PackagesStore;

typedef struct ControllerSettings {
        char *data_dir;
        char *log_level;

        char *http_listen;
        char *http_certificate, *http_key;
        int64_t http_threads, http_connections;
        int64_t http_connections_per_address;
        int64_t http_max_body_bytes;
        int64_t http_timeout_ms;
        char *http_cors_origins;

        char *agent_program, *agent_url;

        char *link_listen;
        char *link_address;
        int64_t link_heartbeat_ms;
        int64_t link_connections;
        int64_t link_connections_per_address;
        int64_t link_certificate_lifetime_ms;
        int64_t link_join_token_lifetime_ms;
        int64_t link_chunk_bytes;

        int store_synchronous; /* StoreSynchronous */

        int64_t job_workers;
        int64_t job_timeout_ms;
        int64_t job_agent_wait_ms;
        int64_t job_boot_timeout_ms;
        int64_t group_watch_interval_ms, group_breaker;
        int64_t group_ready_timeout_ms;
        bool job_execute_script;
        bool blue_green_enabled;

        int64_t deploy_keep_releases;
        int64_t deploy_hook_timeout_ms;
        int64_t deploy_task_timeout_ms;
        int64_t deploy_in_service_timeout_ms;
        bool deploy_exclude_git;
        bool deploy_hooks_as_owner;

        char *git_program;
        int64_t git_timeout_ms;
        bool git_allow_file;

        int64_t build_pack_timeout_ms;
        int64_t build_pack_output_bytes;
        char *build_pack_user;

        char *presets_dir;

        int64_t image_stall_timeout_ms, image_stop_timeout_ms;
        int64_t image_retention;
        int packages_store; /* PackagesStore */
        char *packages_bucket, *packages_prefix, *packages_region;
        bool packages_direct;
        int64_t packages_direct_min_bytes;
        int64_t packages_url_lifetime_ms;

        char *features_dir;
        char *features_shell_repository, *features_shell_revision;
        char *features_ansible_repository, *features_ansible_revision;
        char *features_ansible_playbook, *features_ansible_requirements, *features_ansible_catalogue;
        int features_ansible_install; /* ToolInstall */
        char *features_salt_repository, *features_salt_revision;
        char *features_salt_pillar;
        int features_salt_install; /* ToolInstall */
        bool features_skip_bootstrap;
        int features_log_level; /* FeatureLogLevel */

        char *aws_region;
        char *aws_endpoint_url;
        char *aws_access_key_id, *aws_secret_access_key;
        char *aws_identity_certificate;
        int64_t aws_poll_interval_ms;
        int64_t group_join_window_ms;
        int64_t aws_janitor_interval_ms;

        char *notify_base_url;
        int64_t notify_retry_first_ms, notify_retry_max_ms, notify_give_up_ms;
        int64_t notify_timeout_ms;
        int64_t notify_queue;
        char *mail_server, *mail_user, *mail_password, *mail_from, *mail_ca_file;
        int mail_tls; /* SmtpTls */
        char *slack_url, *slack_channel, *slack_bot_name, *slack_bot_icon, *slack_message_prefix;
        char *slack_states, *slack_file;
        char *webhook_url, *webhook_secret, *webhook_ca_file;
        char *endpoint_url, *endpoint_ca_file;
} ControllerSettings;

extern const SettingsTable controller_settings_table;

void controller_settings_clear(ControllerSettings *value);
static inline void controller_settings_clearp(ControllerSettings *value) {
        controller_settings_clear(value);
}

/* Defaults, then the file, then GHOST_* of the environment; checked. A missing file is an error only when
 * file_required. Every unset folder gets its default below data_dir. */
bool controller_settings_load(const char *path, bool file_required, ControllerSettings *ret, Error **err);

/* Path of a file or folder in the data folder. Caller frees. */
char *controller_settings_path(const ControllerSettings *value, const char *name);

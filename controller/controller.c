#include "controller.h"

#include <stdlib.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "controller_calls.h"
#include "controller_parts.h"
#include "packages/s3_store.h"
#include "store/instance_store.h"
#include "store/secret_store.h"

enum { IDENTITY_CERTIFICATE_MAX_BYTES = 64 * 1024 };

/* ---- start, from the ground up ---- */

static bool start_store(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        CLEANUP(free) char *path = controller_settings_path(settings, "ghost.db");
        const StoreSpec spec = {
                .path = path,
                .synchronous_full = settings->store_synchronous == STORE_SYNCHRONOUS_FULL,
                .exclusive = true,
        };

        if (!file_make_folders(settings->data_dir, 0750, err))
                return false;
        controller->store = store_open(&spec, err);
        if (!controller->store || !instance_store_set_all_away(controller->store, err))
                return false;
        controller->changes =
                changes_new(&(ChangesSpec){ .told = controller_wake_changes, .context = controller }, err);
        return controller->changes && store_tell_changes(controller->store, controller->changes, err);
}

static bool start_packages(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        const S3PackageStoreSpec bucket = {
                .aws = controller->aws,
                .bucket = settings->packages_bucket,
                .prefix = settings->packages_prefix,
                .region = settings->packages_region,
        };

        controller->packages = settings->packages_store == PACKAGES_STORE_S3
                                       ? s3_package_store_new(&bucket, err)
                                       : directory_package_store_new(controller->packages_folder, err);
        return controller->packages || error_prefix(err, "packages.store");
}

static bool start_parts(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        CLEANUP(free) char *identity_folder = controller_settings_path(settings, "tls");
        const GitMirrorsSpec mirrors = {
                .folder = controller->mirrors_folder,
                .program = settings->git_program,
                .timeout_ms = settings->git_timeout_ms,
                .allow_file = settings->git_allow_file,
        };
        const AwsOptions aws = {
                .region = settings->aws_region,
                .endpoint_url = settings->aws_endpoint_url,
                .access_key_id = settings->aws_access_key_id,
                .secret_access_key = settings->aws_secret_access_key,
                .poll_interval_ms = settings->aws_poll_interval_ms,
                .called = measures_count_aws,
                .context = controller->metrics,
        };
        const JobLogsSpec logs = {
                .folder = controller->logs_folder,
                .store = controller->store,
                .on_growth = controller_wake_log,
                .context = controller,
        };
        const AgentLink link = controller_agent_link(controller);

        controller->tasks = task_board_new(controller->store, &link);
        return (controller->identity = link_identity_open(identity_folder, err)) &&
               (controller->mirrors = git_mirrors_new(&mirrors, err)) &&
               (controller->aws = aws_new(&aws, err)) && start_packages(controller, err) &&
               (controller->logs = job_logs_new(&logs, err));
}

static FeatureSettings controller_features(const ControllerSettings *settings) {
        return (FeatureSettings){
                .shell_dir = settings->features_dir,
                .shell = { settings->features_shell_repository, settings->features_shell_revision },
                .ansible = { settings->features_ansible_repository, settings->features_ansible_revision },
                .salt = { settings->features_salt_repository, settings->features_salt_revision },
                .ansible_playbook = settings->features_ansible_playbook,
                .ansible_requirements = settings->features_ansible_requirements,
                .ansible_catalogue = settings->features_ansible_catalogue,
                .salt_pillar = settings->features_salt_pillar,
                .ansible_install = settings->features_ansible_install,
                .salt_install = settings->features_salt_install,
                .log_level = settings->features_log_level,
        };
}

static void fill_job_services(Controller *controller) {
        const ControllerSettings *settings = controller->settings;

        controller->job_services = (JobServices){
                .store = controller->store,
                .logs = controller->logs,
                .tasks = controller->tasks,
                .packages = controller->packages,
                .mirrors = controller->mirrors,
                .aws = controller->aws,
                .release_key = link_identity_release_key(controller->identity),
                .work_folder = controller->work_folder,
                .features = controller_features(settings),
                .skip_bootstrap = settings->features_skip_bootstrap,
                .build_pack_user = settings->build_pack_user,
                .limits = {
                        .job_timeout_ms = settings->job_timeout_ms,
                        .agent_wait_ms = settings->job_agent_wait_ms,
                        .boot_timeout_ms = settings->job_boot_timeout_ms,
                        .stop_patience_ms = settings->image_stop_timeout_ms,
                        .image_stall_ms = settings->image_stall_timeout_ms,
                        .group_ready_ms = settings->group_ready_timeout_ms,
                        .hook_timeout_ms = settings->deploy_hook_timeout_ms,
                        .task_timeout_ms = settings->deploy_task_timeout_ms,
                        .in_service_ms = settings->deploy_in_service_timeout_ms,
                        .build_pack_timeout_ms = settings->build_pack_timeout_ms,
                        .build_pack_output_bytes = (uint64_t) settings->build_pack_output_bytes,
                        .keep_images = (size_t) settings->image_retention,
                        .keep_releases = (uint32_t) settings->deploy_keep_releases,
                        .exclude_git = settings->deploy_exclude_git,
                        .hooks_as_owner = settings->deploy_hooks_as_owner,
                },
        };
        controller_job_calls(controller, &controller->job_services);
}

static bool start_admission(Controller *controller, Error **err) {
        const char *file = controller->settings->aws_identity_certificate;
        size_t length = 0;

        if (file &&
            !file_read(file, IDENTITY_CERTIFICATE_MAX_BYTES, &controller->identity_certificate, &length, err))
                return error_prefix(err, "aws.identity_certificate");
        const AdmissionSpec spec = { .store = controller->store,
                                     .aws = controller->aws,
                                     .certificate_pem = controller->identity_certificate,
                                     .window_ms = controller->settings->group_join_window_ms };
        controller->admission = admission_start(&spec, err);
        return controller->admission != NULL;
}

static bool start_hub(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        const HubSpec spec = {
                .address = settings->link_listen,
                .authority_certificate = authority_certificate(link_identity_authority(controller->identity)),
                .certificate = link_identity_server_certificate(controller->identity),
                .key = link_identity_server_key(controller->identity),
                .heartbeat_ms = settings->link_heartbeat_ms,
                .chunk_bytes = (uint64_t) settings->link_chunk_bytes,
                .connections_max = settings->link_connections,
                .strangers_per_address = settings->link_connections_per_address,
        };

        controller->agent_program =
                (AgentProgram){ .path = settings->agent_program, .url = settings->agent_url };
        controller->enrolment = (Enrolment){
                .store = controller->store,
                .identity = controller->identity,
                .link_address = settings->link_address,
                .certificate_lifetime_ms = settings->link_certificate_lifetime_ms,
                .join_token_lifetime_ms = settings->link_join_token_lifetime_ms,
                .admission = controller->admission,
                .program = settings->agent_program ? &controller->agent_program : NULL,
        };
        controller->agent_events = (AgentEvents){
                .enrolment = &controller->enrolment,
                .store = controller->store,
                .tasks = controller->tasks,
                .logs = controller->logs,
                .packages = controller->packages,
                .tells_news = settings->endpoint_url != NULL,
                .pack_urls = { .offered = settings->packages_direct,
                               .min_bytes = (uint64_t) settings->packages_direct_min_bytes,
                               .lifetime_s = settings->packages_url_lifetime_ms / 1000 },
        };

        const HubEvents events = agent_events_for_hub(&controller->agent_events);
        controller->hub = hub_start(&spec, &events, err);
        return controller->hub || error_prefix(err, "agent link");
}

static bool start_catalog(Controller *controller, Error **err) {
        const CatalogSpec spec = { .aws = controller->aws,
                                   .wake = controller_wake_topic,
                                   .context = controller };
        const RevisionsSpec revisions = { .mirrors = controller->mirrors,
                                          .aws = controller->aws,
                                          .wake = controller_wake_topic,
                                          .context = controller };
        const ComparisonsSpec comparisons = { .mirrors = controller->mirrors,
                                              .wake = controller_wake_topic,
                                              .context = controller };

        return (controller->catalog = catalog_start(&spec, err)) &&
               (controller->revisions = revisions_start(&revisions, err)) &&
               (controller->comparisons = comparisons_start(&comparisons, err));
}

static void fill_api_services(Controller *controller) {
        const ControllerSettings *settings = controller->settings;

        controller->api_services = (Services){
                .store = controller->store,
                .items = controller->items,
                .changes = controller->changes,
                .engine_sessions = controller->engine_sessions,
                .catalog = controller->catalog,
                .revisions = controller->revisions,
                .comparisons = controller->comparisons,
                .log_token_key = controller->log_token_key,
                .data_dir = settings->data_dir,
                .logs_folder = controller->logs_folder,
                .agent_program = settings->agent_program,
                .release_key = link_identity_release_key(controller->identity),
                .authority = authority_certificate(link_identity_authority(controller->identity)),
                .provisioners = &controller->provisioners,
                .presets_dir = settings->presets_dir,
                .commands = { .blue_green = settings->blue_green_enabled,
                              .scripts = settings->job_execute_script },
        };
        controller_api_calls(controller, &controller->api_services);
}

static bool start_http(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        const ServerOptions options = {
                .listen = settings->http_listen,
                .certificate_file = settings->http_certificate,
                .key_file = settings->http_key,
                .threads = (unsigned) settings->http_threads,
                .connection_limit = (unsigned) settings->http_connections,
                .connections_per_address = (unsigned) settings->http_connections_per_address,
                .idle_timeout_ms = settings->http_timeout_ms,
                .cors_origins = settings->http_cors_origins,
                .max_body_bytes = (size_t) settings->http_max_body_bytes,
                .answered = measures_count_answer,
                .context = controller->metrics,
        };

        const EngineOptions engine = {
                .logs_folder = controller->logs_folder,
                .token_key = controller->log_token_key,
                .wake = controller_wake_topic,
                .context = controller,
        };

        if (!secret_store_get(
                    controller->store, "log tokens", controller->log_token_key, LOG_TOKEN_KEY_BYTES, err))
                return false;
        controller->engine_sessions = engine_sessions_new(&engine);
        controller->items = item_cache_new();
        fill_api_services(controller);

        const AuthSource source = api_auth_source(&controller->api_services);
        controller->auth = controller->api_services.auth = auth_new(&source);
        controller->server =
                server_start(&options, api_resources, &controller->api_services, controller->auth, err);
        return controller->server || error_prefix(err, "REST API");
}

static bool start_notifier(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        const NotifierSpec spec = {
                .store = controller->store,
                .logs_folder = controller->logs_folder,
                .base_url = settings->notify_base_url,
                .backoff = { .first_ms = settings->notify_retry_first_ms,
                             .max_ms = settings->notify_retry_max_ms,
                             .give_up_ms = settings->notify_give_up_ms },
                .timeout_ms = settings->notify_timeout_ms,
                .waiting_max = settings->notify_queue,
                .mail = { .server = settings->mail_server,
                          .user = settings->mail_user,
                          .password = settings->mail_password,
                          .from = settings->mail_from,
                          .ca_file = settings->mail_ca_file,
                          .tls = settings->mail_tls },
                .slack = { .url = settings->slack_url,
                           .channel = settings->slack_channel,
                           .bot_name = settings->slack_bot_name,
                           .bot_icon = settings->slack_bot_icon,
                           .message_prefix = settings->slack_message_prefix,
                           .states = settings->slack_states },
                .slack_file = settings->slack_file,
                .webhook = { .url = settings->webhook_url,
                             .secret = settings->webhook_secret,
                             .ca_file = settings->webhook_ca_file },
                .endpoint = { .url = settings->endpoint_url, .ca_file = settings->endpoint_ca_file },
        };

        controller->notifier = notifier_start(&spec, err);
        return controller->notifier || error_prefix(err, "notifications");
}

static bool start_janitor(Controller *controller, Error **err) {
        const JanitorSpec spec = { .store = controller->store,
                                   .aws = controller->aws,
                                   .interval_ms = controller->settings->aws_janitor_interval_ms };

        controller->janitor = janitor_start(&spec, err);
        return controller->janitor != NULL;
}

static bool start_group_watcher(Controller *controller, Error **err) {
        const ControllerSettings *settings = controller->settings;
        const GroupWatcherSpec spec = {
                .store = controller->store,
                .aws = controller->aws,
                .tasks = controller->tasks,
                .logs = controller->logs,
                .release_key = link_identity_release_key(controller->identity),
                .interval_ms = settings->group_watch_interval_ms,
                .ready_timeout_ms = settings->group_ready_timeout_ms,
                .hook_timeout_ms = settings->deploy_hook_timeout_ms,
                .keep_releases = (uint32_t) settings->deploy_keep_releases,
                .failures_max = settings->group_breaker,
                .in_service_ms = settings->deploy_in_service_timeout_ms,
                .answer_ms = settings->job_agent_wait_ms,
        };

        controller->group_watcher = group_watcher_start(&spec, err);
        return controller->group_watcher != NULL;
}

Controller *controller_start(const ControllerSettings *settings, Error **err) {
        CLEANUP(controller_stop) Controller *controller = xcalloc(1, sizeof(*controller));

        controller->settings = settings;
        controller->metrics = metrics_new();
        controller->logs_folder = controller_settings_path(settings, "logs");
        controller->packages_folder = controller_settings_path(settings, "packages");
        controller->mirrors_folder = controller_settings_path(settings, "mirrors");
        controller->work_folder = controller_settings_path(settings, "work");
        if (!start_store(controller, err) || !start_parts(controller, err))
                return NULL;
        fill_job_services(controller);
        provisioners_configured(&controller->job_services.features, &controller->provisioners);
        controller->queue = job_queue_new(&controller->job_services, (unsigned) settings->job_workers);
        if (!start_janitor(controller, err) || !start_notifier(controller, err) ||
            !start_catalog(controller, err) || !start_http(controller, err) ||
            !start_admission(controller, err) || !start_hub(controller, err) ||
            !job_queue_start(controller->queue, err) || !start_group_watcher(controller, err))
                return NULL;
        return TAKE(controller);
}

void controller_reload(Controller *controller) {
        CLEANUP(error_free) Error *error = NULL;

        if (server_reload_certificate(controller->server, &error))
                log_info("http.certificate was read again");
        else
                log_error("%s; the one before stays", error_message(error));
}

const char *controller_stuck_part(Controller *controller, int64_t within_ms) {
        CLEANUP(error_free) Error *ignored = NULL;

        /* That it answers counts, not what: a full disk is no reason to begin again. */
        if (store_begin(controller->store, &ignored))
                store_roll_back(controller->store);

        int64_t since_ms = clock_monotonic_ms() - within_ms;
        if (server_moved_ms(controller->server) < since_ms)
                return "the HTTP server";
        return hub_moved_ms(controller->hub) < since_ms ? "the agent link" : NULL;
}

void controller_stop(Controller *controller) {
        if (!controller)
                return;

        group_watcher_stop(controller->group_watcher);
        if (controller->queue)
                job_queue_stop(controller->queue);
        changes_stop(controller->changes);
        catalog_stop(controller->catalog); /* all of them wake those who wait in the server */
        revisions_stop(controller->revisions);
        comparisons_stop(controller->comparisons);
        server_stop(controller->server);
        hub_stop(controller->hub);

        janitor_stop(controller->janitor);
        notifier_stop(controller->notifier);
        catalog_free(controller->catalog);
        revisions_free(controller->revisions);
        comparisons_free(controller->comparisons);
        auth_free(controller->auth);
        engine_sessions_free(controller->engine_sessions);
        item_cache_free(controller->items);
        job_queue_free(controller->queue);
        hub_free(controller->hub);
        admission_stop(controller->admission);
        free(controller->identity_certificate);
        task_board_free(controller->tasks);
        job_logs_free(controller->logs);
        git_mirrors_free(controller->mirrors);
        package_store_free(controller->packages);
        aws_free(controller->aws);
        link_identity_free(controller->identity);
        store_free(controller->store);
        metrics_free(controller->metrics);
        changes_free(controller->changes);
        string_list_clear(&controller->provisioners);
        free(controller->logs_folder);
        free(controller->packages_folder);
        free(controller->mirrors_folder);
        free(controller->work_folder);
        free(controller);
}

#include "settings.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "jobs/provisioners/provisioner.h"
#include "model/job.h"
#include "net/mail_header.h"
#include "net/smtp_client.h"
#include "net/url.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static const char *const store_synchronous_words[STORE_SYNCHRONOUS_COUNT] = {
        [STORE_SYNCHRONOUS_NORMAL] = "normal",
        [STORE_SYNCHRONOUS_FULL] = "full",
};
static const Names store_synchronous_names = NAMES(store_synchronous_words);

static const char *const packages_store_words[PACKAGES_STORE_COUNT] = {
        [PACKAGES_STORE_DIRECTORY] = "directory",
        [PACKAGES_STORE_S3] = "s3",
};
static const Names packages_store_names = NAMES(packages_store_words);

#define AT(member) offsetof(ControllerSettings, member)

static const Setting settings[] = {
        { "data_dir", SETTING_STRING, AT(data_dir), "/var/lib/ghost",
          "Everything the controller keeps is below this folder.", SETTING_REQUIRED },
        { "log.level", SETTING_STRING, AT(log_level), "info", "error, warn, info or debug." },

        { "http.listen", SETTING_STRING, AT(http_listen), "127.0.0.1:5000",
          "Where the REST API and the web UI are served." },
        { "http.certificate", SETTING_STRING, AT(http_certificate), NULL,
          "PEM file; with http.key: serve HTTPS. SIGHUP reads both again." },
        { "http.key", SETTING_STRING, AT(http_key), NULL, "PEM file of the private key." },
        { "http.threads", SETTING_INT, AT(http_threads), "4", "Threads that serve HTTP.", .min = 1,
          .max = 64 },
        { "http.connections", SETTING_INT, AT(http_connections), "2000",
          "Most connections at a time, log followers included.", .min = 16, .max = 100000 },
        { "http.connections_per_address", SETTING_INT, AT(http_connections_per_address), "1000",
          "Most of them from one address; behind a proxy all come from one.", .min = 8, .max = 100000 },
        { "http.max_body", SETTING_BYTES, AT(http_max_body_bytes), "4M", "Largest request body.", .min = 1024,
          .max = 64 << 20 },
        { "http.timeout", SETTING_DURATION, AT(http_timeout_ms), "30s",
          "A silent connection is closed after this.", .min = 1000, .max = 3600000 },

        { "http.cors_origins", SETTING_STRING, AT(http_cors_origins), NULL,
          "Web pages of these origins may call the API (https://ops.example, …; * for all). Default: none." },

        { "agent.program", SETTING_STRING, AT(agent_program), NULL,
          "A ghost-agent that runs on builders (best a static one), served at /agent/ghost-agent. Without it "
          "source "
          "images have to have an agent." },
        { "agent.url", SETTING_STRING, AT(agent_url), NULL,
          "Where builders reach this controller's HTTP: https://ghost.example.com:5000. Goes with "
          "agent.program." },
        { "link.listen", SETTING_STRING, AT(link_listen), "0.0.0.0:5001", "Where agents connect to (TLS)." },
        { "link.address", SETTING_STRING, AT(link_address), NULL,
          "host:port that instances use to reach link.listen; goes into their user data. Default: this "
          "host's name and that port." },
        { "link.heartbeat", SETTING_DURATION, AT(link_heartbeat_ms), "20s",
          "How often both ends say that they are there; three missed end the session.", .min = 200,
          .max = 600000 },
        { "link.connections", SETTING_INT, AT(link_connections), "12000", "Most agent connections at a time.",
          .min = 1, .max = 100000 },
        { "link.connections_per_address", SETTING_INT, AT(link_connections_per_address), "200",
          "Most connections of one address that have not said yet who they are.", .min = 1, .max = 100000 },
        { "link.certificate_lifetime", SETTING_DURATION, AT(link_certificate_lifetime_ms), "7d",
          "How long an agent's certificate is valid; it is renewed at half of it.", .min = 60000,
          .max = 31622400000 },
        { "link.join_token_lifetime", SETTING_DURATION, AT(link_join_token_lifetime_ms), "1h",
          "How long the one-time join token of a launched instance can be used.", .min = 1000,
          .max = 604800000 },
        { "link.chunk", SETTING_BYTES, AT(link_chunk_bytes), "256K",
          "Largest piece of a package in one message.", .min = 4096, .max = 786432 },

        { "store.synchronous", SETTING_ENUM, AT(store_synchronous), "normal",
          "full: the last commits survive a power failure too, at a cost per write.",
          .names = &store_synchronous_names },

        { "job.workers", SETTING_INT, AT(job_workers), "8", "Jobs that run at a time; one per application.",
          .min = 1, .max = 256 },
        { "job.timeout", SETTING_DURATION, AT(job_timeout_ms), "1h", "A job that runs longer is stopped.",
          .min = 1000, .max = 604800000 },
        { "job.agent_wait", SETTING_DURATION, AT(job_agent_wait_ms), "2m",
          "How long a job waits for the agent of a known instance that is not connected.", .min = 100,
          .max = 86400000 },
        { "job.boot_timeout", SETTING_DURATION, AT(job_boot_timeout_ms), "10m",
          "From launch until the agent is connected.", .min = 1000, .max = 86400000 },
        { "group.watch_interval", SETTING_DURATION, AT(group_watch_interval_ms), "5s",
          "How often Auto Scaling groups are looked at for new instances.", .min = 50, .max = 600000 },
        { "group.breaker", SETTING_INT, AT(group_breaker), "3",
          "After so many failed bootstraps in a row a group launches nothing more.", .min = 1, .max = 1000 },
        { "group.ready_timeout", SETTING_DURATION, AT(group_ready_timeout_ms), "15m",
          "How long an instance that its Auto Scaling group launched may take until it is bootstrapped; the "
          "group ends it then.",
          .min = 1000, .max = 7200000 },
        { "job.execute_script", SETTING_BOOL, AT(job_execute_script), "yes",
          "Offer the command executescript." },
        { "blue_green.enabled", SETTING_BOOL, AT(blue_green_enabled), "no",
          "Offer the commands that prepare, swap and purge blue/green twins." },

        { "deploy.keep_releases", SETTING_INT, AT(deploy_keep_releases), "3",
          "Releases of a module that stay on an instance, the current one included.", .min = 2, .max = 100 },
        { "deploy.hook_timeout", SETTING_DURATION, AT(deploy_hook_timeout_ms), "10m", "Deadline of one hook.",
          .min = 1000, .max = 86400000 },
        { "deploy.task_timeout", SETTING_DURATION, AT(deploy_task_timeout_ms), "30m",
          "Deadline of the deployment of one module on one instance.", .min = 1000, .max = 86400000 },
        { "deploy.in_service_timeout", SETTING_DURATION, AT(deploy_in_service_timeout_ms), "10m",
          "How long an instance that a safe deployment put back may take until its load balancer finds it "
          "healthy; then its batch has failed.",
          .min = 1000, .max = 86400000 },
        { "deploy.exclude_git", SETTING_BOOL, AT(deploy_exclude_git), "yes", "Leave .git out of packages." },
        { "deploy.hooks_as_owner", SETTING_BOOL, AT(deploy_hooks_as_owner), "no",
          "Run pre_deploy and post_deploy as the module's uid and gid instead of root." },

        { "packages.store", SETTING_ENUM, AT(packages_store), "directory",
          "Where packages are kept: in data_dir/packages, or in an S3 bucket, used with the controller's own "
          "AWS identity.",
          .names = &packages_store_names },
        { "packages.bucket", SETTING_STRING, AT(packages_bucket), NULL,
          "The bucket; required with packages.store = s3." },
        { "packages.prefix", SETTING_STRING, AT(packages_prefix), "packages/",
          "What the keys of all packages in the bucket begin with." },
        { "packages.region", SETTING_STRING, AT(packages_region), NULL,
          "Region of the bucket. Default: aws.region." },
        { "packages.direct", SETTING_BOOL, AT(packages_direct), "yes",
          "Instances get large packages from the bucket itself, by URLs made for them, and those that cannot "
          "from the controller. no: all from the controller." },
        { "packages.direct_min", SETTING_BYTES, AT(packages_direct_min_bytes), "1M",
          "Smaller packages always come from the controller.", .min = 0, .max = 1LL << 40 },
        { "packages.url_lifetime", SETTING_DURATION, AT(packages_url_lifetime_ms), "1h",
          "How long such a URL works.", .min = 60000, .max = 604800000 },

        { "git.program", SETTING_STRING, AT(git_program), "git", "The git program." },
        { "git.timeout", SETTING_DURATION, AT(git_timeout_ms), "10m", "Deadline of one git command.",
          .min = 100, .max = 86400000 },
        { "git.allow_file", SETTING_BOOL, AT(git_allow_file), "no",
          "Allow repositories on this machine's own disk (file://… or a path)." },

        { "build_pack.timeout", SETTING_DURATION, AT(build_pack_timeout_ms), "30m",
          "Deadline of a build pack.", .min = 100, .max = 86400000 },
        { "build_pack.output", SETTING_BYTES, AT(build_pack_output_bytes), "64M",
          "A build pack that prints more is stopped.", .min = 1024, .max = 1LL << 30 },
        { "build_pack.user", SETTING_STRING, AT(build_pack_user), NULL,
          "Run build packs as this user (the controller must be root). Default: the controller's own." },

        { "presets.dir", SETTING_STRING, AT(presets_dir), NULL,
          "Folder of presets, lists of features to start an application from: one NAME.yml each. Default: "
          "data_dir/presets." },

        { "image.stop_timeout", SETTING_DURATION, AT(image_stop_timeout_ms), "10m",
          "A builder that has not stopped after so long is stopped by force.", .min = 1000, .max = 86400000 },
        { "image.stall_timeout", SETTING_DURATION, AT(image_stall_timeout_ms), "1h",
          "A new image may take as long as its snapshots grow; one that gets no further for so long is "
          "given up.",
          .min = 1000, .max = 604800000 },
        { "image.retention", SETTING_INT, AT(image_retention), "5",
          "Images of an application that stay, the newest ones, beside those that something may still "
          "launch.",
          .min = 1, .max = 1000 },

        { "features.dir", SETTING_STRING, AT(features_dir), NULL,
          "Folder of shell features: one NAME.sh each. Default: data_dir/features." },
        { "features.shell.repository", SETTING_STRING, AT(features_shell_repository), NULL,
          "Git repository of shell features: one NAME.sh each. What it has not is looked for in "
          "features.dir. Default: none." },
        { "features.shell.revision", SETTING_STRING, AT(features_shell_revision), NULL,
          "Its branch, tag or commit. Default: the repository's own default branch." },
        { "features.ansible.repository", SETTING_STRING, AT(features_ansible_repository), NULL,
          "Git repository of Ansible roles and playbooks. Default: none, there is no provisioner ansible." },
        { "features.ansible.revision", SETTING_STRING, AT(features_ansible_revision), NULL,
          "Its branch, tag or commit. Default: the repository's own default branch." },
        { "features.ansible.playbook", SETTING_STRING, AT(features_ansible_playbook), NULL,
          "Playbook of the repository that runs before the features. Default: none." },
        { "features.ansible.requirements", SETTING_STRING, AT(features_ansible_requirements), NULL,
          "File of the repository that lists the roles which that playbook needs. Default: none." },
        { "features.ansible.catalogue", SETTING_STRING, AT(features_ansible_catalogue), "requirements.yml",
          "File of the repository that lists where the roles of features come from. A role that is not in "
          "it must be in roles/ of the repository." },
        { "features.ansible.install", SETTING_ENUM, AT(features_ansible_install), "package",
          "How ansible comes into an image that has it not, for the time of the bake: package (of the "
          "distribution), venv (by pip), none.",
          .names = &tool_install_names },
        { "features.salt.repository", SETTING_STRING, AT(features_salt_repository), NULL,
          "Git repository of Salt formulas (salt/) and pillars (pillar/). Default: none, there is no "
          "provisioner salt." },
        { "features.salt.revision", SETTING_STRING, AT(features_salt_revision), NULL,
          "Its branch, tag or commit. Default: the repository's own default branch." },
        { "features.salt.pillar", SETTING_STRING, AT(features_salt_pillar), NULL,
          "One more pillar of the repository, for all applications. Default: none." },
        { "features.salt.install", SETTING_ENUM, AT(features_salt_install), "package",
          "How salt comes into an image that has it not, for the time of the bake, when the bootstrap is "
          "not skipped: package, venv, none.",
          .names = &tool_install_names },
        { "features.skip_bootstrap", SETTING_BOOL, AT(features_skip_bootstrap), "yes",
          "Salt is in the source image. A job's first option can say otherwise." },
        { "features.log_level", SETTING_ENUM, AT(features_log_level), "info",
          "How much ansible and salt say in the log of a job: quiet, error, warning, info, profile, debug, "
          "trace, garbage, all.",
          .names = &feature_log_level_names },

        { "group.join_window", SETTING_DURATION, AT(group_join_window_ms), "24h",
          "An instance of a group may join within that time from its launch.", .min = 60000,
          .max = 2592000000 },
        { "aws.region", SETTING_STRING, AT(aws_region), NULL, "Region of applications that name none." },
        { "aws.endpoint_url", SETTING_STRING, AT(aws_endpoint_url), NULL,
          "Every AWS call goes here instead (ghost-sandbox)." },
        { "aws.access_key_id", SETTING_STRING, AT(aws_access_key_id), NULL,
          "Default: the usual chain of the AWS SDKs." },
        { "aws.secret_access_key", SETTING_STRING, AT(aws_secret_access_key), NULL,
          "Goes with aws.access_key_id.", SETTING_IS_SECRET },
        { "aws.identity_certificate", SETTING_STRING, AT(aws_identity_certificate), NULL,
          "File with the certificate that instances' identity documents are signed with, in place of AWS's "
          "own." },
        { "aws.poll_interval", SETTING_DURATION, AT(aws_poll_interval_ms), "5s",
          "How often a wait looks at AWS.", .min = 50, .max = 600000 },
        { "aws.janitor_interval", SETTING_DURATION, AT(aws_janitor_interval_ms), "10m",
          "How often what outlived its deadline is looked for and removed.", .min = 50, .max = 86400000 },

        { "notify.base_url", SETTING_STRING, AT(notify_base_url), NULL,
          "Where people reach the web UI (https://ghost.example): for links in mails and messages. Default: "
          "http.listen." },
        { "notify.retry_first", SETTING_DURATION, AT(notify_retry_first_ms), "1m",
          "A mail or message that could not be sent is tried again after this, then after twice as long …",
          .min = 10, .max = 86400000 },
        { "notify.retry_max", SETTING_DURATION, AT(notify_retry_max_ms), "1h", "… but never later than this.",
          .min = 10, .max = 86400000 },
        { "notify.give_up", SETTING_DURATION, AT(notify_give_up_ms), "24h",
          "What could not be sent for that long is given up.", .min = 100, .max = 2592000000 },
        { "notify.timeout", SETTING_DURATION, AT(notify_timeout_ms), "1m", "Deadline of one attempt.",
          .min = 100, .max = 600000 },
        { "notify.queue", SETTING_INT, AT(notify_queue), "10000",
          "Most mails and messages that wait; what would be more is not sent.", .min = 1, .max = 1000000 },

        { "mail.server", SETTING_STRING, AT(mail_server), NULL,
          "smtp://host:587 or smtps://host:465; Amazon SES: smtp://email-smtp.REGION.amazonaws.com:587. "
          "Default: no mail is sent." },
        { "mail.user", SETTING_STRING, AT(mail_user), NULL, "Login at the mail server, with mail.password." },
        { "mail.password", SETTING_STRING, AT(mail_password), NULL, "Goes with mail.user.",
          SETTING_IS_SECRET },
        { "mail.from", SETTING_STRING, AT(mail_from), NULL,
          "Address that mails come from; required with mail.server." },
        { "mail.tls", SETTING_ENUM, AT(mail_tls), "required",
          "Of smtp:// servers: required sends nothing in the clear; opportunistic encrypts when the server "
          "offers it; smtps:// is always encrypted.",
          .names = &smtp_tls_names },
        { "mail.ca_file", SETTING_STRING, AT(mail_ca_file), NULL,
          "PEM file of the authorities that the mail server's certificate may come from. Default: the "
          "system's." },

        { "slack.url", SETTING_STRING, AT(slack_url), NULL,
          "Incoming webhook of a Slack channel. Default: none.", SETTING_IS_SECRET },
        { "slack.channel", SETTING_STRING, AT(slack_channel), NULL, "For example #deploys." },
        { "slack.bot_name", SETTING_STRING, AT(slack_bot_name), NULL, "Who the message seems to be from." },
        { "slack.bot_icon", SETTING_STRING, AT(slack_bot_icon), NULL, "URL of its picture." },
        { "slack.message_prefix", SETTING_STRING, AT(slack_message_prefix), NULL,
          "Stands before the message." },
        { "slack.file", SETTING_STRING, AT(slack_file), NULL,
          "JSON file of more channels: [{\"webhooks_endpoint\": …, \"channel\": …, \"bot_name\": …, "
          "\"bot_icon\": …, \"message_prefix\": …}, …]." },
        { "slack.states", SETTING_STRING, AT(slack_states), "done failed aborted cancelled waiting",
          "States of jobs that Slack is told; started is another, and waiting is for an approval." },

        { "webhook.url", SETTING_STRING, AT(webhook_url), NULL,
          "Every state of every job, started and waiting included, is posted there as JSON. Default: "
          "nowhere." },
        { "webhook.secret", SETTING_STRING, AT(webhook_secret), NULL,
          "Signs what is posted (X-Ghost-Signature-256: sha256=HMAC of the body).", SETTING_IS_SECRET },
        { "webhook.ca_file", SETTING_STRING, AT(webhook_ca_file), NULL,
          "PEM file of the authorities that the receiver's certificate may come from. Default: the "
          "system's." },

        { "notification_endpoint.url", SETTING_STRING, AT(endpoint_url), NULL,
          "What instances do (status starting, started, done, failed; hostname; return_code) is posted there "
          "as JSON whenever one is set up or gets a release. Default: nowhere." },
        { "notification_endpoint.ca_file", SETTING_STRING, AT(endpoint_ca_file), NULL,
          "PEM file of the authorities that the endpoint's certificate may come from. Default: the "
          "system's." },
};

const SettingsTable controller_settings_table = SETTINGS_TABLE(settings);

static void default_string(char **slot, char *fallback) {
        if (*slot)
                free(fallback);
        else
                *slot = fallback;
}

static char *default_link_address(const ControllerSettings *value) {
        const char *colon = strrchr(value->link_listen, ':');
        char host[256] = "localhost";

        if (gethostname(host, sizeof(host) - 1) != 0)
                memcpy(host, "localhost", sizeof("localhost"));
        return xasprintf("%s%s", host, colon ? colon : ":5001");
}

static char *default_base_url(const ControllerSettings *value) {
        return xasprintf("%s://%s", value->http_certificate ? "https" : "http", value->http_listen);
}

static void without_last_slash(char *url) {
        size_t length = strlen(url);

        if (length > 0 && url[length - 1] == '/')
                url[length - 1] = '\0';
}

static bool check_together(const ControllerSettings *value, Error **err) {
        if (!value->http_certificate != !value->http_key)
                return error_set(err, ERROR_INVALID, "http.certificate and http.key go together");
        if (!value->agent_program != !value->agent_url)
                return error_set(err, ERROR_INVALID, "agent.program and agent.url go together");
        if (!value->aws_access_key_id != !value->aws_secret_access_key)
                return error_set(
                        err, ERROR_INVALID, "aws.access_key_id and aws.secret_access_key go together");
        if (value->packages_store == PACKAGES_STORE_S3 && !value->packages_bucket)
                return error_set(err, ERROR_INVALID, "packages.store = s3 needs packages.bucket");
        if (!strrchr(value->http_listen, ':'))
                return error_set(
                        err, ERROR_INVALID, "http.listen: '%s' is not address:port", value->http_listen);
        if (!strrchr(value->link_listen, ':'))
                return error_set(
                        err, ERROR_INVALID, "link.listen: '%s' is not address:port", value->link_listen);
        return true;
}

static bool check_url(const char *name, const char *url, Error **err) {
        CLEANUP(url_clear) Url parts = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        /* Without the reason, which would show a secret. */
        return !url || url_parse(url, &parts, &why) ||
               error_set(err, ERROR_INVALID, "%s is not http://… or https://…", name);
}

static bool check_states(const char *states, Error **err) {
        CLEANUP(string_list_clear) StringList words = { 0 };
        int status;

        text_split(states ? states : "", ' ', &words);
        for (size_t i = 0; i < words.count; i++)
                if (*words.items[i] && strcmp(words.items[i], JOB_WAITING) != 0 &&
                    !names_value(&job_status_names, words.items[i], &status))
                        return error_set(
                                err, ERROR_INVALID, "slack.states: '%s' is no state of a job",
                                words.items[i]);
        return true;
}

static bool check_notifications(const ControllerSettings *value, Error **err) {
        if (value->mail_server && !text_starts_with(value->mail_server, "smtp://") &&
            !text_starts_with(value->mail_server, "smtps://"))
                return error_set(err, ERROR_INVALID, "mail.server is not smtp://… or smtps://…");
        if (value->mail_server && !value->mail_from)
                return error_set(err, ERROR_INVALID, "mail.server needs mail.from");
        if (value->mail_from && !mail_address_valid(value->mail_from))
                return error_set(err, ERROR_INVALID, "mail.from: '%s' is no address", value->mail_from);
        if (!value->mail_user != !value->mail_password)
                return error_set(err, ERROR_INVALID, "mail.user and mail.password go together");
        return check_url("slack.url", value->slack_url, err) &&
               check_url("webhook.url", value->webhook_url, err) &&
               check_url("notification_endpoint.url", value->endpoint_url, err) &&
               check_url("notify.base_url", value->notify_base_url, err) &&
               check_states(value->slack_states, err);
}

static bool load(const char *path, bool file_required, ControllerSettings *value, Error **err) {
        CLEANUP(error_free) Error *missing = NULL;
        CLEANUP(free) char *content = NULL;
        size_t length = 0;

        settings_defaults(&controller_settings_table, value);
        if (file_read(path, FILE_MAX_BYTES, &content, &length, &missing)) {
                if (!settings_parse(&controller_settings_table, value, path, content, err))
                        return false;
        } else if (file_required || error_kind(missing) != ERROR_NOT_FOUND) {
                return error_set(err, error_kind(missing), "settings: %s", error_message(missing));
        }
        if (!settings_from_environment(
                    &controller_settings_table, value, (const char *const *) environ, err) ||
            !settings_check_required(&controller_settings_table, value, err) || !check_together(value, err) ||
            !check_notifications(value, err))
                return false;

        default_string(&value->presets_dir, controller_settings_path(value, "presets"));
        default_string(&value->features_dir, controller_settings_path(value, "features"));
        default_string(&value->link_address, default_link_address(value));
        default_string(&value->notify_base_url, default_base_url(value));
        without_last_slash(value->notify_base_url);
        return true;
}

bool controller_settings_load(const char *path, bool file_required, ControllerSettings *ret, Error **err) {
        CLEANUP(controller_settings_clear) ControllerSettings value = { 0 };

        if (!load(path, file_required, &value, err))
                return false;
        *ret = value;
        value = (ControllerSettings){ 0 };
        return true;
}

char *controller_settings_path(const ControllerSettings *value, const char *name) {
        return xasprintf("%s/%s", value->data_dir, name);
}

void controller_settings_clear(ControllerSettings *value) {
        settings_clear(&controller_settings_table, value);
}

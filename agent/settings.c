#include "settings.h"

#include <stddef.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static const Setting agent_settings[] = {
        { "controller", SETTING_STRING, offsetof(AgentSettings, controller),
          .help = "Host and port of the controller's agent link. Unset: taken from the instance's user "
                  "data." },
        { "server_name", SETTING_STRING, offsetof(AgentSettings, server_name),
          .help = "Name in the controller's certificate (ghost-controller when unset)." },
        { "token", SETTING_STRING, offsetof(AgentSettings, token), .flags = SETTING_IS_SECRET,
          .help = "Join token; needed once, to enrol." },
        { "ca", SETTING_STRING, offsetof(AgentSettings, ca),
          .help = "Base64 of the PEM certificate of the authority that signs the controller's certificate." },
        { "state_dir", SETTING_STRING, offsetof(AgentSettings, state_dir), .fallback = "/var/lib/ghost-agent",
          .help = "Where the agent keeps its identity and its tasks." },
        { "releases_dir", SETTING_STRING, offsetof(AgentSettings, releases_dir), .fallback = "/ghost",
          .help = "Where releases are unpacked." },
        { "root_dir", SETTING_STRING, offsetof(AgentSettings, root_dir),
          .help = "Put in front of every path the agent touches outside its own folders. For tests." },
        { "metadata", SETTING_BOOL, offsetof(AgentSettings, metadata), .fallback = "yes",
          .help = "Ask the EC2 instance metadata service who this instance is and for its user data." },
        { "metadata_endpoint", SETTING_STRING, offsetof(AgentSettings, metadata_endpoint),
          .fallback = "http://169.254.169.254",
          .help = "Address of the metadata service; AWS_EC2_METADATA_SERVICE_ENDPOINT overrides it." },
        { "notice_interval", SETTING_DURATION, offsetof(AgentSettings, notice_interval_ms), .fallback = "5s",
          .min = 50, .max = 3600000,
          .help = "How often the metadata service is asked whether AWS announces this instance's "
                  "interruption "
                  "or maintenance." },
        { "download_ca", SETTING_STRING, offsetof(AgentSettings, download_ca),
          .help = "PEM file of the authorities that the certificate of S3 may come from. Default: the "
                  "system's." },
        { "instance_id", SETTING_STRING, offsetof(AgentSettings, instance_id),
          .help = "Who this instance is, where there is no metadata service." },
        { "output_limit", SETTING_BYTES, offsetof(AgentSettings, output_limit), .fallback = "64M",
          .min = 64 << 10, .max = (int64_t) 4 << 30,
          .help = "Output kept of one task; the rest is dropped, and the log says so." },
        { "parallel_tasks", SETTING_INT, offsetof(AgentSettings, parallel_tasks), .fallback = "4", .min = 1,
          .max = 64, .help = "Tasks of different modules that run at the same time." },
        { "log_level", SETTING_STRING, offsetof(AgentSettings, log_level), .fallback = "info",
          .help = "error, warn, info or debug." },
};
const SettingsTable agent_settings_table = SETTINGS_TABLE(agent_settings);

void agent_settings_clear(AgentSettings *settings) {
        settings_clear(&agent_settings_table, settings);
}

static bool parse_file(const char *file, bool optional, AgentSettings *settings, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *content = NULL;
        size_t length = 0;

        if (file_read(file, FILE_MAX_BYTES, &content, &length, &problem))
                return settings_parse(&agent_settings_table, settings, file, content, err);
        if (optional && error_kind(problem) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(problem);
        return false;
}

/* The name that every AWS SDK knows. */
static bool take_endpoint(const char *const *environment, AgentSettings *settings, Error **err) {
        static const char name[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT=";

        for (; environment && *environment; environment++)
                if (text_starts_with(*environment, name) && (*environment)[sizeof(name) - 1])
                        return settings_set(
                                &agent_settings_table, settings, "metadata_endpoint",
                                *environment + sizeof(name) - 1, err);
        return true;
}

bool agent_settings_load(
        const char *file, bool optional, const char *const *environment, AgentSettings *ret, Error **err) {
        CLEANUP(agent_settings_clear) AgentSettings settings = { 0 };

        settings_defaults(&agent_settings_table, &settings);
        if ((file && !parse_file(file, optional, &settings, err)) ||
            !settings_from_environment(&agent_settings_table, &settings, environment, err) ||
            !take_endpoint(environment, &settings, err))
                return false;
        if (!settings.state_dir || !settings.releases_dir || settings.state_dir[0] != '/' ||
            settings.releases_dir[0] != '/')
                return error_set(err, ERROR_INVALID, "state_dir and releases_dir must be absolute paths");
        *ret = settings;
        settings = (AgentSettings){ 0 };
        return true;
}

bool agent_settings_forget_token(const char *file, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        CLEANUP(text_clear) Text kept = { 0 };
        CLEANUP(free) char *content = NULL;
        CLEANUP(error_free) Error *problem = NULL;
        size_t length = 0;
        bool found = false;

        if (!file_read(file, FILE_MAX_BYTES, &content, &length, &problem))
                return error_kind(problem) == ERROR_NOT_FOUND ||
                       error_set(err, ERROR_INTERNAL, "%s", error_message(problem));
        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                CLEANUP(free) char *line = text_trim(lines.items[i]);
                bool is_token = text_starts_with(line, "token") && strchr(" \t=", line[strlen("token")]);
                found = found || is_token;
                if (!is_token)
                        text_appendf(&kept, "%s%s", lines.items[i], i + 1 < lines.count ? "\n" : "");
        }
        return !found || file_write_atomic(file, kept.data ? kept.data : "", kept.length, 0600, err);
}

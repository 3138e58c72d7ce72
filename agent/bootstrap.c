#include "bootstrap.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "metadata.h"

enum {
        LINE_MAX_LENGTH = 64 << 10,
        TRY_MS = 10000,
        WAIT_FIRST_MS = 500,
        WAIT_MOST_MS = 30000,
        WAIT_STEP_MS = 100
};

void bootstrap_clear(Bootstrap *bootstrap) {
        free(bootstrap->controller);
        free(bootstrap->server_name);
        if (bootstrap->token)
                crypto_wipe(bootstrap->token, strlen(bootstrap->token));
        free(bootstrap->token);
        free(bootstrap->ca);
        free(bootstrap->identity_document);
        *bootstrap = (Bootstrap){ 0 };
}

bool bootstrap_complete(const Bootstrap *bootstrap) {
        return bootstrap->controller && bootstrap->ca;
}

/* ---- reading
 * ---------------------------------------------------------------------------------------------------- */

static bool set_ca(Bootstrap *bootstrap, const char *base64, Error **err) {
        CLEANUP(free) char *pem = NULL;
        size_t length = 0;

        if (!base64_decode(base64, &pem, &length, err))
                return error_prefix(err, "ca");
        if (strlen(pem) != length || !text_starts_with(pem, "-----BEGIN CERTIFICATE-----"))
                return error_set(err, ERROR_INVALID, "ca: not the base64 of a PEM certificate");
        free(bootstrap->ca);
        bootstrap->ca = TAKE(pem);
        return true;
}

static bool set_value(Bootstrap *bootstrap, const char *key, const char *value, Error **err) {
        char **field = strcmp(key, "controller") == 0    ? &bootstrap->controller
                       : strcmp(key, "server_name") == 0 ? &bootstrap->server_name
                       : strcmp(key, "token") == 0       ? &bootstrap->token
                                                         : NULL;

        if (value[0] == '\0')
                return error_set(err, ERROR_INVALID, "%.32s: empty", key);
        if (strcmp(key, "ca") == 0)
                return bootstrap->ca || set_ca(bootstrap, value, err);
        if (field && !*field)
                *field = xstrdup(value);
        return true;
}

static bool read_line(Bootstrap *bootstrap, const char *line, Error **err) {
        const char *equals = strchr(line, '=');

        if (line[0] == '\0')
                return true;
        if (!equals)
                return error_set(err, ERROR_INVALID, "'%.64s' is not 'key = value'", line);
        CLEANUP(free) char *raw_key = xstrndup(line, (size_t) (equals - line)), *key = text_trim(raw_key);
        CLEANUP(free) char *value = text_trim(equals + 1);
        return set_value(bootstrap, key, value, err);
}

/* Without the comment sign that makes the line harmless to a shell, without blanks at either end. */
static char *bare_line(const char *start, size_t length) {
        CLEANUP(free) char *line = xstrndup(start, length);
        CLEANUP(free) char *trimmed = text_trim(line);

        return text_trim(trimmed[0] == '#' ? trimmed + 1 : trimmed);
}

bool bootstrap_parse_user_data(const char *text, size_t length, Bootstrap *ret, Error **err) {
        const char *at = text, *end = text + length;
        bool inside = false, closed = false;

        while (at < end && !closed) {
                const char *newline = memchr(at, '\n', (size_t) (end - at));
                size_t line_length = (size_t) ((newline ? newline : end) - at);
                if (line_length > LINE_MAX_LENGTH)
                        return error_set(err, ERROR_INVALID, "user data: a line is too long");
                CLEANUP(free) char *line = bare_line(at, line_length);
                if (!inside)
                        inside = strcmp(line, "ghost-agent begin") == 0;
                else if (strcmp(line, "ghost-agent end") == 0)
                        closed = true;
                else if (!read_line(ret, line, err))
                        return error_prefix(err, "user data");
                at += line_length + (newline != NULL);
        }
        if (!inside)
                return error_set(err, ERROR_NOT_FOUND, "the user data has no lines for the agent");
        return closed || error_set(err, ERROR_INVALID, "user data: '# ghost-agent end' is missing");
}

bool bootstrap_from_settings(const AgentSettings *settings, Bootstrap *ret, Error **err) {
        ret->controller = settings->controller ? xstrdup(settings->controller) : NULL;
        ret->server_name = settings->server_name ? xstrdup(settings->server_name) : NULL;
        ret->token = settings->token ? xstrdup(settings->token) : NULL;
        return !settings->ca || set_ca(ret, settings->ca, err);
}

/* ---- asking the instance
 * ---------------------------------------------------------------------------------------- */

static bool get_fact(Metadata *metadata, const char *path, Deadline deadline, char **field, Error **err) {
        CLEANUP(free) char *body = NULL;
        size_t length = 0;

        if (!metadata_get(metadata, path, deadline, &body, &length, err))
                return false;
        if (*field && *field != protobuf_c_empty_string)
                free(*field);
        *field = text_trim(body);
        return text_is_utf8(*field, strlen(*field)) ||
               error_set(err, ERROR_INVALID, "metadata %s is not text", path);
}

static bool get_user_data(Metadata *metadata, Deadline deadline, Bootstrap *bootstrap, Error **err) {
        CLEANUP(free) char *body = NULL;
        CLEANUP(error_free) Error *problem = NULL;
        size_t length = 0;

        if (bootstrap_complete(bootstrap) && bootstrap->token)
                return true;
        if (metadata_get(metadata, "user-data", deadline, &body, &length, &problem) &&
            bootstrap_parse_user_data(body, length, bootstrap, &problem))
                return true;
        /* An image may carry its agent.conf, and an enrolled agent needs no token. */
        if (bootstrap_complete(bootstrap) && error_kind(problem) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(problem);
        return false;
}

/* Elsewhere than in EC2 there is none. */
static bool get_identity_document(Metadata *metadata, Deadline deadline, Bootstrap *bootstrap, Error **err) {
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *body = NULL;
        size_t length = 0;

        if (metadata_get(metadata, "dynamic/instance-identity/rsa2048", deadline, &body, &length, &problem)) {
                free(bootstrap->identity_document);
                bootstrap->identity_document = TAKE(body);
                return true;
        }
        if (error_kind(problem) == ERROR_NOT_FOUND)
                return true;
        *err = TAKE(problem);
        return false;
}

static bool ask_once(const AgentSettings *settings, Bootstrap *bootstrap, Ghost__Facts *facts, Error **err) {
        CLEANUP(metadata_free) Metadata *metadata = metadata_new(settings->metadata_endpoint, err);
        Deadline deadline = deadline_after_ms(TRY_MS);

        return metadata && get_fact(metadata, "meta-data/instance-id", deadline, &facts->instance_id, err) &&
               get_fact(metadata, "meta-data/ami-id", deadline, &facts->image_id, err) &&
               get_fact(metadata, "meta-data/instance-type", deadline, &facts->instance_type, err) &&
               get_fact(metadata, "meta-data/local-ipv4", deadline, &facts->private_ip, err) &&
               get_fact(metadata, "meta-data/placement/region", deadline, &facts->region, err) &&
               get_user_data(metadata, deadline, bootstrap, err) &&
               get_identity_document(metadata, deadline, bootstrap, err);
}

bool bootstrap_from_metadata(
        const AgentSettings *settings, const atomic_bool *stopping, ServiceNotify *notify,
        Bootstrap *bootstrap, Ghost__Facts *facts, Error **err) {
        for (int wait_ms = WAIT_FIRST_MS;;
             wait_ms = wait_ms * 2 < WAIT_MOST_MS ? wait_ms * 2 : WAIT_MOST_MS) {
                CLEANUP(error_free) Error *problem = NULL;
                if (ask_once(settings, bootstrap, facts, &problem))
                        return true;
                log_warn("%s, trying again in %d ms", error_message(problem), wait_ms);
                service_notify_alive(notify);
                for (int left_ms = wait_ms; left_ms > 0; left_ms -= WAIT_STEP_MS) {
                        if (atomic_load(stopping))
                                return error_set(
                                        err, ERROR_CANCELLED, "stopped before the metadata service answered");
                        clock_sleep_ms(WAIT_STEP_MS);
                }
        }
}

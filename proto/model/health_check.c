#include "model/health_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

enum {
        DEFAULT_INTERVAL_S = 2,
        DEFAULT_TIMEOUT_S = 5,
        DEFAULT_DEADLINE_S = 60,
        STATUS_FIRST = 200,
        STATUS_LAST = 399,
};

static const char *const type_words[] = {
        [HEALTH_HTTP] = "http",
        [HEALTH_TCP] = "tcp",
        [HEALTH_COMMAND] = "command",
};
const Names health_type_names = NAMES(type_words);

/* What each type needs, and what is of no use to it. */
static const struct {
        const char *member;
        bool needed[HEALTH_TYPE_COUNT], allowed[HEALTH_TYPE_COUNT];
} members[] = {
        { "port", { true, true, false }, { true, true, false } },
        { "path", { true, false, false }, { true, false, false } },
        { "command", { false, false, true }, { false, false, true } },
        { "status", { false, false, false }, { true, false, false } },
        { "host", { false, false, false }, { true, true, false } },
};

void health_check_clear(HealthCheck *check) {
        free(check->command);
        *check = (HealthCheck){ 0 };
}

static bool is_given(const Document *check, const char *member) {
        const Document *value = document_get(check, member);

        return value && !document_is_null(value) && !text_equal(document_value(value), "");
}

static bool check_members(const Document *check, HealthType type, Error **err) {
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
                bool given = is_given(check, members[i].member);

                if (members[i].needed[type] && !given)
                        return error_set(
                                err, ERROR_INVALID, "type \"%s\" needs %s", type_words[type],
                                members[i].member);
                if (!members[i].allowed[type] && given)
                        return error_set(
                                err, ERROR_INVALID, "%s is of no use to type \"%s\"", members[i].member,
                                type_words[type]);
        }
        return true;
}

/* "200" or "200-399"; the schema has seen to the digits. */
static bool read_status(const char *status, HealthCheck *ret, Error **err) {
        ret->status_first = *status ? (uint32_t) strtoul(status, NULL, 10) : STATUS_FIRST;
        ret->status_last = *status ? ret->status_first : STATUS_LAST;
        if (strchr(status, '-'))
                ret->status_last = (uint32_t) strtoul(strchr(status, '-') + 1, NULL, 10);
        return ret->status_first <= ret->status_last ||
               error_set(err, ERROR_INVALID, "status %s ends before it begins", status);
}

static bool read_command(const char *encoded, HealthCheck *ret, Error **err) {
        CLEANUP(error_free) Error *ignored = NULL;
        size_t length = 0;

        if (!*encoded)
                return true;
        return (base64_decode(encoded, &ret->command, &length, &ignored) &&
                text_is_utf8(ret->command, length) && strlen(ret->command) == length) ||
               error_set(err, ERROR_INVALID, "command is not a script in base64");
}

static uint32_t seconds(const Document *check, const char *member, uint32_t otherwise) {
        int64_t given = document_get_int(check, member);

        return (given > 0 ? (uint32_t) given : otherwise) * 1000;
}

/* One try is never given more time than all together: with a short deadline its default is shorter too. */
static bool read_times(const Document *check, HealthCheck *ret, Error **err) {
        ret->attempts = is_given(check, "retries") ? (uint32_t) document_get_int(check, "retries") + 1 : 0;
        ret->interval_ms = seconds(check, "interval", DEFAULT_INTERVAL_S);
        ret->timeout_ms = seconds(check, "timeout", DEFAULT_TIMEOUT_S);
        ret->deadline_ms = seconds(check, "deadline", DEFAULT_DEADLINE_S);
        if (ret->timeout_ms <= ret->deadline_ms)
                return true;
        if (is_given(check, "timeout") && is_given(check, "deadline"))
                return error_set(
                        err, ERROR_INVALID,
                        "timeout (%u s, of one try) is longer than deadline (%u s, of all)",
                        ret->timeout_ms / 1000, ret->deadline_ms / 1000);
        if (is_given(check, "timeout"))
                ret->deadline_ms = ret->timeout_ms;
        else
                ret->timeout_ms = ret->deadline_ms;
        return true;
}

static bool read_check(const Document *check, HealthCheck *ret, Error **err) {
        const char *word = document_get_string(check, "type");
        int type = 0;

        if (!names_value(&health_type_names, word, &type))
                return error_set(err, ERROR_INVALID, "type \"%s\" is none of http, tcp, command", word);
        ret->type = (HealthType) type;
        ret->on_localhost = text_equal(document_get_string(check, "host"), "localhost");
        ret->port = (uint32_t) document_get_int(check, "port");
        ret->path = document_get_string(check, "path");
        return check_members(check, ret->type, err) &&
               read_status(document_get_string(check, "status"), ret, err) &&
               read_command(document_get_string(check, "command"), ret, err) && read_times(check, ret, err);
}

bool health_check_read(const Document *module, HealthCheck *ret, bool *ret_given, Error **err) {
        CLEANUP(health_check_clear) HealthCheck check = { 0 };
        const Document *given = document_get(module, "health_check");

        *ret_given = document_is_object(given);
        if (!*ret_given)
                return true;
        if (!read_check(given, &check, err))
                return error_prefix(err, "Module \"%s\": health_check", document_get_string(module, "name"));
        *ret = check;
        check = (HealthCheck){ 0 };
        return true;
}

bool app_check_health(const Document *modules, Error **err) {
        for (size_t i = 0; i < document_count(modules); i++) {
                CLEANUP(health_check_clear) HealthCheck check = { 0 };
                bool given = false;

                if (!health_check_read(document_at(modules, i), &check, &given, err))
                        return false;
        }
        return true;
}

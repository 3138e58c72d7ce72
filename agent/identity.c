#include "identity.h"

#include <string.h>

#include "base/certificate.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

enum { IDENTITY_MAX_BYTES = 256 << 10 };

static void free_key(char *key) {
        if (key)
                crypto_wipe(key, strlen(key));
        free(key);
}

void identity_clear(Identity *identity) {
        free(identity->agent_id);
        free(identity->instance_id);
        free_key(identity->key);
        free_key(identity->new_key);
        free(identity->request);
        free(identity->certificate);
        free(identity->controller);
        free(identity->server_name);
        free(identity->ca);
        *identity = (Identity){ 0 };
}

typedef struct IdentityField {
        const char *name;
        size_t offset;
} IdentityField;

static const IdentityField fields[] = {
        { "agent_id", offsetof(Identity, agent_id) },
        { "instance_id", offsetof(Identity, instance_id) },
        { "key", offsetof(Identity, key) },
        { "certificate", offsetof(Identity, certificate) },
        { "controller", offsetof(Identity, controller) },
        { "server_name", offsetof(Identity, server_name) },
        { "ca", offsetof(Identity, ca) },
};
enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

static char **field_of(const Identity *identity, const IdentityField *field) {
        return (char **) (void *) ((char *) (void *) identity + field->offset);
}

/* "name base64" */
static bool read_line(const char *line, Identity *identity, Error **err) {
        const char *blank = strchr(line, ' ');
        CLEANUP(free) char *value = NULL;
        size_t length = 0;

        if (!blank)
                return line[0] == '\0' || error_set(err, ERROR_INVALID, "a line without a value");
        if (!base64_decode(blank + 1, &value, &length, err))
                return false;
        CLEANUP(free) char *name = xstrndup(line, (size_t) (blank - line));
        if (strcmp(name, "release_key") == 0) {
                if (length != ED25519_KEY_BYTES)
                        return error_set(err, ERROR_INVALID, "the release key has the wrong length");
                memcpy(identity->release_key, value, ED25519_KEY_BYTES);
        }
        for (size_t i = 0; i < FIELD_COUNT; i++) {
                if (strcmp(name, fields[i].name) == 0) {
                        free(*field_of(identity, &fields[i]));
                        *field_of(identity, &fields[i]) = xstrdup(value);
                }
        }
        return true;
}

static bool parse(const char *content, Identity *identity, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++)
                if (!read_line(lines.items[i], identity, err))
                        return false;
        for (size_t i = 0; i < FIELD_COUNT; i++)
                if (!*field_of(identity, &fields[i]))
                        return error_set(err, ERROR_INVALID, "no %s", fields[i].name);
        return true;
}

bool identity_read(const char *file, const char *instance_id, Identity *ret, Error **err) {
        CLEANUP(identity_clear) Identity identity = { 0 };
        CLEANUP(error_free) Error *problem = NULL;
        CLEANUP(free) char *content = NULL;
        size_t length = 0;

        *ret = (Identity){ 0 };
        if (!file_read(file, IDENTITY_MAX_BYTES, &content, &length, &problem)) {
                if (error_kind(problem) == ERROR_NOT_FOUND)
                        return true;
                *err = TAKE(problem);
                return false;
        }
        if (!parse(content, &identity, &problem)) {
                log_warn("%s: %s, enrolling again", file, error_message(problem));
        } else if (instance_id && !text_equal(identity.instance_id, instance_id)) {
                log_info(
                        "this is %s, the identity on disk is of %s: enrolling afresh", instance_id,
                        identity.instance_id);
        } else {
                *ret = identity;
                identity = (Identity){ 0 };
        }
        crypto_wipe(content, length);
        return true;
}

static void add_line(Text *text, const char *name, const void *value, size_t length) {
        CLEANUP(free) char *encoded = base64_encode(value, length);

        text_appendf(text, "%s %s\n", name, encoded);
}

bool identity_write(const char *file, const Identity *identity, Error **err) {
        CLEANUP(text_clear) Text text = { 0 };

        for (size_t i = 0; i < FIELD_COUNT; i++) {
                const char *value = *field_of(identity, &fields[i]);
                add_line(&text, fields[i].name, value ? value : "", value ? strlen(value) : 0);
        }
        add_line(&text, "release_key", identity->release_key, ED25519_KEY_BYTES);
        return file_write_atomic(file, text.data, text.length, 0600, err);
}

static bool certificate_times(const Identity *identity, CertificateFacts *ret) {
        CLEANUP(error_free) Error *ignored = NULL;

        return identity->certificate && certificate_read(identity->certificate, ret, &ignored);
}

bool identity_usable(const Identity *identity) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };

        return identity->agent_id && certificate_times(identity, &facts) &&
               clock_now_us() < facts.not_after_us;
}

bool identity_renewal_due(const Identity *identity) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };

        return certificate_times(identity, &facts) &&
               clock_now_us() > facts.not_after_us - (facts.not_after_us - facts.not_before_us) / 2;
}

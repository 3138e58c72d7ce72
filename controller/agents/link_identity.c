#include "agents/link_identity.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

enum {
        PEM_MAX_BYTES = 64 * 1024,
        AUTHORITY_YEARS = 20,
        SERVER_DAYS = 397,
        SERVER_RENEW_DAYS = 30,
};
#define DAY_SECONDS 86400LL
#define DAY_US (DAY_SECONDS * 1000000)

struct LinkIdentity {
        Authority *authority;
        char *server_certificate;
        char *server_key;
        SigningKey *release_key;
};

/* Absent is no error: *ret stays NULL. */
static bool read_pem(const char *folder, const char *name, char **ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);
        size_t length = 0;

        if (file_read(path, PEM_MAX_BYTES, ret, &length, &why) || error_kind(why) == ERROR_NOT_FOUND)
                return true;
        return error_set(err, error_kind(why), "%s", error_message(why));
}

static bool write_pem(const char *folder, const char *name, const char *pem, Error **err) {
        CLEANUP(free) char *path = xasprintf("%s/%s", folder, name);

        return file_write_atomic(path, pem, strlen(pem), 0600, err);
}

static bool open_authority(LinkIdentity *identity, const char *folder, Error **err) {
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(free) char *key = NULL;

        if (!read_pem(folder, "ca.pem", &certificate, err) || !read_pem(folder, "ca.key", &key, err))
                return false;
        if (!certificate != !key)
                return error_set(
                        err, ERROR_INTERNAL,
                        "%s: ca.pem and ca.key go together and one is missing; restore it", folder);
        if (!certificate) {
                if (!authority_create("Ghost agents", AUTHORITY_YEARS, &certificate, &key, err) ||
                    !write_pem(folder, "ca.key", key, err) || !write_pem(folder, "ca.pem", certificate, err))
                        return false;
        }
        identity->authority = authority_open(certificate, key, err);
        return identity->authority || error_prefix(err, "%s/ca.pem", folder);
}

static bool open_release_key(LinkIdentity *identity, const char *folder, Error **err) {
        CLEANUP(free) char *pem = NULL;

        if (!read_pem(folder, "release.key", &pem, err))
                return false;
        if (!pem) {
                CLEANUP(signing_key_free) SigningKey *fresh = signing_key_new();

                pem = signing_key_to_pem(fresh);
                if (!write_pem(folder, "release.key", pem, err))
                        return false;
        }
        identity->release_key = signing_key_from_pem(pem, err);
        return identity->release_key || error_prefix(err, "%s/release.key", folder);
}

/* Whether the stored certificate may still be used: of this authority, for this name, not about to run out.
 */
static bool server_still_good(const LinkIdentity *identity) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(error_free) Error *why = NULL;

        return certificate_verify(
                       identity->server_certificate, authority_certificate(identity->authority),
                       CERTIFICATE_SERVER, &why) &&
               certificate_read(identity->server_certificate, &facts, &why) &&
               facts.not_after_us > clock_now_us() + SERVER_RENEW_DAYS * DAY_US;
}

static bool open_server_certificate(LinkIdentity *identity, const char *folder, Error **err) {
        CLEANUP(free) char *request = NULL;

        if (!read_pem(folder, "server.pem", &identity->server_certificate, err) ||
            !read_pem(folder, "server.key", &identity->server_key, err))
                return false;
        if (identity->server_certificate && identity->server_key && server_still_good(identity))
                return true;

        free(TAKE(identity->server_certificate));
        free(TAKE(identity->server_key));
        identity->server_key = private_key_new(err);
        if (!identity->server_key)
                return false;
        request = certificate_request_new(identity->server_key, LINK_SERVER_NAME, err);
        if (!request)
                return false;

        const CertificateSpec spec = {
                .common_name = LINK_SERVER_NAME,
                .dns_name = LINK_SERVER_NAME,
                .use = CERTIFICATE_SERVER,
                .valid_seconds = SERVER_DAYS * DAY_SECONDS,
        };
        return authority_sign(identity->authority, request, &spec, &identity->server_certificate, err) &&
               write_pem(folder, "server.key", identity->server_key, err) &&
               write_pem(folder, "server.pem", identity->server_certificate, err);
}

LinkIdentity *link_identity_open(const char *folder, Error **err) {
        CLEANUP(link_identity_free) LinkIdentity *identity = xcalloc(1, sizeof(*identity));

        if (!file_make_folders(folder, 0700, err) || !open_authority(identity, folder, err) ||
            !open_release_key(identity, folder, err) || !open_server_certificate(identity, folder, err))
                return NULL;
        return TAKE(identity);
}

void link_identity_free(LinkIdentity *identity) {
        if (!identity)
                return;

        authority_free(identity->authority);
        signing_key_free(identity->release_key);
        free(identity->server_certificate);
        if (identity->server_key)
                crypto_wipe(identity->server_key, strlen(identity->server_key));
        free(identity->server_key);
        free(identity);
}

const Authority *link_identity_authority(const LinkIdentity *identity) {
        return identity->authority;
}

const char *link_identity_server_certificate(const LinkIdentity *identity) {
        return identity->server_certificate;
}

const char *link_identity_server_key(const LinkIdentity *identity) {
        return identity->server_key;
}

const SigningKey *link_identity_release_key(const LinkIdentity *identity) {
        return identity->release_key;
}

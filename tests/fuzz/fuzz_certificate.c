/* Whatever PEM a stranger sends as request, certificate or signature, it is read or refused, and refused with
 * a reason. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/certificate.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Authority *make_authority(void) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(free) char *key = NULL;

        if (!authority_create("fuzz", 1, &certificate, &key, &error))
                abort();
        Authority *authority = authority_open(certificate, key, &error);
        if (!authority)
                abort();
        return authority;
}

static void try_request(const Authority *authority, const char *pem) {
        static const CertificateSpec spec = { .common_name = "a",
                                              .use = CERTIFICATE_CLIENT,
                                              .valid_seconds = 60 };
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(error_free) Error *refusal = NULL;
        CLEANUP(free) char *certificate = NULL;

        if (!authority_sign(authority, pem, &spec, &certificate, &error))
                assert(error);
        else if (!certificate_verify(
                         certificate, authority_certificate(authority), CERTIFICATE_CLIENT, &refusal))
                abort();
}

static void try_certificate(const Authority *authority, const char *pem, const uint8_t *data, size_t size) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(error_free) Error *refusal = NULL;
        CLEANUP(error_free) Error *forgery = NULL;
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };

        (void) certificate_read(pem, &facts, &error);
        if (certificate_verify(pem, authority_certificate(authority), CERTIFICATE_CLIENT, &refusal))
                abort(); /* nobody but the authority can make one */
        (void) certificate_verify_signature(pem, "text", 4, data, size, &forgery);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static Authority *authority;
        CLEANUP(free) char *pem = xmemdup(data, size);

        if (!authority)
                authority = make_authority();
        try_request(authority, pem);
        try_certificate(authority, pem, data, size);
        return 0;
}

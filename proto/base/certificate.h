/* Keys (ECDSA P-256) and X.509 certificates of the agent link: a small authority that signs requests, and
 * what both ends need to make, read and check them. Everything travels as PEM. Thread-safe: an Authority is
 * read-only after it is made. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A new private key, PEM. */
char *private_key_new(Error **err);

/* PKCS#10 for the key, with subject CN=common_name. */
char *certificate_request_new(const char *key_pem, const char *common_name, Error **err);

typedef struct Authority Authority;
/* A self-signed certificate authority, valid for years. */
bool authority_create(
        const char *name, int years, char **ret_certificate_pem, char **ret_key_pem, Error **err);
Authority *authority_open(const char *certificate_pem, const char *key_pem, Error **err);
const char *authority_certificate(const Authority *authority);
void authority_free(Authority *authority);
CLEANUP_DEFINE(Authority, authority_free);

typedef enum CertificateUse { CERTIFICATE_SERVER, CERTIFICATE_CLIENT } CertificateUse;
typedef struct CertificateSpec {
        const char *common_name; /* replaces whatever name the request asks for */
        const char *dns_name;    /* subjectAltName; NULL: none */
        CertificateUse use;
        int64_t valid_seconds; /* from 5 minutes ago, so that clocks may differ */
} CertificateSpec;
/* Checks the request's own signature and key type, then signs. */
bool authority_sign(
        const Authority *authority, const char *request_pem, const CertificateSpec *spec,
        char **ret_certificate_pem, Error **err);

typedef struct CertificateFacts {
        char *common_name;
        char *fingerprint; /* SHA-256 of the DER, hex */
        int64_t not_before_us, not_after_us;
} CertificateFacts;
bool certificate_read(const char *certificate_pem, CertificateFacts *ret, Error **err);
void certificate_facts_clear(CertificateFacts *facts);
static inline void certificate_facts_clearp(CertificateFacts *facts) {
        certificate_facts_clear(facts);
}

/* Signed by the authority, for this use, valid now. */
bool certificate_verify(
        const char *certificate_pem, const char *authority_pem, CertificateUse use, Error **err);

/* ECDSA over SHA-256 with the certificate's key, for the proof of possession in a hello. DER signature, at
 * most 80 bytes. */
bool private_key_sign(
        const char *key_pem, const void *bytes, size_t length, uint8_t **ret, size_t *ret_length,
        Error **err);
bool certificate_verify_signature(
        const char *certificate_pem, const void *bytes, size_t length, const uint8_t *signature,
        size_t signature_length, Error **err);

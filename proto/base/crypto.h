/* Hashes, random numbers, signatures, passwords: the project's use of OpenSSL, as far as no connection or
 * certificate is involved (those: certificate.h and wire/tls_engine.c). Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
        SHA1_BYTES = 20,
        SHA256_BYTES = 32,
        SHA256_HEX = 64,
        ED25519_KEY_BYTES = 32,
        ED25519_SIGNATURE_BYTES = 64
};

/* Before anything else of it: the machine's openssl.cnf, which may name modules to load, is not read. */
void crypto_ignore_machine(void);

void crypto_sha256(const void *bytes, size_t length, uint8_t ret[SHA256_BYTES]);
char *crypto_sha256_hex(const void *bytes, size_t length);
char *crypto_sha1_hex(const void *bytes, size_t length); /* for etags only */
void crypto_hmac_sha256(
        const void *key, size_t key_length, const void *bytes, size_t length, uint8_t ret[SHA256_BYTES]);
/* For what others still sign with it. */
void crypto_hmac_sha1(
        const void *key, size_t key_length, const void *bytes, size_t length, uint8_t ret[SHA1_BYTES]);

typedef struct Sha256 Sha256;
Sha256 *sha256_new(void);
void sha256_update(Sha256 *hash, const void *bytes, size_t length);
void sha256_finish(Sha256 *hash, uint8_t ret[SHA256_BYTES]); /* once */
void sha256_free(Sha256 *hash);
CLEANUP_DEFINE(Sha256, sha256_free);

void crypto_random(void *ret, size_t length);
char *crypto_random_hex(size_t bytes);
/* 24 lowercase hex digits: 4 bytes of time, 8 random: the ids of the REST contract. */
char *crypto_new_id(void);

bool crypto_equal(const void *a, const void *b, size_t length); /* constant time */
void crypto_wipe(void *bytes, size_t length);

char *hex_encode(const void *bytes, size_t length);
bool hex_decode(
        const char *hex, uint8_t *ret, size_t length); /* exactly 2 * length digits, lower or upper case */
char *base64_encode(const void *bytes, size_t length);
/* Strict: alphabet, padding, no blanks. ret is NUL-terminated after ret_length bytes. */
bool base64_decode(const char *text, char **ret, size_t *ret_length, Error **err);

/* Ed25519. A SigningKey holds the private half. */
typedef struct SigningKey SigningKey;
SigningKey *signing_key_new(void);
/* PEM (PKCS#8), as in the data folder. */
SigningKey *signing_key_from_pem(const char *pem, Error **err);
char *signing_key_to_pem(const SigningKey *key);
/* PEM, for `openssl pkeyutl -verify -pubin`. */
char *signing_key_public_pem(const SigningKey *key);
void signing_key_public(const SigningKey *key, uint8_t ret[ED25519_KEY_BYTES]);
void signing_key_sign(
        const SigningKey *key, const void *bytes, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]);
void signing_key_free(SigningKey *key);
CLEANUP_DEFINE(SigningKey, signing_key_free);
bool signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *bytes, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]);

/* scrypt (N=2^14, r=8, p=1), salted, self-describing: "scrypt$14$8$1$<salt>$<hash>". */
char *password_hash(const char *password);
bool password_matches(const char *password, const char *hash);

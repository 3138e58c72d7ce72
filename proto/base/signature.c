/* The Ed25519 keys and the password hashes of crypto.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

enum { PEM_MAX_BYTES = 64 << 10 };
enum { SALT_BYTES = 16, HASH_BYTES = 32 };
/* What a stored hash may ask of us at most: 128 MiB. */
enum { SCRYPT_LOG_N_MAX = 17, SCRYPT_R_MAX = 8, SCRYPT_P_MAX = 4 };

struct SigningKey {
        EVP_PKEY *key;
};

static void bio_freep(BIO **bio) {
        BIO_free_all(*bio);
}
static void context_freep(EVP_MD_CTX **context) {
        EVP_MD_CTX_free(*context);
}
static void key_freep(EVP_PKEY **key) {
        EVP_PKEY_free(*key);
}

static void must(bool result) {
        if (!result)
                abort();
}

SigningKey *signing_key_new(void) {
        SigningKey *key = xcalloc(1, sizeof(*key));

        key->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        must(key->key);
        return key;
}

/* Without this, an encrypted key would ask for its password on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context) {
        (void) buffer, (void) size, (void) writing, (void) context;
        return -1;
}

SigningKey *signing_key_from_pem(const char *pem, Error **err) {
        size_t length = strlen(pem);

        if (length > PEM_MAX_BYTES) {
                error_set(err, ERROR_INVALID, "the signing key is longer than %d bytes", PEM_MAX_BYTES);
                return NULL;
        }

        CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(pem, (int) length);
        must(bio);
        EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        ERR_clear_error();
        if (!key || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
                EVP_PKEY_free(key);
                error_set(err, ERROR_INVALID, "the signing key is not an Ed25519 private key in PEM");
                return NULL;
        }

        SigningKey *signing_key = xcalloc(1, sizeof(*signing_key));
        signing_key->key = key;
        return signing_key;
}

char *signing_key_to_pem(const SigningKey *key) {
        CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
        char *data;

        must(bio && PEM_write_bio_PKCS8PrivateKey(bio, key->key, NULL, NULL, 0, NULL, NULL) == 1);
        long length = BIO_get_mem_data(bio, &data);
        return xstrndup(data, (size_t) length);
}

char *signing_key_public_pem(const SigningKey *key) {
        CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
        char *data;

        must(bio && PEM_write_bio_PUBKEY(bio, key->key) == 1);
        long length = BIO_get_mem_data(bio, &data);
        return xstrndup(data, (size_t) length);
}

void signing_key_public(const SigningKey *key, uint8_t ret[ED25519_KEY_BYTES]) {
        size_t length = ED25519_KEY_BYTES;

        must(EVP_PKEY_get_raw_public_key(key->key, ret, &length) == 1 && length == ED25519_KEY_BYTES);
}

void signing_key_sign(
        const SigningKey *key, const void *bytes, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]) {
        CLEANUP(context_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
        size_t signature_length = ED25519_SIGNATURE_BYTES;

        must(context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) == 1);
        must(EVP_DigestSign(context, ret, &signature_length, length ? bytes : (const void *) "", length) ==
             1);
}

void signing_key_free(SigningKey *key) {
        if (!key)
                return;
        EVP_PKEY_free(key->key);
        free(key);
}

bool signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *bytes, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]) {
        CLEANUP(key_free)
        EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, ED25519_KEY_BYTES);
        CLEANUP(context_free) EVP_MD_CTX *context = EVP_MD_CTX_new();

        bool valid = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestVerify(
                             context, signature, ED25519_SIGNATURE_BYTES, length ? bytes : (const void *) "",
                             length) == 1;
        ERR_clear_error();
        return valid;
}

static bool scrypt(
        const char *password, const uint8_t salt[SALT_BYTES], uint64_t log_n, uint64_t r, uint64_t p,
        uint8_t ret[HASH_BYTES]) {
        /* 128 * N * r bytes, and room for the blocks. */
        uint64_t memory = (UINT64_C(128) << log_n) * r + (UINT64_C(1) << 20);

        return EVP_PBE_scrypt(
                       password, strlen(password), salt, SALT_BYTES, UINT64_C(1) << log_n, r, p, memory, ret,
                       HASH_BYTES) == 1;
}

char *password_hash(const char *password) {
        uint8_t salt[SALT_BYTES], hash[HASH_BYTES];

        crypto_random(salt, sizeof(salt));
        must(scrypt(password, salt, 14, 8, 1, hash));
        CLEANUP(free) char *salt_hex = hex_encode(salt, sizeof(salt));
        CLEANUP(free) char *hash_hex = hex_encode(hash, sizeof(hash));
        return xasprintf("scrypt$14$8$1$%s$%s", salt_hex, hash_hex);
}

static bool read_number(const char *word, uint64_t max, uint64_t *ret) {
        CLEANUP(error_free) Error *error = NULL;

        return text_parse_uint(word, 1, max, ret, &error);
}

bool password_matches(const char *password, const char *hash) {
        CLEANUP(string_list_clear) StringList parts = { 0 };
        uint8_t salt[SALT_BYTES], expected[HASH_BYTES], actual[HASH_BYTES];
        uint64_t log_n, r, p;

        text_split(hash, '$', &parts);
        if (parts.count != 6 || strcmp(parts.items[0], "scrypt") != 0 ||
            !read_number(parts.items[1], SCRYPT_LOG_N_MAX, &log_n) ||
            !read_number(parts.items[2], SCRYPT_R_MAX, &r) ||
            !read_number(parts.items[3], SCRYPT_P_MAX, &p) ||
            !hex_decode(parts.items[4], salt, sizeof(salt)) ||
            !hex_decode(parts.items[5], expected, sizeof(expected)))
                return false;
        return scrypt(password, salt, log_n, r, p, actual) &&
               crypto_equal(actual, expected, sizeof(expected));
}

#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "base/memory.h"

struct Sha256 {
        EVP_MD_CTX *context;
};

/* With fixed algorithms and valid sizes OpenSSL fails only when memory or the library itself is broken. */
static void must(int result) {
        if (result != 1)
                abort();
}

void crypto_ignore_machine(void) {
        must(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL));
}

void crypto_sha256(const void *bytes, size_t length, uint8_t ret[SHA256_BYTES]) {
        must(EVP_Digest(bytes, length, ret, NULL, EVP_sha256(), NULL));
}

char *crypto_sha256_hex(const void *bytes, size_t length) {
        uint8_t hash[SHA256_BYTES];

        crypto_sha256(bytes, length, hash);
        return hex_encode(hash, sizeof(hash));
}

char *crypto_sha1_hex(const void *bytes, size_t length) {
        uint8_t hash[20];

        must(EVP_Digest(bytes, length, hash, NULL, EVP_sha1(), NULL));
        return hex_encode(hash, sizeof(hash));
}

/* NOLINTNEXTLINE(readability-function-size): OpenSSL's own signature */
static void hmac(
        const EVP_MD *hash, const void *key, size_t key_length, const void *bytes, size_t length,
        uint8_t *ret) {
        unsigned ret_length = (unsigned) EVP_MD_get_size(hash);

        if (key_length > INT32_MAX)
                abort();
        /* A NULL key would mean "the last one". */
        if (!HMAC(hash, key_length ? key : "", (int) key_length, bytes, length, ret, &ret_length))
                abort();
}

void crypto_hmac_sha256(
        const void *key, size_t key_length, const void *bytes, size_t length, uint8_t ret[SHA256_BYTES]) {
        hmac(EVP_sha256(), key, key_length, bytes, length, ret);
}

void crypto_hmac_sha1(
        const void *key, size_t key_length, const void *bytes, size_t length, uint8_t ret[SHA1_BYTES]) {
        hmac(EVP_sha1(), key, key_length, bytes, length, ret);
}

Sha256 *sha256_new(void) {
        Sha256 *hash = xcalloc(1, sizeof(*hash));

        hash->context = EVP_MD_CTX_new();
        if (!hash->context)
                abort();
        must(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL));
        return hash;
}

void sha256_update(Sha256 *hash, const void *bytes, size_t length) {
        must(EVP_DigestUpdate(hash->context, bytes, length));
}

void sha256_finish(Sha256 *hash, uint8_t ret[SHA256_BYTES]) {
        must(EVP_DigestFinal_ex(hash->context, ret, NULL));
}

void sha256_free(Sha256 *hash) {
        if (!hash)
                return;
        EVP_MD_CTX_free(hash->context);
        free(hash);
}

void crypto_random(void *ret, size_t length) {
        if (length > INT32_MAX)
                abort();
        must(RAND_bytes(ret, (int) length));
}

char *crypto_random_hex(size_t bytes) {
        uint8_t *random = xcalloc(bytes, 1);

        crypto_random(random, bytes);
        char *hex = hex_encode(random, bytes);
        crypto_wipe(random, bytes);
        free(random);
        return hex;
}

char *crypto_new_id(void) {
        uint8_t id[12];
        uint32_t seconds = (uint32_t) (clock_now_us() / 1000000);

        for (int i = 0; i < 4; i++)
                id[i] = (uint8_t) (seconds >> (24 - 8 * i));
        crypto_random(id + 4, 8);
        return hex_encode(id, sizeof(id));
}

bool crypto_equal(const void *a, const void *b, size_t length) {
        return CRYPTO_memcmp(a, b, length) == 0;
}

void crypto_wipe(void *bytes, size_t length) {
        OPENSSL_cleanse(bytes, length);
}

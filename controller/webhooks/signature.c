#include "webhooks/signature.h"

#include <string.h>

#include "base/crypto.h"
#include "base/text.h"

static bool is_sha256(const char *hex, const char *secret, const char *body, size_t length) {
        uint8_t given[SHA256_BYTES], expected[SHA256_BYTES];

        crypto_hmac_sha256(secret, strlen(secret), body, length, expected);
        return hex_decode(hex, given, sizeof(given)) && crypto_equal(given, expected, sizeof(given));
}

static bool is_sha1(const char *hex, const char *secret, const char *body, size_t length) {
        uint8_t given[SHA1_BYTES], expected[SHA1_BYTES];

        crypto_hmac_sha1(secret, strlen(secret), body, length, expected);
        return hex_decode(hex, given, sizeof(given)) && crypto_equal(given, expected, sizeof(given));
}

bool signature_is_hmac_of(const char *header, const char *secret, const char *body, size_t length) {
        if (!header)
                return false;
        if (text_starts_with(header, "sha256="))
                return is_sha256(header + strlen("sha256="), secret, body, length);
        return text_starts_with(header, "sha1=") && is_sha1(header + strlen("sha1="), secret, body, length);
}

/* Hashes are compared, so that not even the secret's length shows in the time. */
bool signature_is_token(const char *token, const char *secret) {
        uint8_t given[SHA256_BYTES], expected[SHA256_BYTES];

        if (!token)
                return false;
        crypto_sha256(token, strlen(token), given);
        crypto_sha256(secret, strlen(secret), expected);
        return crypto_equal(given, expected, sizeof(given));
}

#include "package/signing.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MANIFEST_PREFIX "ghost-manifest-1"
#define ORDER_PREFIX "ghost-order-1"

static void sign(
        const SigningKey *key, const char *prefix, const void *bytes, size_t length,
        uint8_t ret[ED25519_SIGNATURE_BYTES]) {
        CLEANUP(text_clear) Text message = { 0 };

        text_append(&message, prefix);
        text_append_bytes(&message, bytes, length);
        signing_key_sign(key, message.data, message.length, ret);
}

static bool valid(
        const uint8_t *public_key, const char *prefix, const void *bytes, size_t length,
        const uint8_t *signature) {
        CLEANUP(text_clear) Text message = { 0 };

        text_append(&message, prefix);
        text_append_bytes(&message, bytes, length);
        return signature_valid(public_key, message.data, message.length, signature);
}

void manifest_sign(
        const SigningKey *key, const void *manifest, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]) {
        sign(key, MANIFEST_PREFIX, manifest, length, ret);
}

bool manifest_signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *manifest, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]) {
        return valid(public_key, MANIFEST_PREFIX, manifest, length, signature);
}

void order_sign(
        const SigningKey *key, const void *order, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]) {
        sign(key, ORDER_PREFIX, order, length, ret);
}

bool order_signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *order, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]) {
        return valid(public_key, ORDER_PREFIX, order, length, signature);
}

/* Signatures of the release key: over a packed Manifest and over a packed Order, each with its own prefix, so
 * that one never passes for the other. Thread-safe. */
#pragma once

#include "base/crypto.h"

void manifest_sign(
        const SigningKey *key, const void *manifest, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]);
bool manifest_signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *manifest, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]);
void order_sign(
        const SigningKey *key, const void *order, size_t length, uint8_t ret[ED25519_SIGNATURE_BYTES]);
bool order_signature_valid(
        const uint8_t public_key[ED25519_KEY_BYTES], const void *order, size_t length,
        const uint8_t signature[ED25519_SIGNATURE_BYTES]);

/* Signed documents as EC2 hands them to instances: PKCS#7 SignedData with the content inside, one RSA signer,
 * no certificate. The verifier knows the signer's certificate beforehand; one that comes with the document is
 * never believed. */
#pragma once

#include <stddef.h>

#include "base/error.h"

enum { SIGNED_DOCUMENT_MAX_BYTES = 16 * 1024 };

/* base64: with line breaks or without, no armour. certificate_pem: the only signer accepted; whether it has
 * expired is not looked at, for it is a pin. *ret is the content, NUL-terminated; set only when all of it is
 * signed. Caller frees. INVALID: it is no such document. FORBIDDEN: somebody else signed it, or it was
 * changed. */
bool signed_document_open(
        const char *base64, size_t length, const char *certificate_pem, char **ret, size_t *ret_length,
        Error **err);

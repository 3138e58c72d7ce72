/* The ways a provider shows that it knows a webhook's secret. All compare in constant time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* "sha256=<hex>" or "sha1=<hex>": the HMAC of the body. header may be NULL. */
bool signature_is_hmac_of(const char *header, const char *secret, const char *body, size_t length);

/* The secret itself. token may be NULL. */
bool signature_is_token(const char *token, const char *secret);

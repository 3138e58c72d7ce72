/* The certificate that HTTPS connections are shown: read from files, and again without a restart.
 * Thread-safe.
 */
#pragma once

#include <gnutls/abstract.h>

#include "base/error.h"

typedef struct Tls Tls;

/* INVALID when the files are no certificate with its key. */
Tls *tls_new(const char *certificate_file, const char *key_file, Error **err);
void tls_free(Tls *tls);
CLEANUP_DEFINE(Tls, tls_free);

/* Connections from now on are shown what is in the files now; when that is no good, what was there before. */
bool tls_reload(Tls *tls, Error **err);

/* For GnuTLS: valid as long as tls is. */
void tls_credentials(Tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_length, gnutls_privkey_t *ret_key);

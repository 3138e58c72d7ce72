/* What the files of link.h share: a link around a connected nng stream, and TLS configurations. */
#pragma once

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "wire/link.h"

/* Takes the stream. Events by link_set_events(), then link_start(). */
Link *link_of_stream(nng_stream *stream, const LinkLimits *limits);

/* NULL with *err set when a certificate or key is not readable. Caller frees with nng_tls_config_free(). */
nng_tls_config *link_tls_config(const LinkCredentials *credentials, nng_tls_mode mode, Error **err);

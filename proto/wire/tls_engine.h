/* OpenSSL as nng's TLS engine, instead of the mbedTLS that Debian builds in: a seventh of the CPU per
 * handshake, TLS 1.3, and one TLS stack in the process. */
#pragma once

/* To be called before the first TLS object of nng is made; again is harmless. Thread-safe. */
void tls_engine_register(void);

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "base/memory.h"
#include "wire/link_stream.h"
#include "wire/tls_engine.h"

static bool configure(
        nng_tls_config *config, const LinkCredentials *credentials, nng_tls_mode mode, Error **err) {
        bool server = mode == NNG_TLS_MODE_SERVER;

        if (nng_tls_config_ca_chain(config, credentials->authority, NULL) != 0)
                return error_set(err, ERROR_INVALID, "TLS: the authority's certificate is not readable");
        if (nng_tls_config_auth_mode(
                    config, server ? NNG_TLS_AUTH_MODE_OPTIONAL : NNG_TLS_AUTH_MODE_REQUIRED) != 0)
                return error_set(err, ERROR_INTERNAL, "TLS: the verification cannot be set");
        if (credentials->certificate &&
            nng_tls_config_own_cert(config, credentials->certificate, credentials->key, NULL) != 0)
                return error_set(err, ERROR_INVALID, "TLS: certificate and key are not readable or no pair");
        if (!server && nng_tls_config_server_name(config, credentials->peer_name) != 0)
                return error_set(err, ERROR_INTERNAL, "TLS: the server's name cannot be set");
        return true;
}

nng_tls_config *link_tls_config(const LinkCredentials *credentials, nng_tls_mode mode, Error **err) {
        nng_tls_config *config = NULL;

        tls_engine_register();
        if (nng_tls_config_alloc(&config, mode) != 0) {
                (void) error_set(err, ERROR_INTERNAL, "TLS: no memory");
                return NULL;
        }
        if (!configure(config, credentials, mode, err)) {
                nng_tls_config_free(config);
                return NULL;
        }
        return config;
}

static ErrorKind kind_of(int result) {
        return result == NNG_ETIMEDOUT ? ERROR_TIMEOUT : ERROR_UNAVAILABLE;
}

static const char *why(int result) {
        return result == NNG_EAGAIN || result == NNG_EADDRINVAL ? "its name cannot be looked up"
                                                                : nng_strerror(result);
}

static bool dial(nng_stream_dialer *dialer, int timeout_ms, nng_stream **ret, Error **err) {
        nng_aio *aio = NULL;

        if (nng_aio_alloc(&aio, NULL, NULL) != 0)
                return error_set(err, ERROR_INTERNAL, "no memory");
        nng_aio_set_timeout(aio, timeout_ms);
        nng_stream_dialer_dial(dialer, aio);
        nng_aio_wait(aio);

        int result = nng_aio_result(aio);
        if (result == 0)
                *ret = nng_aio_get_output(aio, 0);
        nng_aio_free(aio);
        return result == 0 || error_set(err, kind_of(result), "%s", why(result));
}

Link *link_dial(
        const char *address, const LinkCredentials *credentials, const LinkLimits *limits,
        const LinkEvents *events, int timeout_ms, Error **err) {
        CLEANUP(free) char *url = xasprintf("tls+tcp://%s", address);
        nng_tls_config *config = link_tls_config(credentials, NNG_TLS_MODE_CLIENT, err);
        nng_stream_dialer *dialer = NULL;
        nng_stream *stream = NULL;
        Link *link = NULL;

        if (!config)
                return NULL;
        if (nng_stream_dialer_alloc(&dialer, url) != 0) {
                (void) error_set(err, ERROR_INVALID, "'%s' is not host:port", address);
        } else if (nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config) != 0) {
                (void) error_set(err, ERROR_INTERNAL, "TLS cannot be set");
        } else if (dial(dialer, timeout_ms, &stream, err)) {
                link = link_of_stream(stream, limits);
                link_set_events(link, events);
        } else {
                (void) error_prefix(err, "%s", address);
        }
        if (dialer)
                nng_stream_dialer_free(dialer);
        nng_tls_config_free(config);
        return link;
}

#include "wire/tls_engine.h"

#include <nng/nng.h>
#include <nng/supplemental/tls/engine.h>
#include <nng/supplemental/tls/tls.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct nng_tls_engine_config {
        SSL_CTX *context;
        char *server_name;
        bool server;
};

struct nng_tls_engine_conn {
        void *transport; /* nng's handle for engine_send and engine_recv */
        SSL *ssl;
};

/* ---- the transport below OpenSSL: nng's own buffers
 * -------------------------------------------------------- */

static int bio_write(BIO *bio, const char *bytes, int length) {
        size_t count = (size_t) length;
        int result = nng_tls_engine_send(BIO_get_data(bio), (const uint8_t *) bytes, &count);

        BIO_clear_retry_flags(bio);
        if (result == 0)
                return (int) count;
        if (result == NNG_EAGAIN)
                BIO_set_retry_write(bio);
        return -1;
}

static int bio_read(BIO *bio, char *bytes, int length) {
        size_t count = (size_t) length;
        int result = nng_tls_engine_recv(BIO_get_data(bio), (uint8_t *) bytes, &count);

        BIO_clear_retry_flags(bio);
        if (result == 0)
                return (int) count;
        if (result == NNG_EAGAIN)
                BIO_set_retry_read(bio);
        return -1;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
        (void) bio;
        (void) number;
        (void) pointer;
        return command == BIO_CTRL_FLUSH;
}

static pthread_once_t bio_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *bio_method;

static void make_bio_method(void) {
        bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "nng");
        if (!bio_method)
                abort();
        (void) BIO_meth_set_write(bio_method, bio_write);
        (void) BIO_meth_set_read(bio_method, bio_read);
        (void) BIO_meth_set_ctrl(bio_method, bio_control);
}

/* ---- a connection
 * ---------------------------------------------------------------------------------------------- */

static void conn_fini(nng_tls_engine_conn *conn) {
        SSL_free(conn->ssl);
        conn->ssl = NULL;
}

static bool set_peer_name(SSL *ssl, const char *name) {
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

static int conn_init(nng_tls_engine_conn *conn, void *transport, nng_tls_engine_config *config) {
        BIO *bio = BIO_new(bio_method);

        conn->transport = transport;
        conn->ssl = SSL_new(config->context);
        if (!bio || !conn->ssl) {
                BIO_free(bio);
                conn_fini(conn);
                return NNG_ENOMEM;
        }
        BIO_set_data(bio, transport);
        BIO_set_init(bio, 1);
        SSL_set_bio(conn->ssl, bio, bio);
        if (config->server) {
                SSL_set_accept_state(conn->ssl);
        } else {
                SSL_set_connect_state(conn->ssl);
                if (config->server_name && !set_peer_name(conn->ssl, config->server_name)) {
                        conn_fini(conn);
                        return NNG_ENOMEM;
                }
        }
        return 0;
}

static void conn_close(nng_tls_engine_conn *conn) {
        ERR_clear_error();
        if (SSL_is_init_finished(conn->ssl))
                (void) SSL_shutdown(conn->ssl);
        ERR_clear_error();
}

static int result_of(nng_tls_engine_conn *conn, int code) {
        switch (SSL_get_error(conn->ssl, code)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
                return NNG_EAGAIN;
        case SSL_ERROR_ZERO_RETURN:
        case SSL_ERROR_SYSCALL:
                return NNG_ECLOSED;
        default:
                return SSL_get_verify_result(conn->ssl) == X509_V_OK ? NNG_ECRYPTO : NNG_EPEERAUTH;
        }
}

static int conn_handshake(nng_tls_engine_conn *conn) {
        ERR_clear_error();

        int code = SSL_do_handshake(conn->ssl);
        return code == 1 ? 0 : result_of(conn, code);
}

static int conn_recv(nng_tls_engine_conn *conn, uint8_t *bytes, size_t *count) {
        ERR_clear_error();

        int code = SSL_read_ex(conn->ssl, bytes, *count, count);
        return code == 1 ? 0 : result_of(conn, code);
}

static int conn_send(nng_tls_engine_conn *conn, const uint8_t *bytes, size_t *count) {
        ERR_clear_error();

        int code = SSL_write_ex(conn->ssl, bytes, *count, count);
        return code == 1 ? 0 : result_of(conn, code);
}

static bool conn_verified(nng_tls_engine_conn *conn) {
        X509 *peer = SSL_get0_peer_certificate(conn->ssl);

        return peer && SSL_get_verify_result(conn->ssl) == X509_V_OK;
}

/* ---- a configuration
 * ------------------------------------------------------------------------------------------- */

static int config_init(nng_tls_engine_config *config, nng_tls_mode mode) {
        config->server = mode == NNG_TLS_MODE_SERVER;
        config->context = SSL_CTX_new(config->server ? TLS_server_method() : TLS_client_method());
        if (!config->context)
                return NNG_ENOMEM;
        SSL_CTX_set_min_proto_version(config->context, TLS1_2_VERSION);
        /* Without partial writes nng would have to repeat exactly the same buffer after EAGAIN. */
        SSL_CTX_set_mode(
                config->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                         SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_options(config->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
        /* A ticket would let a revoked agent skip the verification of its certificate. */
        SSL_CTX_set_num_tickets(config->context, 0);
        SSL_CTX_set_session_cache_mode(config->context, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_verify(config->context, config->server ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
        return 0;
}

static void config_fini(nng_tls_engine_config *config) {
        SSL_CTX_free(config->context);
        free(config->server_name);
}

static int config_server(nng_tls_engine_config *config, const char *name) {
        char *copy = strdup(name);

        if (!copy)
                return NNG_ENOMEM;
        free(config->server_name);
        config->server_name = copy;
        return 0;
}

static int config_auth(nng_tls_engine_config *config, nng_tls_auth_mode mode) {
        int verify = SSL_VERIFY_NONE;

        if (mode == NNG_TLS_AUTH_MODE_OPTIONAL)
                verify = SSL_VERIFY_PEER;
        else if (mode == NNG_TLS_AUTH_MODE_REQUIRED)
                verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        SSL_CTX_set_verify(config->context, verify, NULL);
        return 0;
}

static X509 *next_certificate(BIO *bio) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        ERR_clear_error();
        return certificate;
}

static int config_ca_chain(nng_tls_engine_config *config, const char *authorities, const char *revoked) {
        BIO *bio = BIO_new_mem_buf(authorities, -1);
        X509_STORE *store = SSL_CTX_get_cert_store(config->context);
        int count = 0;

        if (revoked) {
                BIO_free(bio);
                return NNG_ENOTSUP;
        }
        for (X509 *one = next_certificate(bio); one; one = next_certificate(bio)) {
                count += X509_STORE_add_cert(store, one);
                if (config->server)
                        (void) SSL_CTX_add_client_CA(config->context, one);
                X509_free(one);
        }
        BIO_free(bio);
        return count ? 0 : NNG_ECRYPTO;
}

static int use_certificates(nng_tls_engine_config *config, BIO *bio) {
        X509 *own = next_certificate(bio);
        int ok = own && SSL_CTX_use_certificate(config->context, own);

        X509_free(own);
        for (X509 *one = ok ? next_certificate(bio) : NULL; one; one = next_certificate(bio)) {
                if (!SSL_CTX_add1_chain_cert(config->context, one))
                        ok = 0;
                X509_free(one);
        }
        return ok;
}

static int config_own_cert(
        nng_tls_engine_config *config, const char *certificate, const char *key, const char *password) {
        BIO *certificates = BIO_new_mem_buf(certificate, -1);
        BIO *keys = BIO_new_mem_buf(key, -1);
        EVP_PKEY *pkey = PEM_read_bio_PrivateKey(keys, NULL, NULL, (void *) password);
        int ok = pkey && use_certificates(config, certificates) &&
                 SSL_CTX_use_PrivateKey(config->context, pkey) && SSL_CTX_check_private_key(config->context);

        EVP_PKEY_free(pkey);
        BIO_free(keys);
        BIO_free(certificates);
        ERR_clear_error();
        return ok ? 0 : NNG_ECRYPTO;
}

/* The range is ours to set: TLS 1.2 at least. */
static int config_version(nng_tls_engine_config *config, nng_tls_version lowest, nng_tls_version highest) {
        (void) config;
        return lowest > highest || highest < NNG_TLS_1_2 ? NNG_ENOTSUP : 0;
}

static nng_tls_engine_config_ops config_ops = {
        .size = sizeof(struct nng_tls_engine_config),
        .init = config_init,
        .fini = config_fini,
        .server = config_server,
        .auth = config_auth,
        .ca_chain = config_ca_chain,
        .own_cert = config_own_cert,
        .version = config_version,
};

static nng_tls_engine_conn_ops conn_ops = {
        .size = sizeof(struct nng_tls_engine_conn),
        .init = conn_init,
        .fini = conn_fini,
        .close = conn_close,
        .handshake = conn_handshake,
        .recv = conn_recv,
        .send = conn_send,
        .verified = conn_verified,
};

static const nng_tls_engine engine = {
        .version = NNG_TLS_ENGINE_VERSION,
        .config_ops = &config_ops,
        .conn_ops = &conn_ops,
        .name = "openssl",
        .description = "OpenSSL 3",
};

/* nng's threads go on until the process is gone: what OpenSSL would clean up at its exit a handshake may
 * still use. It has to be told before anything uses it. */
__attribute__((constructor)) static void keep_openssl_until_the_end(void) {
        (void) OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

static void do_register(void) {
        nng_aio *aio = NULL;

        make_bio_method();
        /* Makes nng initialise itself first: later it would put its built-in engine over ours. */
        if (nng_aio_alloc(&aio, NULL, NULL) != 0)
                abort();
        nng_aio_free(aio);
        if (nng_tls_engine_register(&engine) != 0)
                abort();
}

void tls_engine_register(void) {
        (void) pthread_once(&bio_once, do_register);
}

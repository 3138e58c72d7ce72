#include "http/tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"

enum { PEM_MAX_BYTES = 256 * 1024, CHAIN_MAX = 16 };

/* One reading of the files. Handshakes may be using it for as long as the server runs. */
typedef struct Reading {
        struct Reading *older;
        gnutls_pcert_st chain[CHAIN_MAX];
        unsigned length;
        gnutls_privkey_t key;
} Reading;

struct Tls {
        char *certificate_file, *key_file;
        pthread_mutex_t lock; /* guards newest */
        Reading *newest;
};

typedef struct Pem {
        char *certificate, *key;
        size_t certificate_length, key_length;
} Pem;

static void pem_clearp(Pem *pem) {
        free(pem->certificate);
        if (pem->key)
                crypto_wipe(pem->key, pem->key_length);
        free(pem->key);
}

static void reading_free(Reading *reading) {
        for (unsigned i = 0; i < reading->length; i++)
                gnutls_pcert_deinit(&reading->chain[i]);
        if (reading->key)
                gnutls_privkey_deinit(reading->key);
        free(reading);
}

static gnutls_datum_t datum_of(const char *bytes, size_t length) {
        return (gnutls_datum_t){ .data = (unsigned char *) bytes, .size = (unsigned) length };
}

/* That both are readable and belong together. */
static int check(const gnutls_datum_t *certificate, const gnutls_datum_t *key) {
        gnutls_certificate_credentials_t credentials;
        int code = gnutls_certificate_allocate_credentials(&credentials);

        if (code < 0)
                return code;
        code = gnutls_certificate_set_x509_key_mem(credentials, certificate, key, GNUTLS_X509_FMT_PEM);
        gnutls_certificate_free_credentials(credentials);
        return code;
}

static int import(Reading *reading, const gnutls_datum_t *certificate, const gnutls_datum_t *key) {
        unsigned length = CHAIN_MAX;
        int code = check(certificate, key);

        if (code >= 0)
                code = gnutls_pcert_list_import_x509_raw(
                        reading->chain, &length, certificate, GNUTLS_X509_FMT_PEM, 0);
        if (code >= 0)
                reading->length = length;
        if (code >= 0)
                code = gnutls_privkey_init(&reading->key);
        if (code >= 0)
                code = gnutls_privkey_import_x509_raw(reading->key, key, GNUTLS_X509_FMT_PEM, NULL, 0);
        return code;
}

bool tls_reload(Tls *tls, Error **err) {
        CLEANUP(pem_clear) Pem pem = { 0 };

        if (!file_read(
                    tls->certificate_file, PEM_MAX_BYTES, &pem.certificate, &pem.certificate_length, err) ||
            !file_read(tls->key_file, PEM_MAX_BYTES, &pem.key, &pem.key_length, err))
                return false;
        const gnutls_datum_t certificate = datum_of(pem.certificate, pem.certificate_length);
        const gnutls_datum_t key = datum_of(pem.key, pem.key_length);
        Reading *reading = xcalloc(1, sizeof(*reading));
        int code = import(reading, &certificate, &key);
        if (code < 0) {
                reading_free(reading);
                return error_set(
                        err, ERROR_INVALID, "%s and %s are no certificate with its key: %s",
                        tls->certificate_file, tls->key_file, gnutls_strerror(code));
        }
        pthread_mutex_lock(&tls->lock);
        reading->older = tls->newest;
        tls->newest = reading;
        pthread_mutex_unlock(&tls->lock);
        return true;
}

Tls *tls_new(const char *certificate_file, const char *key_file, Error **err) {
        CLEANUP(tls_free) Tls *tls = xcalloc(1, sizeof(*tls));

        tls->certificate_file = xstrdup(certificate_file);
        tls->key_file = xstrdup(key_file);
        pthread_mutex_init(&tls->lock, NULL);
        return tls_reload(tls, err) ? TAKE(tls) : NULL;
}

void tls_free(Tls *tls) {
        if (!tls)
                return;
        while (tls->newest) {
                Reading *reading = tls->newest;
                tls->newest = reading->older;
                reading_free(reading);
        }
        pthread_mutex_destroy(&tls->lock);
        free(tls->certificate_file);
        free(tls->key_file);
        free(tls);
}

void tls_credentials(Tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_length, gnutls_privkey_t *ret_key) {
        pthread_mutex_lock(&tls->lock);
        Reading *reading = tls->newest;
        pthread_mutex_unlock(&tls->lock);
        *ret_chain = reading->chain;
        *ret_length = reading->length;
        *ret_key = reading->key;
}

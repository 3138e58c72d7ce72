#include "base/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/crypto.h"
#include "base/memory.h"

enum { PEM_MAX_BYTES = 64 << 10, COMMON_NAME_MAX = 64, DNS_NAME_MAX = 253, BACKDATE_SECONDS = 300 };
enum { SIGNATURE_MAX_BYTES = 80 };

struct Authority {
        X509 *certificate;
        EVP_PKEY *key;
        char *certificate_pem;
};

static void bio_freep(BIO **bio) {
        BIO_free_all(*bio);
}
static void key_freep(EVP_PKEY **key) {
        EVP_PKEY_free(*key);
}
static void x509_freep(X509 **certificate) {
        X509_free(*certificate);
}
static void request_freep(X509_REQ **request) {
        X509_REQ_free(*request);
}
static void digest_freep(EVP_MD_CTX **context) {
        EVP_MD_CTX_free(*context);
}

/* "what: OpenSSL's reason". */
static bool fail(Error **err, ErrorKind kind, const char *what) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());

        error_set(err, kind, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
        ERR_clear_error();
        return false;
}

static BIO *open_pem(const char *pem, Error **err) {
        size_t length = strlen(pem);

        if (length > PEM_MAX_BYTES) {
                error_set(err, ERROR_INVALID, "the PEM text is longer than %d bytes", PEM_MAX_BYTES);
                return NULL;
        }
        BIO *bio = BIO_new_mem_buf(pem, (int) length);
        if (!bio)
                abort();
        return bio;
}

static char *take_pem(BIO *bio) {
        char *data;
        long length = BIO_get_mem_data(bio, &data);

        return xstrndup(data, (size_t) length);
}

/* Without this, an encrypted key would ask for its password on the terminal. */
static int no_password(char *buffer, int size, int writing, void *context) {
        (void) buffer, (void) size, (void) writing, (void) context;
        return -1;
}

static bool is_p256(const EVP_PKEY *key) {
        char group[32];
        size_t length;

        return EVP_PKEY_get_id(key) == EVP_PKEY_EC &&
               EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
               (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

static EVP_PKEY *read_key(const char *pem, Error **err) {
        CLEANUP(bio_free) BIO *bio = open_pem(pem, err);

        if (!bio)
                return NULL;
        EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        if (!key || !is_p256(key)) {
                EVP_PKEY_free(key);
                fail(err, ERROR_INVALID, "not a private key on the curve P-256 in PEM");
                return NULL;
        }
        return key;
}

static X509 *read_certificate(const char *pem, Error **err) {
        CLEANUP(bio_free) BIO *bio = open_pem(pem, err);

        if (!bio)
                return NULL;
        X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
        if (!certificate)
                fail(err, ERROR_INVALID, "not a certificate in PEM");
        return certificate;
}

static char *print_certificate(X509 *certificate) {
        CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());

        if (!bio || PEM_write_bio_X509(bio, certificate) != 1)
                abort();
        return take_pem(bio);
}

static char *print_key(EVP_PKEY *key) {
        CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());

        if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
                abort();
        return take_pem(bio);
}

char *private_key_new(Error **err) {
        CLEANUP(key_free) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

        if (!key) {
                fail(err, ERROR_INTERNAL, "make a private key");
                return NULL;
        }
        return print_key(key);
}

static bool set_common_name(X509_NAME *name, const char *common_name, Error **err) {
        if (!*common_name || strlen(common_name) > COMMON_NAME_MAX)
                return error_set(
                        err, ERROR_INVALID, "a certificate's name has 1 to %d bytes", COMMON_NAME_MAX);
        if (X509_NAME_add_entry_by_txt(
                    name, "CN", MBSTRING_UTF8, (const unsigned char *) common_name, -1, -1, 0) != 1)
                return fail(err, ERROR_INVALID, "put the name into the certificate");
        return true;
}

char *certificate_request_new(const char *key_pem, const char *common_name, Error **err) {
        CLEANUP(key_free) EVP_PKEY *key = read_key(key_pem, err);
        if (!key)
                return NULL;

        CLEANUP(request_free) X509_REQ *request = X509_REQ_new();
        if (!request)
                abort();
        if (!set_common_name(X509_REQ_get_subject_name(request), common_name, err))
                return NULL;
        if (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
            X509_REQ_set_pubkey(request, key) != 1 || X509_REQ_sign(request, key, EVP_sha256()) == 0) {
                fail(err, ERROR_INTERNAL, "make a certificate request");
                return NULL;
        }

        CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
        if (!bio || PEM_write_bio_X509_REQ(bio, request) != 1)
                abort();
        return take_pem(bio);
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
        X509V3_CTX context;

        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
        bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        return added;
}

static bool set_serial(X509 *certificate) {
        uint8_t serial[16];

        crypto_random(serial, sizeof(serial));
        serial[0] = (uint8_t) ((serial[0] & 0x7f) | 0x40); /* positive, never shorter */
        BIGNUM *number = BN_bin2bn(serial, sizeof(serial), NULL);
        bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
        BN_free(number);
        return set;
}

/* What every certificate gets; the caller adds extensions and signs. */
static X509 *start_certificate(
        const char *common_name, EVP_PKEY *public_key, int days, int64_t seconds, Error **err) {
        CLEANUP(x509_free) X509 *certificate = X509_new();

        if (!certificate)
                abort();
        if (!set_common_name(X509_get_subject_name(certificate), common_name, err))
                return NULL;
        if (X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
            !X509_gmtime_adj(X509_getm_notBefore(certificate), -(long) BACKDATE_SECONDS) ||
            !X509_time_adj_ex(X509_getm_notAfter(certificate), days, (long) seconds, NULL) ||
            X509_set_pubkey(certificate, public_key) != 1) {
                fail(err, ERROR_INTERNAL, "make a certificate");
                return NULL;
        }
        return TAKE(certificate);
}

bool authority_create(
        const char *name, int years, char **ret_certificate_pem, char **ret_key_pem, Error **err) {
        CLEANUP(key_free) EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        if (!key)
                return fail(err, ERROR_INTERNAL, "make a private key");

        CLEANUP(x509_free) X509 *certificate = start_certificate(name, key, years * 365, 0, err);
        if (!certificate)
                return false;
        if (X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) != 1 ||
            !add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
            !add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") ||
            !add_extension(certificate, certificate, NID_subject_key_identifier, "hash") ||
            X509_sign(certificate, key, EVP_sha256()) == 0)
                return fail(err, ERROR_INTERNAL, "make a certificate authority");

        *ret_certificate_pem = print_certificate(certificate);
        *ret_key_pem = print_key(key);
        return true;
}

Authority *authority_open(const char *certificate_pem, const char *key_pem, Error **err) {
        CLEANUP(authority_free) Authority *authority = xcalloc(1, sizeof(*authority));

        authority->certificate = read_certificate(certificate_pem, err);
        if (!authority->certificate)
                return NULL;
        authority->key = read_key(key_pem, err);
        if (!authority->key)
                return NULL;
        if (X509_check_ca(authority->certificate) != 1) {
                error_set(err, ERROR_INVALID, "the certificate is not one of an authority");
                return NULL;
        }
        if (X509_check_private_key(authority->certificate, authority->key) != 1) {
                fail(err, ERROR_INVALID, "the authority's key does not fit its certificate");
                return NULL;
        }
        authority->certificate_pem = print_certificate(authority->certificate);
        return TAKE(authority);
}

const char *authority_certificate(const Authority *authority) {
        return authority->certificate_pem;
}

void authority_free(Authority *authority) {
        if (!authority)
                return;
        X509_free(authority->certificate);
        EVP_PKEY_free(authority->key);
        free(authority->certificate_pem);
        free(authority);
}

static X509_REQ *read_request(const char *pem, Error **err) {
        CLEANUP(bio_free) BIO *bio = open_pem(pem, err);
        if (!bio)
                return NULL;

        CLEANUP(request_free) X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, no_password, NULL);
        if (!request) {
                fail(err, ERROR_INVALID, "not a certificate request in PEM");
                return NULL;
        }
        EVP_PKEY *key = X509_REQ_get0_pubkey(request);
        if (!key || !is_p256(key)) {
                fail(err, ERROR_INVALID, "the request's key is not on the curve P-256");
                return NULL;
        }
        if (X509_REQ_verify(request, key) != 1) {
                fail(err, ERROR_FORBIDDEN, "the request is not signed with its own key");
                return NULL;
        }
        return TAKE(request);
}

static bool is_dns_name(const char *name) {
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
        size_t length = strlen(name);

        return length > 0 && length <= DNS_NAME_MAX && strspn(name, allowed) == length;
}

static bool add_leaf_extensions(
        X509 *certificate, const Authority *authority, const CertificateSpec *spec, Error **err) {
        const char *use = spec->use == CERTIFICATE_SERVER ? "serverAuth" : "clientAuth";
        X509 *issuer = authority->certificate;

        if (!add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
            !add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") ||
            !add_extension(certificate, issuer, NID_ext_key_usage, use) ||
            !add_extension(certificate, issuer, NID_subject_key_identifier, "hash") ||
            !add_extension(certificate, issuer, NID_authority_key_identifier, "keyid"))
                return fail(err, ERROR_INTERNAL, "make a certificate");
        if (spec->dns_name) {
                /* Checked, because OpenSSL reads the value as a list. */
                if (!is_dns_name(spec->dns_name))
                        return error_set(err, ERROR_INVALID, "'%.253s' is not a DNS name", spec->dns_name);
                CLEANUP(free) char *value = xasprintf("DNS:%s", spec->dns_name);
                if (!add_extension(certificate, issuer, NID_subject_alt_name, value))
                        return fail(err, ERROR_INTERNAL, "make a certificate");
        }
        return true;
}

bool authority_sign(
        const Authority *authority, const char *request_pem, const CertificateSpec *spec,
        char **ret_certificate_pem, Error **err) {
        CLEANUP(request_free) X509_REQ *request = read_request(request_pem, err);
        if (!request)
                return false;

        CLEANUP(x509_free)
        X509 *certificate = start_certificate(
                spec->common_name, X509_REQ_get0_pubkey(request), 0, spec->valid_seconds, err);
        if (!certificate || !add_leaf_extensions(certificate, authority, spec, err))
                return false;
        if (X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate)) != 1 ||
            X509_sign(certificate, authority->key, EVP_sha256()) == 0)
                return fail(err, ERROR_INTERNAL, "sign a certificate");
        *ret_certificate_pem = print_certificate(certificate);
        return true;
}

static bool read_time(const ASN1_TIME *time, int64_t *ret_us, Error **err) {
        struct tm parts;

        if (ASN1_TIME_to_tm(time, &parts) != 1)
                return fail(err, ERROR_INVALID, "the certificate's validity cannot be read");
        *ret_us = (int64_t) timegm(&parts) * 1000000;
        return true;
}

static bool read_common_name(X509 *certificate, char **ret, Error **err) {
        X509_NAME *subject = X509_get_subject_name(certificate);
        int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
        unsigned char *text = NULL;

        if (position < 0)
                return error_set(err, ERROR_INVALID, "the certificate has no name");
        int length =
                ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position)));
        if (length < 0)
                return fail(err, ERROR_INVALID, "the certificate's name cannot be read");

        bool whole = strlen((char *) text) == (size_t) length; /* a NUL inside would hide the rest */
        if (whole)
                *ret = xstrdup((char *) text);
        OPENSSL_free(text);
        return whole || error_set(err, ERROR_INVALID, "the certificate's name cannot be read");
}

bool certificate_read(const char *certificate_pem, CertificateFacts *ret, Error **err) {
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(x509_free) X509 *certificate = read_certificate(certificate_pem, err);
        uint8_t digest[SHA256_BYTES];

        if (!certificate || !read_common_name(certificate, &facts.common_name, err) ||
            !read_time(X509_get0_notBefore(certificate), &facts.not_before_us, err) ||
            !read_time(X509_get0_notAfter(certificate), &facts.not_after_us, err))
                return false;
        if (X509_digest(certificate, EVP_sha256(), digest, NULL) != 1)
                return fail(err, ERROR_INTERNAL, "hash a certificate");
        facts.fingerprint = hex_encode(digest, sizeof(digest));
        *ret = facts;
        facts = (CertificateFacts){ 0 };
        return true;
}

void certificate_facts_clear(CertificateFacts *facts) {
        free(facts->common_name);
        free(facts->fingerprint);
        *facts = (CertificateFacts){ 0 };
}

static bool check_chain(X509_STORE_CTX *context, X509 *certificate, CertificateUse use, Error **err) {
        if (X509_check_ca(certificate) != 0)
                return error_set(err, ERROR_FORBIDDEN, "the certificate is one of an authority");
        if (X509_STORE_CTX_set_purpose(
                    context, use == CERTIFICATE_SERVER ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT) !=
            1)
                return fail(err, ERROR_INTERNAL, "check a certificate");
        if (X509_verify_cert(context) != 1) {
                int code = X509_STORE_CTX_get_error(context);

                ERR_clear_error();
                return error_set(
                        err, ERROR_FORBIDDEN, "the certificate is refused: %s",
                        X509_verify_cert_error_string(code));
        }
        return true;
}

bool certificate_verify(
        const char *certificate_pem, const char *authority_pem, CertificateUse use, Error **err) {
        CLEANUP(x509_free) X509 *certificate = read_certificate(certificate_pem, err);
        if (!certificate)
                return false;
        CLEANUP(x509_free) X509 *authority = read_certificate(authority_pem, err);
        if (!authority)
                return error_prefix(err, "authority");

        X509_STORE *store = X509_STORE_new();
        X509_STORE_CTX *context = X509_STORE_CTX_new();
        if (!store || !context || X509_STORE_add_cert(store, authority) != 1 ||
            X509_STORE_CTX_init(context, store, certificate, NULL) != 1)
                abort();
        bool valid = check_chain(context, certificate, use, err);
        X509_STORE_CTX_free(context);
        X509_STORE_free(store);
        return valid;
}

bool private_key_sign(
        const char *key_pem, const void *bytes, size_t length, uint8_t **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(key_free) EVP_PKEY *key = read_key(key_pem, err);
        if (!key)
                return false;

        CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
        CLEANUP(free) uint8_t *signature = xcalloc(SIGNATURE_MAX_BYTES, 1);
        size_t signature_length = SIGNATURE_MAX_BYTES;
        if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
            EVP_DigestSign(context, signature, &signature_length, bytes, length) != 1)
                return fail(err, ERROR_INTERNAL, "sign");
        *ret = TAKE(signature);
        *ret_length = signature_length;
        return true;
}

bool certificate_verify_signature(
        const char *certificate_pem, const void *bytes, size_t length, const uint8_t *signature,
        size_t signature_length, Error **err) {
        CLEANUP(x509_free) X509 *certificate = read_certificate(certificate_pem, err);
        if (!certificate)
                return false;

        EVP_PKEY *key = X509_get0_pubkey(certificate);
        CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool valid = key && is_p256(key) && context && signature_length <= SIGNATURE_MAX_BYTES &&
                     EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                     EVP_DigestVerify(context, signature, signature_length, bytes, length) == 1;
        ERR_clear_error();
        return valid || error_set(err, ERROR_FORBIDDEN, "the signature is not of the certificate's key");
}

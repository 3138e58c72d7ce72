#include "base/signed_document.h"

#include <ctype.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"

static inline void pkcs7_freep(PKCS7 **p7) {
        PKCS7_free(*p7);
}
static inline void x509_freep(X509 **certificate) {
        X509_free(*certificate);
}
static inline void bio_freep(BIO **bio) {
        BIO_free(*bio);
}
/* Only the borrowed certificate is in it. */
static inline void x509_stack_freep(STACK_OF(X509) * *stack) {
        sk_X509_free(*stack);
}

static char *without_blanks(const char *base64, size_t length) {
        char *text = xcalloc(length + 1, 1), *end = text;

        for (size_t i = 0; i < length; i++)
                if (!isspace((unsigned char) base64[i]))
                        *end++ = base64[i];
        return text;
}

/* NULL: it is none. */
static PKCS7 *decode(const char *base64, size_t length, Error **err) {
        CLEANUP(free) char *text = without_blanks(base64, length), *der = NULL;
        CLEANUP(pkcs7_free) PKCS7 *p7 = NULL;
        size_t der_length = 0;

        if (!base64_decode(text, &der, &der_length, err))
                return NULL;
        const unsigned char *at = (const unsigned char *) der;
        p7 = d2i_PKCS7(NULL, &at, (long) der_length);
        if (!p7) {
                error_set(err, ERROR_INVALID, "not a PKCS#7 message");
                return NULL;
        }
        if (at != (const unsigned char *) der + der_length) {
                error_set(err, ERROR_INVALID, "something follows the PKCS#7 message");
                return NULL;
        }
        return TAKE(p7);
}

/* One signer, his certificate not enclosed, the content enclosed: what AWS makes. Everything else has no
 * business here. */
static bool check_shape(PKCS7 *p7, Error **err) {
        if (!PKCS7_type_is_signed(p7) || !p7->d.sign)
                return error_set(err, ERROR_INVALID, "the PKCS#7 message is not signed data");
        if (PKCS7_get_detached(p7))
                return error_set(err, ERROR_INVALID, "the signature came without the document");
        if (sk_X509_num(p7->d.sign->cert) > 0)
                return error_set(err, ERROR_FORBIDDEN, "the document brings a certificate of its own");

        STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(p7);
        if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
                return error_set(err, ERROR_INVALID, "the document has not exactly one signer");
        const PKCS7_SIGNER_INFO *signer = sk_PKCS7_SIGNER_INFO_value(signers, 0);
        const ASN1_OBJECT *digest = NULL;
        X509_ALGOR_get0(&digest, NULL, NULL, signer->digest_alg);
        return OBJ_obj2nid(digest) == NID_sha256 ||
               error_set(err, ERROR_FORBIDDEN, "the document is not signed with SHA-256");
}

static bool read_pin(const char *pem, X509 **ret, Error **err) {
        CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(pem, -1);

        *ret = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
        return *ret || error_set(err, ERROR_INTERNAL, "the pinned certificate cannot be read");
}

/* NOINTERN: without it a certificate inside the message would do. NOVERIFY: the pin is trusted for itself. */
static bool verify(PKCS7 *p7, X509 *pin, BIO *content, Error **err) {
        CLEANUP(x509_stack_free) STACK_OF(X509) *signers = sk_X509_new_null();

        if (!signers || !sk_X509_push(signers, pin))
                return error_set(err, ERROR_INTERNAL, "no memory for a certificate");
        if (PKCS7_verify(p7, signers, NULL, NULL, content, PKCS7_NOINTERN | PKCS7_NOVERIFY | PKCS7_BINARY) ==
            1)
                return true;
        ERR_clear_error();
        return error_set(
                err, ERROR_FORBIDDEN, "the document is not signed by the certificate that is expected");
}

bool signed_document_open(
        const char *base64, size_t length, const char *certificate_pem, char **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(pkcs7_free) PKCS7 *p7 = NULL;
        CLEANUP(x509_free) X509 *pin = NULL;
        CLEANUP(bio_free) BIO *content = BIO_new(BIO_s_mem());
        char *bytes = NULL;

        if (length > SIGNED_DOCUMENT_MAX_BYTES)
                return error_set(err, ERROR_INVALID, "a signed document that long is refused");
        ERR_clear_error();
        p7 = content ? decode(base64, length, err) : NULL;
        if (!p7 || !check_shape(p7, err) || !read_pin(certificate_pem, &pin, err) ||
            !verify(p7, pin, content, err)) {
                ERR_clear_error();
                return false;
        }
        long content_length = BIO_get_mem_data(content, &bytes);
        *ret = xcalloc((size_t) content_length + 1, 1);
        if (content_length > 0)
                memcpy(*ret, bytes, (size_t) content_length);
        *ret_length = (size_t) content_length;
        return true;
}

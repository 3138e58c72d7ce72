/* What AWS signs is read; whatever else somebody makes is refused. */
#include "harness/ghost_test.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/signed_document.h"
#include "base/text.h"
#include "harness/shared_files.h"
#include "harness/text_assertions.h"

static const char document[] = "{\n  \"instanceId\" : \"i-0123456789abcdef0\"\n}";

typedef struct Signer {
        EVP_PKEY *key;
        X509 *certificate;
        char *pem;
} Signer;

static Signer signer_new(const char *name) {
        Signer signer = { .key = EVP_RSA_gen(2048), .certificate = X509_new() };
        X509_NAME *subject = X509_get_subject_name(signer.certificate);
        BIO *bio = BIO_new(BIO_s_mem());
        char *bytes = NULL;

        ASN1_INTEGER_set(X509_get_serialNumber(signer.certificate), 7);
        X509_gmtime_adj(
                X509_getm_notBefore(signer.certificate), -100000); /* and it has expired, as a pin may */
        X509_gmtime_adj(X509_getm_notAfter(signer.certificate), -1000);
        X509_set_pubkey(signer.certificate, signer.key);
        X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const unsigned char *) name, -1, -1, 0);
        X509_set_issuer_name(signer.certificate, subject);
        X509_sign(signer.certificate, signer.key, EVP_sha256());
        PEM_write_bio_X509(bio, signer.certificate);
        long length = BIO_get_mem_data(bio, &bytes);
        signer.pem = xstrndup(bytes, (size_t) length);
        BIO_free(bio);
        return signer;
}

static void signer_clearp(Signer *signer) {
        EVP_PKEY_free(signer->key);
        X509_free(signer->certificate);
        free(signer->pem);
}

/* second: NULL, or one who signs too. Caller frees the base64. */
static char *sign(const Signer *first, const Signer *second, unsigned flags, const EVP_MD *digest) {
        BIO *content = BIO_new_mem_buf(document, -1), *out = BIO_new(BIO_s_mem());
        char *bytes = NULL;
        CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, content, CMS_PARTIAL | CMS_BINARY | flags);

        CMS_add1_signer(cms, first->certificate, first->key, digest, flags);
        if (second)
                CMS_add1_signer(cms, second->certificate, second->key, digest, flags);
        assert_int_equal(CMS_final(cms, content, NULL, CMS_BINARY | flags), 1);
        i2d_CMS_bio(out, cms);
        long length = BIO_get_mem_data(out, &bytes);
        char *text = base64_encode(bytes, (size_t) length);
        CMS_ContentInfo_free(cms);
        BIO_free(content);
        BIO_free(out);
        return text;
}

static char *changed(const char *text, void (*change)(Text *der)) {
        CLEANUP(text_clear) Text der = { 0 };
        char *bytes = NULL;
        size_t length = 0;

        assert_ok(base64_decode(text, &bytes, &length, err));
        text_append_bytes(&der, bytes, length);
        free(bytes);
        change(&der);
        return base64_encode(der.data, der.length);
}

static void cut(Text *der) {
        der->length -= 5;
}
static void add_trailing(Text *der) {
        text_append_bytes(der, "\0\0", 2);
}
static void flip_content(Text *der) {
        char *at = memmem(der->data, der->length, "i-0123", 6);

        assert_non_null(at);
        at[2] = '1';
}

#define assert_refused(kind, message, text, signer)                                                          \
        do {                                                                                                 \
                char *opened = NULL;                                                                         \
                size_t opened_length = 0;                                                                    \
                assert_fails(                                                                                \
                        kind, message,                                                                       \
                        signed_document_open(                                                                \
                                text, strlen(text), (signer)->pem, &opened, &opened_length, err));           \
                assert_null(opened);                                                                         \
        } while (0)

static void what_the_pinned_signer_signed_is_read(void **state) {
        CLEANUP(signer_clear) Signer aws = signer_new("aws");
        CLEANUP(free) char *text = sign(&aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *content = NULL;
        CLEANUP(text_clear) Text lines = { 0 };
        size_t length = 0;

        (void) state;
        for (size_t i = 0; i < strlen(text); i += 76)
                text_appendf(&lines, "%.76s\n", text + i);
        assert_ok(signed_document_open(lines.data, lines.length, aws.pem, &content, &length, err));
        assert_string_equal(content, document);
        assert_int_equal(length, strlen(document));
}

static void a_stranger_is_not_believed(void **state) {
        CLEANUP(signer_clear) Signer aws = signer_new("aws");
        CLEANUP(signer_clear) Signer stranger = signer_new("stranger");
        CLEANUP(signer_clear) Signer namesake = signer_new("aws");
        CLEANUP(free) char *foreign = sign(&stranger, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *alike = sign(&namesake, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *enclosed = sign(&stranger, NULL, 0, EVP_sha256());
        CLEANUP(free) char *both = sign(&aws, &stranger, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *weak = sign(&aws, NULL, CMS_NOCERTS, EVP_sha1());

        (void) state;
        assert_refused(
                ERROR_FORBIDDEN, "the document is not signed by the certificate that is expected", foreign,
                &aws);
        assert_refused(
                ERROR_FORBIDDEN, "the document is not signed by the certificate that is expected", alike,
                &aws);
        assert_refused(ERROR_FORBIDDEN, "the document brings a certificate of its own", enclosed, &aws);
        assert_refused(ERROR_INVALID, "the document has not exactly one signer", both, &aws);
        assert_refused(ERROR_FORBIDDEN, "the document is not signed with SHA-256", weak, &aws);
}

static void a_damaged_document_is_refused(void **state) {
        CLEANUP(signer_clear) Signer aws = signer_new("aws");
        CLEANUP(free) char *text = sign(&aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *flipped = changed(text, flip_content);
        CLEANUP(free) char *truncated = changed(text, cut);
        CLEANUP(free) char *trailing = changed(text, add_trailing);
        CLEANUP(free) char *detached = sign(&aws, NULL, CMS_NOCERTS | CMS_DETACHED, EVP_sha256());
        CLEANUP(free) char *long_text = xcalloc(SIGNED_DOCUMENT_MAX_BYTES + 2, 1);

        (void) state;
        memset(long_text, 'A', SIGNED_DOCUMENT_MAX_BYTES + 1);
        assert_refused(
                ERROR_FORBIDDEN, "the document is not signed by the certificate that is expected", flipped,
                &aws);
        assert_refused(ERROR_INVALID, "not a PKCS#7 message", truncated, &aws);
        assert_refused(ERROR_INVALID, "something follows the PKCS#7 message", trailing, &aws);
        assert_refused(ERROR_INVALID, "the signature came without the document", detached, &aws);
        assert_refused(ERROR_INVALID, "not a PKCS#7 message", "AAAA", &aws);
        assert_refused(ERROR_INVALID, "a signed document that long is refused", long_text, &aws);
}

static void what_aws_really_signed_is_read(void **state) {
        static const char *const regions[] = { "us-west-1", "us-west-2" };

        (void) state;
        for (size_t i = 0; i < 2; i++) {
                CLEANUP(free) char *sample = xasprintf("vectors/aws/iid-samples/%s.rsa2048.b64", regions[i]);
                CLEANUP(free) char *pin = xasprintf("vectors/aws/iid-certs-rsa2048/%s.pem", regions[i]);
                CLEANUP(free)
                char *other = xasprintf("vectors/aws/iid-certs-rsa2048/%s.pem", regions[1 - i]);
                CLEANUP(free) char *text = shared_file_read(sample), *pem = shared_file_read(pin);
                CLEANUP(free) char *other_pem = shared_file_read(other), *content = NULL;
                size_t length = 0;

                if (!text || !pem || !other_pem)
                        skip();
                assert_ok(signed_document_open(text, strlen(text), pem, &content, &length, err));
                assert_has(content, regions[i]);
                const Signer wrong = { .pem = other_pem };
                assert_refused(
                        ERROR_FORBIDDEN, "the document is not signed by the certificate that is expected",
                        text, &wrong);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_the_pinned_signer_signed_is_read),
                cmocka_unit_test(a_stranger_is_not_believed),
                cmocka_unit_test(a_damaged_document_is_refused),
                cmocka_unit_test(what_aws_really_signed_is_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

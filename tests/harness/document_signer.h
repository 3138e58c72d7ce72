/* Signs documents as AWS does, and as nobody should. */
#pragma once

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "harness/ghost_test.h"

typedef struct Signer {
        EVP_PKEY *key;
        X509 *certificate;
        char *pem;
} Signer;

static inline Signer signer_new(const char *name) {
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

static inline void signer_clearp(Signer *signer) {
        EVP_PKEY_free(signer->key);
        X509_free(signer->certificate);
        free(signer->pem);
}

/* second: NULL, or one who signs too. Caller frees the base64. */
static inline char *sign_document(
        const char *document, const Signer *first, const Signer *second, unsigned flags,
        const EVP_MD *digest) {
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

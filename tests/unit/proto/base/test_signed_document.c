/* What AWS signs is read; whatever else somebody makes is refused. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/signed_document.h"
#include "base/text.h"
#include "harness/document_signer.h"
#include "harness/shared_files.h"
#include "harness/text_assertions.h"

static const char document[] = "{\n  \"instanceId\" : \"i-0123456789abcdef0\"\n}";

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
        CLEANUP(free) char *text = sign_document(document, &aws, NULL, CMS_NOCERTS, EVP_sha256());
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
        CLEANUP(free) char *foreign = sign_document(document, &stranger, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *alike = sign_document(document, &namesake, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *enclosed = sign_document(document, &stranger, NULL, 0, EVP_sha256());
        CLEANUP(free) char *both = sign_document(document, &aws, &stranger, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *weak = sign_document(document, &aws, NULL, CMS_NOCERTS, EVP_sha1());

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
        CLEANUP(free) char *text = sign_document(document, &aws, NULL, CMS_NOCERTS, EVP_sha256());
        CLEANUP(free) char *flipped = changed(text, flip_content);
        CLEANUP(free) char *truncated = changed(text, cut);
        CLEANUP(free) char *trailing = changed(text, add_trailing);
        CLEANUP(free)
        char *detached = sign_document(document, &aws, NULL, CMS_NOCERTS | CMS_DETACHED, EVP_sha256());
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

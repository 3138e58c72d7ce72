#include "harness/ghost_test.h"

#include <string.h>

#include "base/certificate.h"
#include "base/clock.h"
#include "base/memory.h"

static Authority *authority, *stranger;
static char *key_pem, *request_pem;

static Authority *make_authority(const char *name) {
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(free) char *key = NULL;
        Authority *made = NULL;

        assert_ok(authority_create(name, 10, &certificate, &key, err));
        assert_ok(made = authority_open(certificate, key, err));
        return made;
}

static char *sign(const Authority *by, CertificateUse use, int64_t valid_seconds) {
        CertificateSpec spec = {
                .common_name = "agent-1",
                .dns_name = use == CERTIFICATE_SERVER ? "ghost-controller" : NULL,
                .use = use,
                .valid_seconds = valid_seconds,
        };
        char *certificate = NULL;

        assert_ok(authority_sign(by, request_pem, &spec, &certificate, err));
        return certificate;
}

static int set_up(void **state) {
        (void) state;
        authority = make_authority("Ghost test authority");
        stranger = make_authority("Ghost test authority"); /* same name, another key */
        assert_ok(key_pem = private_key_new(err));
        assert_ok(request_pem = certificate_request_new(key_pem, "whatever it asks for", err));
        return 0;
}

static int tear_down(void **state) {
        (void) state;
        authority_free(authority);
        authority_free(stranger);
        free(key_pem);
        free(request_pem);
        return 0;
}

static void a_signed_certificate_is_good_for_its_use_only(void **state) {
        (void) state;
        CLEANUP(free) char *client = sign(authority, CERTIFICATE_CLIENT, 3600);
        CLEANUP(free) char *server = sign(authority, CERTIFICATE_SERVER, 3600);
        const char *ca = authority_certificate(authority);

        assert_ok(certificate_verify(client, ca, CERTIFICATE_CLIENT, err));
        assert_ok(certificate_verify(server, ca, CERTIFICATE_SERVER, err));
        /* OpenSSL 3.0 said "unsupported", later ones "unsuitable": our part of the sentence is the contract.
         */
        CLEANUP(error_free) Error *error = NULL;
        assert_false(certificate_verify(client, ca, CERTIFICATE_SERVER, &error));
        assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
        CLEANUP(error_free) Error *other = NULL;
        assert_false(certificate_verify(server, ca, CERTIFICATE_CLIENT, &other));
        assert_int_equal(error_kind(other), ERROR_FORBIDDEN);
}

static void an_expired_certificate_is_refused(void **state) {
        (void) state;
        CLEANUP(free) char *client = sign(authority, CERTIFICATE_CLIENT, -10);

        assert_fails(
                ERROR_FORBIDDEN, "the certificate is refused: certificate has expired",
                certificate_verify(client, authority_certificate(authority), CERTIFICATE_CLIENT, err));
}

static void another_authority_of_the_same_name_is_refused(void **state) {
        (void) state;
        CLEANUP(free) char *client = sign(stranger, CERTIFICATE_CLIENT, 3600);
        CLEANUP(error_free) Error *error = NULL;

        assert_false(
                certificate_verify(client, authority_certificate(authority), CERTIFICATE_CLIENT, &error));
        assert_int_equal(error_kind(error), ERROR_FORBIDDEN);
}

static void the_authority_itself_is_no_client(void **state) {
        (void) state;
        const char *ca = authority_certificate(authority);

        assert_fails(
                ERROR_FORBIDDEN, "the certificate is one of an authority",
                certificate_verify(ca, ca, CERTIFICATE_CLIENT, err));
}

static void the_certificate_says_what_the_authority_decided(void **state) {
        (void) state;
        CLEANUP(free) char *client = sign(authority, CERTIFICATE_CLIENT, 3600);
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        int64_t now = clock_now_us(), slack = INT64_C(30000000);

        assert_ok(certificate_read(client, &facts, err));
        assert_string_equal(facts.common_name, "agent-1");
        assert_int_equal(strlen(facts.fingerprint), 64);
        assert_in_range(
                facts.not_before_us, now - 300 * INT64_C(1000000) - slack,
                now - 300 * INT64_C(1000000) + slack);
        assert_in_range(
                facts.not_after_us, now + 3600 * INT64_C(1000000) - slack,
                now + 3600 * INT64_C(1000000) + slack);
}

static void a_signature_proves_the_key(void **state) {
        (void) state;
        CLEANUP(free) char *client = sign(authority, CERTIFICATE_CLIENT, 3600);
        CLEANUP(free) char *other_key = NULL;
        CLEANUP(free) uint8_t *signature = NULL;
        CLEANUP(free) uint8_t *forged = NULL;
        size_t length = 0, forged_length = 0;
        static const char refused[] = "the signature is not of the certificate's key";

        assert_ok(private_key_sign(key_pem, "nonce", 5, &signature, &length, err));
        assert_in_range(length, 60, 80);
        assert_ok(certificate_verify_signature(client, "nonce", 5, signature, length, err));
        assert_fails(
                ERROR_FORBIDDEN, refused,
                certificate_verify_signature(client, "noncf", 5, signature, length, err));
        assert_fails(
                ERROR_FORBIDDEN, refused,
                certificate_verify_signature(client, "nonce", 5, signature, length - 1, err));
        assert_ok(other_key = private_key_new(err));
        assert_ok(private_key_sign(other_key, "nonce", 5, &forged, &forged_length, err));
        assert_fails(
                ERROR_FORBIDDEN, refused,
                certificate_verify_signature(client, "nonce", 5, forged, forged_length, err));
}

static void bad_requests_are_refused(void **state) {
        (void) state;
        CertificateSpec spec = { .common_name = "a", .use = CERTIFICATE_CLIENT, .valid_seconds = 60 };
        CLEANUP(free) char *damaged = xstrdup(request_pem);
        CLEANUP(free) char *certificate = NULL;
        CLEANUP(error_free) Error *error = NULL;
        /* A character of the signature, well before the end. */
        char *place = strstr(damaged, "-----END") - 30;

        *place = *place == 'A' ? 'B' : 'A';
        assert_false(authority_sign(authority, damaged, &spec, &certificate, &error));
        CLEANUP(error_free) Error *garbage = NULL;
        assert_false(authority_sign(authority, "nothing", &spec, &certificate, &garbage));
        assert_int_equal(error_kind(garbage), ERROR_INVALID);

        spec.dns_name = "good,IP:1.2.3.4";
        assert_fails(
                ERROR_INVALID, "'good,IP:1.2.3.4' is not a DNS name",
                authority_sign(authority, request_pem, &spec, &certificate, err));
        spec.dns_name = NULL;
        spec.common_name = "";
        assert_fails(
                ERROR_INVALID, "a certificate's name has 1 to 64 bytes",
                authority_sign(authority, request_pem, &spec, &certificate, err));
        assert_null(certificate);
}

static void key_and_certificate_must_fit(void **state) {
        (void) state;
        assert_fails(
                ERROR_INVALID, "the authority's key does not fit its certificate: key values mismatch",
                authority_open(authority_certificate(authority), key_pem, err));
        CLEANUP(free) char *client = sign(authority, CERTIFICATE_CLIENT, 3600);
        assert_fails(
                ERROR_INVALID, "the certificate is not one of an authority",
                authority_open(client, key_pem, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_signed_certificate_is_good_for_its_use_only),
                cmocka_unit_test(an_expired_certificate_is_refused),
                cmocka_unit_test(another_authority_of_the_same_name_is_refused),
                cmocka_unit_test(the_authority_itself_is_no_client),
                cmocka_unit_test(the_certificate_says_what_the_authority_decided),
                cmocka_unit_test(a_signature_proves_the_key),
                cmocka_unit_test(bad_requests_are_refused),
                cmocka_unit_test(key_and_certificate_must_fit),
        };

        return cmocka_run_group_tests_name("certificate", tests, set_up, tear_down);
}

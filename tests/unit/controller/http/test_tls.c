#include "http/tls.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include "harness/ghost_test.h"
#include "harness/temp_folder.h"

static const char first_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                        "MIIBczCCARmgAwIBAgIUNGq9Jmas7M2fl0wDOLsb5IkUc/4wCgYIKoZIzj0EAwIw\n"
                                        "DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyMzE5MzYzMloYDzIxMjYxMDMwMTkzNjMy\n"
                                        "WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQUqb3Y\n"
                                        "d1HHO0dB3qUeem3iCN1rjy7s4c8R4vH2uIXiHisqCUOONMH4vpkTt2A+C0RAnduY\n"
                                        "tfHhHDZzEV6VR3ero1MwUTAdBgNVHQ4EFgQU685PggeYPIY5PaTREITIVexhJPkw\n"
                                        "HwYDVR0jBBgwFoAU685PggeYPIY5PaTREITIVexhJPkwDwYDVR0TAQH/BAUwAwEB\n"
                                        "/zAKBggqhkjOPQQDAgNIADBFAiBDNcjcHPawX6czX8JgTu7rkD4ALGRfg+VOGPaL\n"
                                        "gV5oYgIhAIv1/03zGHlV0Jv707Ih+p8z52miflsjI72n3NIFXSF0\n"
                                        "-----END CERTIFICATE-----\n";
static const char first_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwxdLYdk0pDCIs5GA\n"
                                "t+Ln7eImV+YfLQvK+coO4j5nvJ+hRANCAAQUqb3Yd1HHO0dB3qUeem3iCN1rjy7s\n"
                                "4c8R4vH2uIXiHisqCUOONMH4vpkTt2A+C0RAnduYtfHhHDZzEV6VR3er\n"
                                "-----END PRIVATE KEY-----\n";
static const char second_certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                         "MIIBdDCCARmgAwIBAgIUbdhDmIzt3i3Nexmj1V6DBJzozFgwCgYIKoZIzj0EAwIw\n"
                                         "DjEMMAoGA1UEAwwDdHdvMCAXDTI2MTEyMzE5MzYzMloYDzIxMjYxMDMwMTkzNjMy\n"
                                         "WjAOMQwwCgYDVQQDDAN0d28wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATf62xJ\n"
                                         "f8vR9RNrZp9bueRv8F4WqFlM/pxmddE4NoUTrOQi50cTPx0H+pJo3/SMl9KbtMLy\n"
                                         "WWSI2IwVpyPhNfRAo1MwUTAdBgNVHQ4EFgQUIk3+ceoEZmRNgU4IdobuUaF32HMw\n"
                                         "HwYDVR0jBBgwFoAUIk3+ceoEZmRNgU4IdobuUaF32HMwDwYDVR0TAQH/BAUwAwEB\n"
                                         "/zAKBggqhkjOPQQDAgNJADBGAiEAh6DIc1YNFS0mVxkP5NF8VisL/UNZuFX6H99J\n"
                                         "PeuXsYACIQCewr/gv2msGlsoI0oi3TTPilSEKmAJoObfgrHtp/A5Eg==\n"
                                         "-----END CERTIFICATE-----\n";
static const char second_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/+CNDz3fwh8Dt/bP\n"
                                 "zKm+k2H4Gs9knF+Bhc0sE7A4aYmhRANCAATf62xJf8vR9RNrZp9bueRv8F4WqFlM\n"
                                 "/pxmddE4NoUTrOQi50cTPx0H+pJo3/SMl9KbtMLyWWSI2IwVpyPhNfRA\n"
                                 "-----END PRIVATE KEY-----\n";

typedef struct Files {
        char *folder, *certificate, *key;
} Files;

static int make_files(void **state) {
        Files *files = xcalloc(1, sizeof(*files));

        files->folder = temp_folder();
        files->certificate = xasprintf("%s/certificate.pem", files->folder);
        files->key = xasprintf("%s/key.pem", files->folder);
        temp_write(files->folder, "certificate.pem", first_certificate);
        temp_write(files->folder, "key.pem", first_key);
        *state = files;
        return 0;
}

static int remove_files(void **state) {
        Files *files = *state;

        temp_remove(files->folder);
        free(files->certificate);
        free(files->key);
        free(files);
        return 0;
}

/* "CN=one" */
static void assert_shown(Tls *tls, const char *name) {
        gnutls_pcert_st *chain = NULL;
        gnutls_privkey_t key = NULL;
        gnutls_x509_crt_t certificate;
        unsigned length = 0;
        char subject[100];
        size_t size = sizeof(subject);

        tls_credentials(tls, &chain, &length, &key);
        assert_int_equal(length, 1);
        assert_non_null(key);
        gnutls_x509_crt_init(&certificate);
        assert_int_equal(gnutls_x509_crt_import(certificate, &chain[0].cert, GNUTLS_X509_FMT_DER), 0);
        assert_int_equal(gnutls_x509_crt_get_dn(certificate, subject, &size), 0);
        gnutls_x509_crt_deinit(certificate);
        assert_string_equal(subject, name);
}

static void a_new_certificate_takes_the_place_of_the_old(void **state) {
        Files *files = *state;
        CLEANUP(tls_free) Tls *tls = NULL;

        assert_ok(tls = tls_new(files->certificate, files->key, err));
        assert_shown(tls, "CN=one");
        temp_write(files->folder, "certificate.pem", second_certificate);
        temp_write(files->folder, "key.pem", second_key);
        assert_shown(tls, "CN=one");
        assert_ok(tls_reload(tls, err));
        assert_shown(tls, "CN=two");
}

static void assert_refused(const Files *files, Tls *tls, const char *reason) {
        CLEANUP(free)
        char *message = xasprintf(
                "%s and %s are no certificate with its key: %s", files->certificate, files->key, reason);

        assert_fails(ERROR_INVALID, message, tls_reload(tls, err));
        assert_shown(tls, "CN=one");
}

static void what_is_no_good_changes_nothing(void **state) {
        Files *files = *state;
        CLEANUP(tls_free) Tls *tls = NULL;
        CLEANUP(error_free) Error *error = NULL;

        assert_ok(tls = tls_new(files->certificate, files->key, err));
        temp_write(files->folder, "key.pem", second_key);
        assert_refused(files, tls, "The certificate and the given key do not match.");
        temp_write(files->folder, "certificate.pem", "nonsense");
        assert_refused(files, tls, "Base64 decoding error.");
        assert_false(tls_new(files->certificate, files->key, &error));
        assert_int_equal(remove(files->certificate), 0);
        error_free(TAKE(error));
        assert_false(tls_reload(tls, &error));
        assert_shown(tls, "CN=one");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        a_new_certificate_takes_the_place_of_the_old, make_files, remove_files),
                cmocka_unit_test_setup_teardown(what_is_no_good_changes_nothing, make_files, remove_files),
        };
        return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "net/url.h"

static void encoding_keeps_only_the_unreserved(void **state) {
        (void) state;
        CLEANUP(free) char *plain = url_encode("aZ09-._~", NULL);
        CLEANUP(free) char *path = url_encode("a b/c+d%é", "/");
        CLEANUP(free) char *nul = url_encode_bytes("\0/", 2, "/");

        assert_string_equal(plain, "aZ09-._~");
        assert_string_equal(path, "a%20b/c%2Bd%25%C3%A9");
        assert_string_equal(nul, "%00/");
}

static void decoding_is_the_inverse_of_encoding(void **state) {
        (void) state;
        char bytes[256];

        for (int i = 0; i < 256; i++)
                bytes[i] = (char) i;
        CLEANUP(free) char *encoded = url_encode_bytes(bytes, sizeof(bytes), NULL);
        size_t length = 0;
        CLEANUP(free) char *decoded = url_decode(encoded, strlen(encoded), &length);

        assert_int_equal(length, sizeof(bytes));
        assert_memory_equal(decoded, bytes, sizeof(bytes));
}

static void broken_escapes_stay_as_they_are(void **state) {
        (void) state;
        CLEANUP(free) char *decoded = url_decode("%4g%4%+%2f", 10, NULL);

        assert_string_equal(decoded, "%4g%4%+/");
}

static void parameters_are_joined(void **state) {
        (void) state;
        CLEANUP(text_clear) Text text = { 0 };

        url_append_parameter(&text, "Filter.1.Name", "tag:app");
        url_append_parameter(&text, "Empty", "");
        assert_string_equal(text.data, "Filter.1.Name=tag%3Aapp&Empty=");
}

static void a_url_is_taken_apart(void **state) {
        static const struct {
                const char *url, *host, *authority, *path, *query;
                int port;
        } cases[] = {
                { "https://EC2.eu-west-1.amazonaws.com", "ec2.eu-west-1.amazonaws.com",
                  "ec2.eu-west-1.amazonaws.com", "/", NULL, 443 },
                { "http://127.0.0.1:4566/custom?a=b?c", "127.0.0.1", "127.0.0.1:4566", "/custom", "a=b?c",
                  4566 },
                { "http://[::1]:80/a//b/../c", "::1", "[::1]", "/a//b/../c", NULL, 80 },
                { "HTTPS://h:8443?", "h", "h:8443", "/", "", 8443 },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(url_clear) Url url = { 0 };

                assert_ok(url_parse(cases[i].url, &url, err));
                assert_string_equal(url.host, cases[i].host);
                assert_string_equal(url.authority, cases[i].authority);
                assert_string_equal(url.path, cases[i].path);
                assert_true(text_equal(url.query, cases[i].query));
                assert_int_equal(url.port, cases[i].port);
        }
}

static void a_url_with_a_trap_is_refused(void **state) {
        static const char *const urls[] = { "",
                                            "example.org",
                                            "ftp://h/",
                                            "http://",
                                            "http:///x",
                                            "http://u:p@h/",
                                            "http://h:0/",
                                            "http://h:99999/",
                                            "http://h/a b",
                                            "http://h/\r\nX: y",
                                            "http://h/#f",
                                            "http://h\\@evil/",
                                            "http://[::1",
                                            "http://[::1]x/" };
        (void) state;
        for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
                CLEANUP(error_free) Error *error = NULL;
                Url url = { 0 };

                assert_false(url_parse(urls[i], &url, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
                assert_null(url.host);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(encoding_keeps_only_the_unreserved),
                cmocka_unit_test(decoding_is_the_inverse_of_encoding),
                cmocka_unit_test(broken_escapes_stay_as_they_are),
                cmocka_unit_test(parameters_are_joined),
                cmocka_unit_test(a_url_is_taken_apart),
                cmocka_unit_test(a_url_with_a_trap_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include "webhooks/signature.h"

/* GitHub's own example: "It's a Secret to Everybody", "Hello, World!". */
static const char secret[] = "It's a Secret to Everybody";
static const char body[] = "Hello, World!";
static const char sha256[] = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

static void a_signature_covers_secret_and_body(void **state) {
        (void) state;
        assert_true(signature_is_hmac_of(sha256, secret, body, sizeof(body) - 1));
        assert_false(signature_is_hmac_of(sha256, secret, body, sizeof(body) - 2));
        assert_false(signature_is_hmac_of(sha256, "another", body, sizeof(body) - 1));
        assert_true(signature_is_hmac_of(
                "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59", secret, body, sizeof(body) - 1));
}

static void what_is_no_signature_fits_nothing(void **state) {
        (void) state;
        assert_false(signature_is_hmac_of(NULL, secret, body, 0));
        assert_false(signature_is_hmac_of("", secret, body, 0));
        assert_false(signature_is_hmac_of("sha256=", secret, body, 0));
        assert_false(signature_is_hmac_of(sha256 + 7, secret, body, sizeof(body) - 1));
        assert_false(signature_is_hmac_of("md5=5d41402abc4b2a76b9719d911017c592", secret, body, 0));
        assert_false(signature_is_hmac_of(
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17ff", secret, body,
                sizeof(body) - 1));
}

static void a_token_is_the_whole_secret(void **state) {
        (void) state;
        assert_true(signature_is_token("abc", "abc"));
        assert_false(signature_is_token("ab", "abc"));
        assert_false(signature_is_token("abcd", "abc"));
        assert_false(signature_is_token("", "abc"));
        assert_false(signature_is_token(NULL, "abc"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_signature_covers_secret_and_body),
                cmocka_unit_test(what_is_no_signature_fits_nothing),
                cmocka_unit_test(a_token_is_the_whole_secret),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "base/text.h"

static void hashes_match_the_standard(void **state) {
        (void) state;
        /* FIPS 180-4's examples. */
        static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        CLEANUP(free) char *empty = crypto_sha256_hex("", 0);
        CLEANUP(free) char *abc = crypto_sha256_hex("abc", 3);
        CLEANUP(free) char *sha1 = crypto_sha1_hex("abc", 3);
        CLEANUP(sha256_free) Sha256 *hash = sha256_new();
        uint8_t digest[SHA256_BYTES];

        assert_string_equal(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_string_equal(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_string_equal(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        for (size_t i = 0; i < strlen(two_blocks); i++)
                sha256_update(hash, two_blocks + i, 1);
        sha256_finish(hash, digest);
        CLEANUP(free) char *hex = hex_encode(digest, sizeof(digest));
        assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void hmac_matches_rfc_4231(void **state) {
        (void) state;
        uint8_t key[131], mac[SHA256_BYTES];

        crypto_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
        CLEANUP(free) char *two = hex_encode(mac, sizeof(mac));
        assert_string_equal(two, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

        memset(key, 0xaa, sizeof(key));
        crypto_hmac_sha256(
                key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
        CLEANUP(free) char *six = hex_encode(mac, sizeof(mac));
        assert_string_equal(six, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");

        crypto_hmac_sha256(NULL, 0, "", 0, mac);
        CLEANUP(free) char *nothing = hex_encode(mac, sizeof(mac));
        assert_string_equal(nothing, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void hex_goes_both_ways(void **state) {
        (void) state;
        uint8_t bytes[3];
        CLEANUP(free) char *hex = hex_encode("\0\x7f\xff", 3);

        assert_string_equal(hex, "007fff");
        assert_true(hex_decode("007FfF", bytes, 3));
        assert_memory_equal(bytes, "\0\x7f\xff", 3);
        assert_false(hex_decode("007ff", bytes, 3));
        assert_false(hex_decode("007fff0", bytes, 3));
        assert_false(hex_decode("007fgg", bytes, 3));
}

static void base64_matches_rfc_4648(void **state) {
        (void) state;
        static const char *const pairs[][2] = {
                { "", "" },
                { "f", "Zg==" },
                { "fo", "Zm8=" },
                { "foo", "Zm9v" },
                { "foob", "Zm9vYg==" },
                { "fooba", "Zm9vYmE=" },
                { "foobar", "Zm9vYmFy" },
                { "\xff\xff\xfe", "///+" },
        };

        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
                CLEANUP(free) char *text = base64_encode(pairs[i][0], strlen(pairs[i][0]));
                CLEANUP(free) char *bytes = NULL;
                size_t length;

                assert_string_equal(text, pairs[i][1]);
                assert_ok(base64_decode(text, &bytes, &length, err));
                assert_int_equal(length, strlen(pairs[i][0]));
                assert_string_equal(bytes, pairs[i][0]);
        }
}

static void base64_has_one_text_per_value(void **state) {
        (void) state;
        static const char *const wrong[] = {
                "Zg",   "Zg=", "Zg===", "Zg==Zg==", "Zh==", /* left-over bits */
                "Zm9=", "=",   "====",  "Zg =",     "Zg\n=", "Zm9v\n", "Zm-_", "Z=g=",
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                CLEANUP(error_free) Error *error = NULL;
                char *bytes = NULL;
                size_t length;

                assert_false(base64_decode(wrong[i], &bytes, &length, &error));
                assert_int_equal(error_kind(error), ERROR_INVALID);
        }
}

static void ids_are_short_and_differ(void **state) {
        (void) state;
        CLEANUP(free) char *a = crypto_new_id();
        CLEANUP(free) char *b = crypto_new_id();
        CLEANUP(free) char *random = crypto_random_hex(5);

        assert_int_equal(strlen(a), 24);
        assert_int_equal(strspn(a, "0123456789abcdef"), 24);
        assert_string_not_equal(a, b);
        assert_int_equal(strlen(random), 10);
}

/* RFC 8032, 7.1: PKCS#8 is a fixed prefix and the seed. */
static SigningKey *key_of_seed(const char *seed_hex) {
        uint8_t der[48] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                            0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 };
        CLEANUP(text_clear) Text pem = { 0 };
        SigningKey *key = NULL;

        assert_true(hex_decode(seed_hex, der + 16, 32));
        CLEANUP(free) char *base64 = base64_encode(der, sizeof(der));
        text_appendf(&pem, "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", base64);
        assert_ok(key = signing_key_from_pem(pem.data, err));
        return key;
}

static void signatures_match_rfc_8032(void **state) {
        (void) state;
        static const struct {
                const char *seed, *public_key, *message, *signature;
        } cases[] = {
                { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
                { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
                  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(signing_key_free) SigningKey *key = key_of_seed(cases[i].seed);
                uint8_t public_key[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];
                size_t length = strlen(cases[i].message);

                signing_key_public(key, public_key);
                signing_key_sign(key, cases[i].message, length, signature);
                CLEANUP(free) char *public_hex = hex_encode(public_key, sizeof(public_key));
                CLEANUP(free) char *signature_hex = hex_encode(signature, sizeof(signature));
                assert_string_equal(public_hex, cases[i].public_key);
                assert_string_equal(signature_hex, cases[i].signature);
                assert_true(signature_valid(public_key, cases[i].message, length, signature));
                signature[3] ^= 1;
                assert_false(signature_valid(public_key, cases[i].message, length, signature));
        }
}

static void a_signing_key_survives_its_pem(void **state) {
        (void) state;
        CLEANUP(signing_key_free) SigningKey *key = signing_key_new();
        CLEANUP(free) char *pem = signing_key_to_pem(key);
        CLEANUP(signing_key_free) SigningKey *copy = NULL;
        uint8_t public_key[ED25519_KEY_BYTES], signature[ED25519_SIGNATURE_BYTES];

        assert_ok(copy = signing_key_from_pem(pem, err));
        signing_key_public(key, public_key);
        signing_key_sign(copy, "text", 4, signature);
        assert_true(signature_valid(public_key, "text", 4, signature));
        assert_false(signature_valid(public_key, "texT", 4, signature));
        assert_fails(
                ERROR_INVALID, "the signing key is not an Ed25519 private key in PEM",
                signing_key_from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", err));
}

/* RFC 8410: a fixed head, then the 32 bytes of the key. */
static void a_public_key_is_written_as_openssl_reads_it(void **state) {
        static const char head[] = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA";
        CLEANUP(signing_key_free) SigningKey *key = signing_key_new();
        CLEANUP(free) char *pem = signing_key_public_pem(key);
        uint8_t public_key[ED25519_KEY_BYTES];

        (void) state;
        signing_key_public(key, public_key);
        CLEANUP(free) char *base64 = base64_encode(public_key, sizeof(public_key));
        CLEANUP(free) char *expected = xasprintf("%s%s\n-----END PUBLIC KEY-----\n", head, base64);
        assert_string_equal(pem, expected);
}

static void a_password_is_recognised_and_nothing_else(void **state) {
        (void) state;
        CLEANUP(free) char *hash = password_hash("correct horse");
        CLEANUP(free) char *again = password_hash("correct horse");

        assert_true(text_starts_with(hash, "scrypt$14$8$1$"));
        assert_string_not_equal(hash, again); /* salted */
        assert_true(password_matches("correct horse", hash));
        assert_false(password_matches("correct horsE", hash));
        assert_false(password_matches("", hash));
        assert_false(password_matches("correct horse", ""));
        assert_false(password_matches("correct horse", "scrypt$14$8$1$$"));
        /* A stored hash cannot ask for all our memory. */
        assert_false(password_matches(
                "x", "scrypt$60$8$1$00000000000000000000000000000000$"
                     "0000000000000000000000000000000000000000000000000000000000000000"));
}

static void equality_looks_at_every_byte(void **state) {
        (void) state;
        assert_true(crypto_equal("abc", "abc", 3));
        assert_false(crypto_equal("abc", "abd", 3));
        assert_true(crypto_equal("abc", "abd", 2));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hashes_match_the_standard),
                cmocka_unit_test(hmac_matches_rfc_4231),
                cmocka_unit_test(hex_goes_both_ways),
                cmocka_unit_test(base64_matches_rfc_4648),
                cmocka_unit_test(base64_has_one_text_per_value),
                cmocka_unit_test(ids_are_short_and_differ),
                cmocka_unit_test(signatures_match_rfc_8032),
                cmocka_unit_test(a_signing_key_survives_its_pem),
                cmocka_unit_test(a_public_key_is_written_as_openssl_reads_it),
                cmocka_unit_test(a_password_is_recognised_and_nothing_else),
                cmocka_unit_test(equality_looks_at_every_byte),
        };

        return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}

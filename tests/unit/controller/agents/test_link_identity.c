#include "harness/ghost_test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/link_identity.h"
#include "base/file.h"
#include "base/memory.h"

static int make_folder(void **state) {
        char template[] = "/tmp/ghost-identity-XXXXXX";

        assert_non_null(mkdtemp(template));
        *state = xstrdup(template);
        return 0;
}

static int remove_folder(void **state) {
        CLEANUP(error_free) Error *why = NULL;
        bool removed = file_remove_tree(*state, &why);

        free(*state);
        return removed ? 0 : -1;
}

static LinkIdentity *opened(const char *folder) {
        LinkIdentity *identity = NULL;

        assert_ok((identity = link_identity_open(folder, err)));
        return identity;
}

static void the_same_identity_comes_back_after_a_restart(void **state) {
        CLEANUP(link_identity_free) LinkIdentity *first = opened(*state);
        CLEANUP(link_identity_free) LinkIdentity *second = opened(*state);
        uint8_t first_key[ED25519_KEY_BYTES], second_key[ED25519_KEY_BYTES];

        signing_key_public(link_identity_release_key(first), first_key);
        signing_key_public(link_identity_release_key(second), second_key);
        assert_memory_equal(first_key, second_key, sizeof(first_key));
        assert_string_equal(
                authority_certificate(link_identity_authority(first)),
                authority_certificate(link_identity_authority(second)));
        assert_string_equal(
                link_identity_server_certificate(first), link_identity_server_certificate(second));
}

static void private_keys_are_for_the_owner_alone(void **state) {
        CLEANUP(link_identity_free) LinkIdentity *identity = opened(*state);
        static const char *const names[] = { "ca.key", "server.key", "release.key" };

        assert_non_null(identity);
        for (size_t i = 0; i < 3; i++) {
                CLEANUP(free) char *path = xasprintf("%s/%s", (char *) *state, names[i]);
                struct stat status;

                assert_int_equal(stat(path, &status), 0);
                assert_int_equal(status.st_mode & 07777, 0600);
        }
}

static void the_server_certificate_is_of_the_authority(void **state) {
        CLEANUP(link_identity_free) LinkIdentity *identity = opened(*state);

        assert_ok(certificate_verify(
                link_identity_server_certificate(identity),
                authority_certificate(link_identity_authority(identity)), CERTIFICATE_SERVER, err));
}

static void half_an_authority_is_refused_and_not_replaced(void **state) {
        CLEANUP(link_identity_free) LinkIdentity *identity = opened(*state);
        CLEANUP(free) char *path = xasprintf("%s/ca.key", (char *) *state);
        CLEANUP(free)
        char *message = xasprintf(
                "%s: ca.pem and ca.key go together and one is missing; restore it", (char *) *state);

        assert_non_null(identity);
        assert_int_equal(unlink(path), 0);
        assert_fails(ERROR_INTERNAL, message, link_identity_open(*state, err));
        assert_false(file_exists(path));
}

static void a_lost_server_certificate_is_made_again(void **state) {
        CLEANUP(link_identity_free) LinkIdentity *first = opened(*state);
        CLEANUP(free) char *path = xasprintf("%s/server.pem", (char *) *state);

        assert_int_equal(unlink(path), 0);
        CLEANUP(link_identity_free) LinkIdentity *second = opened(*state);
        assert_string_not_equal(
                link_identity_server_certificate(first), link_identity_server_certificate(second));
        assert_ok(certificate_verify(
                link_identity_server_certificate(second),
                authority_certificate(link_identity_authority(first)), CERTIFICATE_SERVER, err));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(the_same_identity_comes_back_after_a_restart),
                TEST(private_keys_are_for_the_owner_alone),
                TEST(the_server_certificate_is_of_the_authority),
                TEST(half_an_authority_is_refused_and_not_replaced),
                TEST(a_lost_server_certificate_is_made_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <ctype.h>
#include <string.h>

#include "base/certificate.h"
#include "base/crypto.h"
#include "harness/temp_folder.h"
#include "install_options.h"

#define WORDS(...) ((char *const[]){ __VA_ARGS__, NULL })

static void options_become_settings(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 };
        char *folder = temp_folder();
        CLEANUP(free) char *slashed = xasprintf("%s//", folder);

        (void) state;
        assert_ok(install_options_read(
                WORDS((char *) "--controller", (char *) "host.example:5001", (char *) "--token",
                      (char *) "abc=", (char *) "--set", (char *) "log_level=debug", (char *) "--root",
                      slashed, (char *) "--no-start"),
                &options, err));
        assert_int_equal(options.settings.count, 3);
        assert_string_equal(options.settings.items[0], "controller=host.example:5001");
        assert_string_equal(options.settings.items[1], "token=abc=");
        assert_string_equal(options.settings.items[2], "log_level=debug");
        assert_string_equal(options.root, folder);
        assert_true(options.no_start);
        temp_remove(folder);
}

static void nothing_said_is_this_machine_as_its_user_data_says(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 };

        (void) state;
        assert_ok(install_options_read((char *const[]){ NULL }, &options, err));
        assert_string_equal(options.root, "");
        assert_int_equal(options.settings.count, 0);
}

static void wrong_words_are_named(void **state) {
        static const struct {
                const char *words[3];
                ErrorKind kind;
                const char *message;
        } cases[] = {
                { { "--contoller", "h:1" }, ERROR_INVALID, "unknown option '--contoller'" },
                { { "--purge" }, ERROR_INVALID, "unknown option '--purge'" },
                { { "--token" }, ERROR_INVALID, "--token: wants a value" },
                { { "--token", "" }, ERROR_INVALID, "--token: wants a value" },
                { { "--token", "a\nca = b" },
                  ERROR_INVALID,
                  "--token: holds a line break or a control character" },
                { { "--set", "no value" }, ERROR_INVALID, "--set no value: want KEY=VALUE" },
                { { "--controller", "host" },
                  ERROR_INVALID,
                  "--controller host: want HOST:PORT, as 10.0.0.1:5001" },
                { { "--controller", "host:70000" },
                  ERROR_INVALID,
                  "--controller host:70000: want HOST:PORT, as 10.0.0.1:5001" },
                { { "--root", "image" }, ERROR_INVALID, "--root image: want an absolute path" },
                { { "--root", "/no/such/image" },
                  ERROR_NOT_FOUND,
                  "--root /no/such/image: there is no such folder" },
                { { "--ca-fingerprint", "00" },
                  ERROR_INVALID,
                  "--ca-fingerprint says what --ca must be: want both" },
        };

        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(install_options_clear) InstallOptions options = { 0 };
                assert_fails(
                        cases[i].kind, cases[i].message,
                        install_options_read((char *const *) cases[i].words, &options, err));
        }
}

static void a_token_may_come_from_a_file(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 }, other = { 0 };
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/token", folder);
        CLEANUP(free) char *message = xasprintf("--token-file %s: want one line, the token", path);

        (void) state;
        temp_write(folder, "token", "secret\n");
        assert_ok(install_options_read(WORDS((char *) "--token-file", path), &options, err));
        assert_string_equal(options.settings.items[0], "token=secret");
        temp_write(folder, "token", "two\nlines\n");
        assert_fails(
                ERROR_INVALID, message,
                install_options_read(WORDS((char *) "--token-file", path), &other, err));
        temp_remove(folder);
}

/* AB:CD:… as openssl prints it. */
static char *with_colons(const char *hex) {
        Text text = { 0 };

        for (size_t i = 0; hex[i]; i += 2)
                text_appendf(
                        &text, "%s%c%c", i ? ":" : "", toupper((unsigned char) hex[i]),
                        toupper((unsigned char) hex[i + 1]));
        return text_take(&text);
}

static void the_authority_is_the_one_that_was_named(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 }, other = { 0 };
        CLEANUP(certificate_facts_clear) CertificateFacts facts = { 0 };
        CLEANUP(free) char *pem = NULL, *key = NULL;
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ca", folder);

        (void) state;
        assert_ok(authority_create("an authority", 1, &pem, &key, err));
        assert_ok(certificate_read(pem, &facts, err));
        temp_write(folder, "ca", pem);
        CLEANUP(free) char *fingerprint = with_colons(facts.fingerprint);
        assert_ok(install_options_read(
                WORDS((char *) "--ca-fingerprint", fingerprint, (char *) "--ca", path), &options, err));
        CLEANUP(free) char *base64 = base64_encode(pem, strlen(pem)), *setting = xasprintf("ca=%s", base64);
        assert_string_equal(options.settings.items[0], setting);

        fingerprint[0] = fingerprint[0] == '0' ? '1' : '0';
        CLEANUP(free)
        char *message = xasprintf(
                "--ca %s: its SHA-256 fingerprint is %s, not %s; nothing was installed", path,
                facts.fingerprint, fingerprint);
        assert_fails(
                ERROR_FORBIDDEN, message,
                install_options_read(
                        WORDS((char *) "--ca-fingerprint", fingerprint, (char *) "--ca", path), &other, err));
        temp_remove(folder);
}

static void what_is_no_certificate_is_refused(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 };
        char *folder = temp_folder();
        CLEANUP(free) char *path = xasprintf("%s/ca", folder);
        CLEANUP(free) char *message = xasprintf("--ca %s: no certificate in PEM", path);

        (void) state;
        temp_write(folder, "ca", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assert_fails(
                ERROR_INVALID, message, install_options_read(WORDS((char *) "--ca", path), &options, err));
        temp_remove(folder);
}

static void uninstall_knows_its_own_options_alone(void **state) {
        CLEANUP(install_options_clear) InstallOptions options = { 0 }, other = { 0 };

        (void) state;
        assert_ok(uninstall_options_read(WORDS((char *) "--purge"), &options, err));
        assert_true(options.purge);
        assert_fails(
                ERROR_INVALID, "unknown option '--token'",
                uninstall_options_read(WORDS((char *) "--token", (char *) "t"), &other, err));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_become_settings),
                cmocka_unit_test(nothing_said_is_this_machine_as_its_user_data_says),
                cmocka_unit_test(wrong_words_are_named),
                cmocka_unit_test(a_token_may_come_from_a_file),
                cmocka_unit_test(the_authority_is_the_one_that_was_named),
                cmocka_unit_test(what_is_no_certificate_is_refused),
                cmocka_unit_test(uninstall_knows_its_own_options_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "harness/ghost_test.h"

#include <string.h>

#include "bootstrap.h"

/* base64 of "-----BEGIN CERTIFICATE-----\n" */
#define CA "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="

static bool parse(const char *text, Bootstrap *ret, Error **err) {
        return bootstrap_parse_user_data(text, strlen(text), ret, err);
}

static void user_data_is_a_harmless_script(void **state) {
        CLEANUP(bootstrap_clear) Bootstrap bootstrap = { 0 };
        (void) state;

        assert_ok(parse(
                "#!/bin/sh\necho hello\n# ghost-agent begin\n# controller = 10.0.0.1:5001\n# server_name = "
                "ghost-controller\n"
                "# token = abc=def\n#ca=" CA "\n# later = thing\n# ghost-agent end\n# controller = evil:1\n",
                &bootstrap, err));
        assert_string_equal(bootstrap.controller, "10.0.0.1:5001");
        assert_string_equal(bootstrap.server_name, "ghost-controller");
        assert_string_equal(bootstrap.token, "abc=def");
        assert_string_equal(bootstrap.ca, "-----BEGIN CERTIFICATE-----\n");
        assert_true(bootstrap_complete(&bootstrap));
}

static void what_agent_conf_says_is_stronger(void **state) {
        CLEANUP(bootstrap_clear) Bootstrap bootstrap = { 0 };
        AgentSettings settings = { .controller = (char *) "mine:1" };
        (void) state;

        assert_ok(bootstrap_from_settings(&settings, &bootstrap, err));
        assert_ok(parse(
                "# ghost-agent begin\r\n# controller = theirs:2\r\n# token = t\r\n# ghost-agent end\r\n",
                &bootstrap, err));
        assert_string_equal(bootstrap.controller, "mine:1");
        assert_string_equal(bootstrap.token, "t");
}

static void broken_user_data_is_said(void **state) {
        static const struct {
                const char *text;
                ErrorKind kind;
                const char *message;
        } cases[] = {
                { "", ERROR_NOT_FOUND, "the user data has no lines for the agent" },
                { "#!/bin/sh\n", ERROR_NOT_FOUND, "the user data has no lines for the agent" },
                { "# ghost-agent begin\n# token = x\n", ERROR_INVALID,
                  "user data: '# ghost-agent end' is missing" },
                { "# ghost-agent begin\n# what\n# ghost-agent end", ERROR_INVALID,
                  "user data: 'what' is not 'key = value'" },
                { "# ghost-agent begin\n# token =\n# ghost-agent end", ERROR_INVALID,
                  "user data: token: empty" },
                { "# ghost-agent begin\n# ca = aGVsbG8=\n# ghost-agent end", ERROR_INVALID,
                  "user data: ca: not the base64 of a PEM certificate" },
        };
        (void) state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                CLEANUP(bootstrap_clear) Bootstrap bootstrap = { 0 };
                assert_fails(cases[i].kind, cases[i].message, parse(cases[i].text, &bootstrap, err));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(user_data_is_a_harmless_script),
                cmocka_unit_test(what_agent_conf_says_is_stronger),
                cmocka_unit_test(broken_user_data_is_said),
        };

        return cmocka_run_group_tests_name("bootstrap", tests, NULL, NULL);
}

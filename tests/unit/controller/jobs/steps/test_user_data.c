/* What an instance is told at its start: read by the agent, run by its shell. */
#include "harness/ghost_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/process.h"
#include "harness/scripted_http.h"
#include "harness/temp_folder.h"
#include "harness/text_assertions.h"
#include "jobs/steps/user_data.h"

/* Writes down how it is run: the real one's `install` has its own tests. */
static const char program[] = "#!/bin/sh\necho \"$@\" >>${0%/root/*}/told\n";

static JoinInfo join_info(const char *agent_url, const char *content, const SigningKey *key) {
        return (JoinInfo){ .controller = xstrdup("10.0.0.1:5001"),
                           .server_name = xstrdup("ghost-controller"),
                           .token = xstrdup("secret-token"),
                           .ca_pem = xstrdup("-----BEGIN CERTIFICATE-----"),
                           .agent_url = agent_url ? xasprintf("%s/agent/ghost-agent", agent_url) : NULL,
                           .agent_sha256 = agent_url ? crypto_sha256_hex(content, strlen(content)) : NULL,
                           .agent_key = key ? signing_key_public_pem(key) : NULL };
}

/* Runs the script as cloud-init would, in a root of its own. */
static int run_script(const char *folder, const char *script) {
        CLEANUP(free) char *root = xasprintf("GHOST_INSTALL_ROOT=%s/root", folder);
        CLEANUP(free) char *file = xasprintf("%s/script", folder);
        const ProcessSpec spec = {
                .argv = (const char *const[]){ "sh", file, NULL },
                .environment =
                        (const char *const[]){ "PATH=/usr/bin:/bin", root, "GHOST_INSTALL_TRIES=1", NULL },
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(60000),
        };
        ProcessResult result = { 0 };

        temp_write(folder, "script", script);
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        return result.code;
}

/* A server that gives the program and a signature of it, and the script that fetches from there. */
typedef struct Offer {
        SigningKey *key;
        uint8_t signature[ED25519_SIGNATURE_BYTES];
        ScriptedReply replies[2];
        ScriptedHttp *server;
        char *script, *folder;
} Offer;

static void offer_init(Offer *offer, const char *served, const SigningKey *signer) {
        offer->key = signing_key_new();
        offer->folder = temp_folder();
        signing_key_sign(signer ? signer : offer->key, served, strlen(served), offer->signature);
        offer->replies[0] = (ScriptedReply){ 200, .body = served };
        offer->replies[1] = (ScriptedReply){ 200, .body = (const char *) offer->signature,
                                             .body_length = ED25519_SIGNATURE_BYTES };
        offer->server = scripted_http_start(offer->replies, 2);
        CLEANUP(join_info_clear)
        JoinInfo info = join_info(scripted_http_url(offer->server), program, offer->key);
        offer->script = user_data_write(&info, 0);
}

static void offer_clear(Offer *offer) {
        scripted_http_stop(offer->server);
        signing_key_free(offer->key);
        free(offer->script);
        temp_remove(offer->folder);
}

static void an_agent_is_installed_where_there_is_none(void **state) {
        Offer offer = { 0 };

        (void) state;
        offer_init(&offer, program, NULL);
        assert_int_equal(run_script(offer.folder, offer.script), 0);
        assert_has(scripted_http_request(offer.server, 0), "GET /agent/ghost-agent ");
        assert_has(scripted_http_request(offer.server, 1), "GET /agent/ghost-agent.sig ");
        assert_content(offer.folder, "root/usr/local/bin/ghost-agent", program);
        CLEANUP(free) char *told = xasprintf("install --root %s/root\n", offer.folder);
        assert_content(offer.folder, "told", told);
        assert_false(temp_has(offer.folder, "root/usr/local/bin/ghost-agent.new.sig"));
        offer_clear(&offer);
}

static void another_program_is_not_installed(void **state) {
        Offer offer = { 0 };

        (void) state;
        offer_init(&offer, "#!/bin/sh\nevil\n", NULL);
        assert_int_not_equal(run_script(offer.folder, offer.script), 0);
        assert_false(temp_has(offer.folder, "root/usr/local/bin/ghost-agent"));
        assert_false(temp_has(offer.folder, "root/usr/local/bin/ghost-agent.new"));
        assert_false(temp_has(offer.folder, "told"));
        offer_clear(&offer);
}

static void a_program_that_another_key_signed_is_not_installed(void **state) {
        CLEANUP(signing_key_free) SigningKey *other = signing_key_new();
        Offer offer = { 0 };

        (void) state;
        offer_init(&offer, program, other);
        assert_int_not_equal(run_script(offer.folder, offer.script), 0);
        assert_false(temp_has(offer.folder, "root/usr/local/bin/ghost-agent"));
        assert_false(temp_has(offer.folder, "told"));
        offer_clear(&offer);
}

static void without_an_agent_to_hand_out_nothing_is_installed(void **state) {
        CLEANUP(join_info_clear) JoinInfo info = join_info(NULL, NULL, NULL);
        CLEANUP(free) char *script = user_data_write(&info, 0);
        char *folder = temp_folder();

        (void) state;
        assert_has(script, "# token = secret-token\n");
        assert_null(strstr(script, "install_agent"));
        assert_int_equal(run_script(folder, script), 0);
        assert_false(temp_has(folder, "told"));
        temp_remove(folder);
}

static void a_builder_ends_itself(void **state) {
        CLEANUP(join_info_clear) JoinInfo info = join_info(NULL, NULL, NULL);
        CLEANUP(free) char *script = user_data_write(&info, 90);

        (void) state;
        assert_has(script, "systemd-run --on-active=90min systemctl poweroff");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_agent_is_installed_where_there_is_none),
                cmocka_unit_test(another_program_is_not_installed),
                cmocka_unit_test(a_program_that_another_key_signed_is_not_installed),
                cmocka_unit_test(without_an_agent_to_hand_out_nothing_is_installed),
                cmocka_unit_test(a_builder_ends_itself),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static const char program[] = "#!/bin/sh\necho an agent\n";

static JoinInfo join_info(const char *agent_url, const char *content) {
        return (JoinInfo){ .controller = xstrdup("10.0.0.1:5001"),
                           .server_name = xstrdup("ghost-controller"),
                           .token = xstrdup("secret-token"),
                           .ca_pem = xstrdup("-----BEGIN CERTIFICATE-----"),
                           .agent_url = agent_url ? xasprintf("%s/agent/ghost-agent", agent_url) : NULL,
                           .agent_sha256 = agent_url ? crypto_sha256_hex(content, strlen(content)) : NULL };
}

/* Runs the script as cloud-init would, in a root of its own, beside a systemctl that only writes down what it
 * is told. */
static int run_script(const char *folder, const char *script) {
        CLEANUP(free) char *path = xasprintf("PATH=%s/bin:/usr/bin:/bin", folder);
        CLEANUP(free) char *root = xasprintf("GHOST_INSTALL_ROOT=%s/root", folder);
        CLEANUP(free) char *systemctl = xasprintf("%s/bin/systemctl", folder);
        CLEANUP(free) char *file = xasprintf("%s/script", folder);
        CLEANUP(free) char *bin = xasprintf("%s/bin", folder);
        CLEANUP(free)
        char *recorder = xasprintf("#!/bin/sh\necho \"$@\" >>%s/told\n", folder);
        const ProcessSpec spec = {
                .argv = (const char *const[]){ "sh", file, NULL },
                .environment = (const char *const[]){ path, root, "GHOST_INSTALL_TRIES=1", NULL },
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(60000),
        };
        ProcessResult result = { 0 };

        assert_ok(file_make_folders(bin, 0755, err));
        assert_ok(file_write_atomic(systemctl, recorder, strlen(recorder), 0755, err));
        temp_write(folder, "script", script);
        assert_ok(process_run(&spec, &result, err));
        assert_int_equal(result.end, PROCESS_EXITED);
        return result.code;
}

static void an_agent_is_installed_where_there_is_none(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = program } };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        CLEANUP(join_info_clear) JoinInfo info = join_info(scripted_http_url(server), program);
        CLEANUP(free) char *script = user_data_write(&info, 0);
        char *folder = temp_folder();

        (void) state;
        assert_int_equal(run_script(folder, script), 0);
        assert_has(scripted_http_request(server, 0), "GET /agent/ghost-agent ");
        assert_content(folder, "root/usr/local/bin/ghost-agent", program);
        CLEANUP(free) char *unit = temp_read(folder, "root/etc/systemd/system/ghost-agent.service");
        assert_has(unit, "ExecStart=/usr/local/bin/ghost-agent\n");
        assert_content(folder, "told", "daemon-reload\nenable --now ghost-agent\n");
        temp_remove(folder);
}

static void another_program_is_not_installed(void **state) {
        static const ScriptedReply replies[] = { { 200, .body = "#!/bin/sh\nevil\n" } };
        CLEANUP(scripted_http_stop) ScriptedHttp *server = scripted_http_start_table(replies);
        CLEANUP(join_info_clear) JoinInfo info = join_info(scripted_http_url(server), program);
        CLEANUP(free) char *script = user_data_write(&info, 0);
        char *folder = temp_folder();

        (void) state;
        assert_int_not_equal(run_script(folder, script), 0);
        assert_false(temp_has(folder, "root/usr/local/bin/ghost-agent"));
        assert_false(temp_has(folder, "told"));
        temp_remove(folder);
}

static void without_an_agent_to_hand_out_nothing_is_installed(void **state) {
        CLEANUP(join_info_clear) JoinInfo info = join_info(NULL, NULL);
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
        CLEANUP(join_info_clear) JoinInfo info = join_info(NULL, NULL);
        CLEANUP(free) char *script = user_data_write(&info, 90);

        (void) state;
        assert_has(script, "systemd-run --on-active=90min systemctl poweroff");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_agent_is_installed_where_there_is_none),
                cmocka_unit_test(another_program_is_not_installed),
                cmocka_unit_test(without_an_agent_to_hand_out_nothing_is_installed),
                cmocka_unit_test(a_builder_ends_itself),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

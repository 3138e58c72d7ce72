#include "jobs/steps/user_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "install_agent.h"

char *user_data_write(const JoinInfo *info, int poweroff_after_min) {
        CLEANUP(free) char *ca = base64_encode(info->ca_pem, strlen(info->ca_pem));
        Text text = { 0 };

        text_append(&text, "#!/bin/sh\n# ghost-agent begin\n");
        text_appendf(&text, "# controller = %s\n", info->controller);
        if (!text_empty(info->server_name))
                text_appendf(&text, "# server_name = %s\n", info->server_name);
        text_appendf(&text, "# token = %s\n# ca = %s\n# ghost-agent end\n", info->token, ca);
        if (poweroff_after_min >
            0) /* the launch says that a power-off terminates: nothing is billed for ever */
                text_appendf(
                        &text,
                        "systemd-run --on-active=%dmin systemctl poweroff || shutdown -P +%d || true\n",
                        poweroff_after_min, poweroff_after_min);
        if (info->agent_url)
                text_appendf(
                        &text, "GHOST_AGENT_URL='%s'\nGHOST_AGENT_SHA256=%s\nGHOST_RELEASE_KEY='%s'\n%s",
                        info->agent_url, info->agent_sha256, info->agent_key, install_agent_sh);
        return text_take(&text);
}

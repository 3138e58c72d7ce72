#include "install_service.h"

#include <string.h>

#include "agent_unit.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"

enum { TELL_TIMEOUT_MS = 90000, OUTPUT_MAX_BYTES = 64 << 10 };

static const char packaged_program[] = "/usr/bin/ghost-agent";

char *install_service_unit(const char *program) {
        const char *at = agent_unit;
        Text text = { 0 };

        for (const char *found; (found = strstr(at, packaged_program));
             at = found + sizeof(packaged_program) - 1) {
                text_append_bytes(&text, at, (size_t) (found - at));
                text_append(&text, program);
        }
        text_append(&text, at);
        return text_take(&text);
}

bool install_service_here(void) {
        return file_exists("/run/systemd/system");
}

bool install_service_tell(const char *const *words, Error **err) {
        static const char *const environment[] = {
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", NULL
        };
        CLEANUP(string_list_clear) StringList argv = { 0 };

        string_list_add(&argv, "systemctl");
        for (; *words; words++)
                string_list_add(&argv, *words);
        const ProcessSpec spec = {
                .argv = (const char *const *) argv.items,
                .environment = environment,
                .uid = PROCESS_KEEP_ID,
                .gid = PROCESS_KEEP_ID,
                .deadline = deadline_after_ms(TELL_TIMEOUT_MS),
                .output_max_bytes = OUTPUT_MAX_BYTES,
        };
        return process_capture(&spec, NULL, err) || error_prefix(err, "systemctl %s", argv.items[1]);
}

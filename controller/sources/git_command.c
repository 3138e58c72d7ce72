#include "sources/git_command.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/process.h"

enum { OUTPUT_MAX_BYTES = 4 << 20 };

bool git_run(
        const GitMirrors *mirrors, const GitRequest *request, const char *folder,
        const char *const *arguments, char **ret_output, Error **err) {
        CLEANUP(string_list_clear) StringList argv = { 0 };

        string_list_add(&argv, mirrors->program);
        const char *const fixed[] = { "protocol.ext.allow=never",
                                      mirrors->allow_file ? "protocol.file.allow=always"
                                                          : "protocol.file.allow=never",
                                      "safe.directory=*",
                                      "core.hooksPath=/dev/null",
                                      "core.fsmonitor=false",
                                      "credential.helper=",
                                      "gc.auto=0",
                                      "http.lowSpeedLimit=1000",
                                      "http.lowSpeedTime=60",
                                      "advice.detachedHead=false" };
        for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
                string_list_add(&argv, "-c");
                string_list_add(&argv, fixed[i]);
        }
        for (; *arguments; arguments++)
                string_list_add(&argv, *arguments);

        ProcessSpec spec = { .argv = (const char *const *) argv.items,
                             .environment = (const char *const *) mirrors->environment.items,
                             .folder = folder,
                             .uid = PROCESS_KEEP_ID,
                             .gid = PROCESS_KEEP_ID,
                             .deadline = deadline_earlier(
                                     request->deadline, deadline_after_ms(mirrors->timeout_ms)),
                             .grace_ms = 1000,
                             .output_max_bytes = OUTPUT_MAX_BYTES,
                             .cancelled = request->cancelled,
                             .context = request->context };
        return process_capture(&spec, ret_output, err);
}

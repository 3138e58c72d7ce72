/* The git program, which fetches what is deployed. */
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/process.h"
#include "base/text.h"
#include "check/check.h"

enum { TIMEOUT_MS = 10000, OUTPUT_MAX = 4096 };

static void run(CheckContext *check) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *output = NULL;
        const char *const argv[] = { check->settings->git_program, "--version", NULL };
        const ProcessSpec spec = { .argv = argv,
                                   .environment = (const char *const *) environ,
                                   .uid = PROCESS_KEEP_ID,
                                   .gid = PROCESS_KEEP_ID,
                                   .deadline = deadline_after_ms(TIMEOUT_MS),
                                   .output_max_bytes = OUTPUT_MAX };

        if (!process_capture(&spec, &output, &why)) {
                finding_problem(
                        check->findings,
                        "install git, or correct git.program: nothing can be deployed without it", "%s",
                        error_message(why));
                return;
        }
        CLEANUP(free) char *version = text_trim(output);
        finding_good(check->findings, "%s", version);
}

const Check git_check = { "git", run };

/* A git repository of the test's own, and mirrors that may read it. */
#pragma once

#include "base/process.h"
#include "harness/ghost_test.h"
#include "harness/temp_folder.h"
#include "sources/git_mirror.h"

typedef struct GitCase {
        char *folder;
        char *url; /* of the repository: folder/site */
        GitMirrors *mirrors;
} GitCase;

/* Runs in the repository. */
static inline void git_case_shell(const GitCase *test, const char *script) {
        const char *const argv[] = { "sh", "-ec", script, NULL };
        const char *const environment[] = { "PATH=/usr/bin:/bin",      "HOME=/nonexistent",
                                            "GIT_AUTHOR_NAME=Ann",     "GIT_AUTHOR_EMAIL=ann@example.org",
                                            "GIT_COMMITTER_NAME=Ann",  "GIT_COMMITTER_EMAIL=ann@example.org",
                                            "GIT_CONFIG_NOSYSTEM=yes", NULL };
        const ProcessSpec spec = { .argv = argv,
                                   .environment = environment,
                                   .folder = test->url,
                                   .uid = PROCESS_KEEP_ID,
                                   .gid = PROCESS_KEEP_ID,
                                   .deadline = deadline_after_ms(30000),
                                   .output_max_bytes = 65536 };

        assert_ok(process_capture(&spec, NULL, err));
}

/* The repository has a branch main with one commit, "first". */
static inline void git_case_open(GitCase *test) {
        test->folder = temp_folder();
        test->url = xasprintf("%s/site", test->folder);
        CLEANUP(free) char *mirrors = xasprintf("%s/mirrors", test->folder);
        const GitMirrorsSpec spec = {
                .folder = mirrors, .program = "git", .timeout_ms = 20000, .allow_file = true
        };

        assert_ok(test->mirrors = git_mirrors_new(&spec, err));
        assert_ok(file_make_folders(test->url, 0755, err));
        git_case_shell(
                test, "git init -q -b main . && echo one >index.html && git add . && git commit -qm first");
}

static inline void git_case_clearp(GitCase *test) {
        git_mirrors_free(test->mirrors);
        free(test->url);
        if (test->folder)
                temp_remove(test->folder);
}

static inline GitRequest git_case_request(const GitCase *test) {
        return (GitRequest){ .url = test->url, .deadline = deadline_after_ms(20000) };
}

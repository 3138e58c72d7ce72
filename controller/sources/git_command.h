/* One git command as a child with a clean environment. Included by git_*.c, by nobody else. */
#pragma once

#include "base/text.h"
#include "sources/git_mirror.h"

struct GitMirrors {
        char *folder;
        char *program;
        int64_t timeout_ms;
        bool allow_file;
        StringList environment;
};

/* arguments: those behind "git -c …"; folder: where it runs. ret_output (may be NULL): standard output. The
 * message of a failure holds the last lines of what git said. */
bool git_run(
        const GitMirrors *mirrors, const GitRequest *request, const char *folder,
        const char *const *arguments, char **ret_output, Error **err);

/* The mirror of the request's URL, cloned or fetched, and its lock: as long as the file is open nobody else
 * changes it (git_mirror.c). */
bool git_mirror_open(
        const GitMirrors *mirrors, const GitRequest *request, char **ret_path, int *ret_lock, Error **err);
/* Fills revision and commit. */
bool git_mirror_resolve(
        const GitMirrors *mirrors, const GitRequest *request, const char *path, GitRevision *ret,
        Error **err);

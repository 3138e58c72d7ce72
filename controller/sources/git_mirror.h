/* Git repositories: one bare mirror per URL, shared by all applications; work trees are exported from it. git
 * runs as a child with a clean environment, a deadline and bounded output; nothing from outside becomes an
 * option or a shell word. Thread-safe; blocks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

typedef struct GitMirrors GitMirrors;

typedef struct GitMirrorsSpec {
        const char *folder;  /* data_dir/mirrors */
        const char *program; /* "git" */
        int64_t timeout_ms;  /* of one git command */
        bool allow_file;     /* repositories on this machine's disk */
} GitMirrorsSpec;

GitMirrors *git_mirrors_new(const GitMirrorsSpec *spec, Error **err);
void git_mirrors_free(GitMirrors *mirrors);
CLEANUP_DEFINE(GitMirrors, git_mirrors_free);

typedef struct GitRequest {
        const char *url;
        const char *revision; /* branch, tag, full or short hash; NULL, "" or HEAD: the default branch */
        const char *folder;   /* the work tree is made here; must not exist */
        Deadline deadline;
        bool (*cancelled)(void *context);
        void (*log)(void *context, const char *line); /* what git says */
        void *context;
} GitRequest;

typedef struct GitRevision {
        char *revision; /* HEAD becomes the name of the default branch */
        char *commit;   /* 40 digits */
        char *short_commit;
        char *subject;
} GitRevision;
void git_revision_clear(GitRevision *revision);
static inline void git_revision_clearp(GitRevision *revision) {
        git_revision_clear(revision);
}

/* https, ssh, git, user@host:path; file and paths when allowed. INVALID names what is wrong. */
bool git_url_check(const char *url, bool allow_file, Error **err);

/* Clones or fetches the mirror, resolves the revision, exports it with its submodules. NOT_FOUND: the
 * revision, naming it and the repository. */
bool git_mirrors_checkout(GitMirrors *mirrors, const GitRequest *request, GitRevision *ret, Error **err);

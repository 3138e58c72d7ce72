/* Commits and changed files, as git prints them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct GitCommit {
        char *id;
        char *date; /* of its author, "2026-01-31T12:00:00+01:00" */
        char *author;
        char *subject;
} GitCommit;
void git_commit_clear(GitCommit *commit);

typedef struct GitCommits {
        GitCommit *items;
        size_t count;
} GitCommits;
void git_commits_clear(GitCommits *commits);
static inline void git_commits_clearp(GitCommits *commits) {
        git_commits_clear(commits);
}

typedef struct GitChange {
        char *path;         /* of what was renamed: what it is called now */
        const char *change; /* "added", "modified", "deleted" or "renamed" */
} GitChange;

typedef struct GitChanges {
        GitChange *items;
        size_t count, total; /* count: those that are kept */
} GitChanges;
void git_changes_clear(GitChanges *changes);
static inline void git_changes_clearp(GitChanges *changes) {
        git_changes_clear(changes);
}

/* --format= of what git_commits_parse() reads: lines of four fields. */
#define GIT_COMMIT_FORMAT "--format=%H%x1f%aI%x1f%an%x1f%s"

/* Lines that are none are passed over. */
void git_commits_parse(const char *output, GitCommits *ret);
/* What `git diff-tree --name-status` prints; at most so many are kept, all are counted. */
void git_changes_parse(const char *output, size_t most, GitChanges *ret);

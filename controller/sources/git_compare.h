/* What lies between two commits of a repository, from its mirror. */
#pragma once

#include "sources/git_changes.h"
#include "sources/git_mirror.h"

enum { GIT_COMPARE_COMMITS = 100, GIT_COMPARE_FILES = 300 };

typedef struct GitComparison {
        char *revision;   /* HEAD becomes the name of the default branch */
        GitCommits at;    /* one: what the revision is now */
        bool from_known;  /* the repository has the commit it is compared to; else there is nothing below */
        GitCommits added; /* that it has and the other has not, the newest first; the first of them */
        size_t added_total, removed_total; /* removed: the other way round */
        GitChanges files;                  /* the first of them */
} GitComparison;
void git_comparison_clear(GitComparison *comparison);
static inline void git_comparison_clearp(GitComparison *comparison) {
        git_comparison_clear(comparison);
}

/* Fetches the mirror as a checkout does. Of the request the folder does not count. from: a hash, full or
 * short, or "". Blocks. */
bool git_mirrors_compare(
        GitMirrors *mirrors, const GitRequest *request, const char *from, GitComparison *ret, Error **err);

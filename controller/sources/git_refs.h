/* The branches and tags of a repository as it tells them itself, in the order in which one looks for what to
 * deploy. Nothing else it may have (requests to merge, notes) is a revision here. */
#pragma once

#include "sources/git_mirror.h"

typedef struct GitRef {
        char *name; /* without refs/heads/ or refs/tags/ */
        bool is_tag;
        char *commit; /* of a tag that is an object: what it points to */
} GitRef;

/* Tags first, the newest version before the others; then branches by their names. */
typedef struct GitRefs {
        char *default_branch; /* NULL: its HEAD is no branch */
        GitRef *items;
        size_t count;
} GitRefs;
void git_refs_clear(GitRefs *refs);
static inline void git_refs_clearp(GitRefs *refs) {
        git_refs_clear(refs);
}

/* What `git ls-remote --symref` prints. Lines that are none are passed over. */
void git_refs_parse(const char *output, GitRefs *ret);
/* As strcmp(): runs of digits count as numbers, and what a '-' or '~' adds to a name comes before it:
 * v1.9, v1.10-rc1, v1.10. */
int git_version_compare(const char *a, const char *b);

/* Asks the repository itself, as a checkout does, but makes no mirror. Blocks. */
bool git_refs_fetch(const GitMirrors *mirrors, const GitRequest *request, GitRefs *ret, Error **err);

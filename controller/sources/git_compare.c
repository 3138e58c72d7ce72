#include "sources/git_compare.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "sources/git_command.h"

void git_comparison_clear(GitComparison *comparison) {
        free(comparison->revision);
        git_commits_clear(&comparison->at);
        git_commits_clear(&comparison->added);
        git_changes_clear(&comparison->files);
        *comparison = (GitComparison){ 0 };
}

/* One comparison. */
typedef struct Comparing {
        const GitMirrors *mirrors;
        const GitRequest *request;
        char *path;
        GitRevision from, to;
} Comparing;
static void comparing_clearp(Comparing *comparing) {
        free(comparing->path);
        git_revision_clear(&comparing->from);
        git_revision_clear(&comparing->to);
}

static bool run(const Comparing *with, const char *const *arguments, char **ret, Error **err) {
        return git_run(with->mirrors, with->request, with->path, arguments, ret, err) ||
               error_prefix(err, "repository %s", with->request->url);
}

static bool log_commits(
        const Comparing *with, const char *count, const char *range, GitCommits *ret, Error **err) {
        const char *const arguments[] = {
                "log", "--no-show-signature", "--no-decorate", count, GIT_COMMIT_FORMAT, range, "--", NULL
        };
        CLEANUP(free) char *output = NULL;

        if (!run(with, arguments, &output, err))
                return false;
        git_commits_parse(output, ret);
        return true;
}

static bool count_commits(const Comparing *with, const char *range, size_t *ret, Error **err) {
        const char *const arguments[] = { "rev-list", "--count", range, "--", NULL };
        CLEANUP(free) char *output = NULL;
        CLEANUP(free) char *number = NULL;
        uint64_t count = 0;

        if (!run(with, arguments, &output, err))
                return false;
        number = text_trim(output);
        if (!text_parse_uint(number, 0, SIZE_MAX, &count, err))
                return error_prefix(err, "git rev-list --count");
        *ret = count;
        return true;
}

static bool list_files(const Comparing *with, GitChanges *ret, Error **err) {
        const char *const arguments[] = { "diff-tree",
                                          "-r",
                                          "--name-status",
                                          "--find-renames",
                                          "--no-commit-id",
                                          with->from.commit,
                                          with->to.commit,
                                          "--",
                                          NULL };
        CLEANUP(free) char *output = NULL;

        if (!run(with, arguments, &output, err))
                return false;
        git_changes_parse(output, GIT_COMPARE_FILES, ret);
        return true;
}

static bool compare(const Comparing *with, GitComparison *ret, Error **err) {
        CLEANUP(free) char *added = xasprintf("%s..%s", with->from.commit, with->to.commit);
        CLEANUP(free) char *removed = xasprintf("%s..%s", with->to.commit, with->from.commit);
        CLEANUP(free) char *count = xasprintf("--max-count=%d", GIT_COMPARE_COMMITS);

        return log_commits(with, count, added, &ret->added, err) &&
               count_commits(with, added, &ret->added_total, err) &&
               count_commits(with, removed, &ret->removed_total, err) && list_files(with, &ret->files, err);
}

/* A repository may have lost what is live: somebody rewrote its history. */
static bool find_from(Comparing *with, const char *from, bool *ret_known, Error **err) {
        CLEANUP(error_free) Error *absent = NULL;
        GitRequest request = *with->request;

        request.revision = from;
        *ret_known = !text_empty(from) &&
                     git_mirror_resolve(with->mirrors, &request, with->path, &with->from, &absent);
        if (*ret_known || !absent || error_kind(absent) == ERROR_NOT_FOUND ||
            error_kind(absent) == ERROR_INVALID)
                return true;
        *err = TAKE(absent);
        return false;
}

bool git_mirrors_compare(
        GitMirrors *mirrors, const GitRequest *request, const char *from, GitComparison *ret, Error **err) {
        __attribute__((cleanup(comparing_clearp)))
        Comparing with = { .mirrors = mirrors, .request = request };
        CLEANUP(file_close) int lock = -1;

        *ret = (GitComparison){ 0 };
        if (!git_mirror_open(mirrors, request, &with.path, &lock, err) ||
            !git_mirror_resolve(mirrors, request, with.path, &with.to, err) ||
            !log_commits(&with, "--max-count=1", with.to.commit, &ret->at, err) ||
            !find_from(&with, from, &ret->from_known, err) ||
            (ret->from_known && !compare(&with, ret, err))) {
                git_comparison_clear(ret);
                return false;
        }
        ret->revision = TAKE(with.to.revision);
        return true;
}

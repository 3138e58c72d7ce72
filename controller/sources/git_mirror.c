#include "sources/git_mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "sources/git_command.h"

enum { LOCK_POLL_MS = 100, SUBJECT_MAX = 1000, REVISION_MAX = 250 };

GitMirrors *git_mirrors_new(const GitMirrorsSpec *spec, Error **err) {
        CLEANUP(free) char *home = xasprintf("%s/.home", spec->folder);

        if (!file_make_folders(home, 0700, err))
                return NULL;
        GitMirrors *mirrors = xcalloc(1, sizeof(*mirrors));
        mirrors->folder = xstrdup(spec->folder);
        mirrors->program = xstrdup(spec->program);
        mirrors->timeout_ms = spec->timeout_ms;
        mirrors->allow_file = spec->allow_file;
        string_list_addf(&mirrors->environment, "HOME=%s", home);
        string_list_add(
                &mirrors->environment, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        string_list_add(&mirrors->environment, "LC_ALL=C.UTF-8");
        string_list_add(&mirrors->environment, "GIT_TERMINAL_PROMPT=0");
        string_list_add(&mirrors->environment, "GIT_CONFIG_NOSYSTEM=1");
        string_list_add(&mirrors->environment, "GIT_ASKPASS=/bin/true");
        string_list_add(&mirrors->environment, "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20");
        return mirrors;
}

void git_mirrors_free(GitMirrors *mirrors) {
        if (!mirrors)
                return;
        string_list_clear(&mirrors->environment);
        free(mirrors->folder);
        free(mirrors->program);
        free(mirrors);
}

void git_revision_clear(GitRevision *revision) {
        free(revision->revision);
        free(revision->commit);
        free(revision->short_commit);
        free(revision->subject);
        *revision = (GitRevision){ 0 };
}

static void say(const GitRequest *request, const char *format, const char *value) {
        CLEANUP(free) char *line = xasprintf("%s%s", format, value);

        if (request->log)
                request->log(request->context, line);
}

/* flock() on a file opened by each caller keeps threads and processes apart alike, and ends with them. */
static bool lock_mirror(const char *path, const GitRequest *request, int *ret, Error **err) {
        CLEANUP(free) char *lock_path = xasprintf("%s.lock", path);
        int file = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

        if (file < 0)
                return error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", lock_path);
        while (flock(file, LOCK_EX | LOCK_NB) < 0) {
                bool stop = request->cancelled && request->cancelled(request->context);
                if (stop || deadline_passed(request->deadline)) {
                        close(file);
                        return error_set(
                                err, stop ? ERROR_CANCELLED : ERROR_TIMEOUT,
                                "another job is still fetching %s", request->url);
                }
                clock_sleep_ms(LOCK_POLL_MS);
        }
        *ret = file;
        return true;
}

/* A clone that was killed halfway never has the mirror's name. */
static bool clone(const GitMirrors *mirrors, const GitRequest *request, const char *path, Error **err) {
        CLEANUP(free) char *temporary = xasprintf("%s.new", path);
        const char *const arguments[] = {
                "clone", "--quiet", "--mirror", "--", request->url, temporary, NULL
        };

        say(request, "Cloning ", request->url);
        if (!file_remove_tree(temporary, err))
                return false;
        if (git_run(mirrors, request, mirrors->folder, arguments, NULL, err)) {
                if (rename(temporary, path) == 0)
                        return true;
                return error_set(err, ERROR_UNAVAILABLE, "cannot make %s: %m", path);
        }
        CLEANUP(error_free) Error *ignored = NULL;
        file_remove_tree(temporary, &ignored);
        return error_prefix(err, "repository %s", request->url);
}

static bool update(const GitMirrors *mirrors, const GitRequest *request, const char *path, Error **err) {
        static const char *const fetch[] = { "fetch", "--quiet", "--prune", "--force", "origin", NULL };
        static const char *const head[] = { "remote", "set-head", "origin", "--auto", NULL };
        CLEANUP(error_free) Error *ignored = NULL;

        if (!file_exists(path))
                return clone(mirrors, request, path, err);
        say(request, "Fetching ", request->url);
        git_run(mirrors, request, path, head, NULL, &ignored);
        return git_run(mirrors, request, path, fetch, NULL, err) ||
               error_prefix(err, "repository %s", request->url);
}

static bool is_plain_revision(const char *revision) {
        return strlen(revision) <= REVISION_MAX && revision[0] != '-' &&
               !strpbrk(revision, "\n\t :^~?*[\\{}") && !strstr(revision, "..");
}

static bool rev_parse(
        const GitMirrors *mirrors, const GitRequest *request, const char *path, const char *name,
        char **ret) {
        CLEANUP(free) char *commit = xasprintf("%s^{commit}", name);
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *output = NULL;
        const char *const arguments[] = {
                "rev-parse", "--quiet", "--verify", "--end-of-options", commit, NULL
        };

        if (!git_run(mirrors, request, path, arguments, &output, &ignored))
                return false;
        *ret = text_trim(output);
        return true;
}

/* The default branch: what HEAD of the mirror names. */
static char *default_branch(const GitMirrors *mirrors, const GitRequest *request, const char *path) {
        static const char *const arguments[] = { "symbolic-ref", "--short", "HEAD", NULL };
        CLEANUP(error_free) Error *ignored = NULL;
        CLEANUP(free) char *output = NULL;

        return git_run(mirrors, request, path, arguments, &output, &ignored) ? text_trim(output)
                                                                             : xstrdup("HEAD");
}

/* Branches first, then tags, then hashes, as git itself looks a name up, but never another kind of name. */
bool git_mirror_resolve(
        const GitMirrors *mirrors, const GitRequest *request, const char *path, GitRevision *ret,
        Error **err) {
        bool head = text_empty(request->revision) || text_equal(request->revision, "HEAD");

        ret->revision = head ? default_branch(mirrors, request, path) : xstrdup(request->revision);
        if (!is_plain_revision(ret->revision))
                return error_set(err, ERROR_INVALID, "'%.200s' is not the name of a revision", ret->revision);
        CLEANUP(free) char *branch = xasprintf("refs/heads/%s", ret->revision);
        CLEANUP(free) char *tag = xasprintf("refs/tags/%s", ret->revision);
        size_t length = strlen(ret->revision);
        bool hash = length >= 4 && length <= 64 && strspn(ret->revision, "0123456789abcdefABCDEF") == length;

        if (rev_parse(mirrors, request, path, branch, &ret->commit) ||
            rev_parse(mirrors, request, path, tag, &ret->commit) ||
            (hash && rev_parse(mirrors, request, path, ret->revision, &ret->commit)))
                return true;
        if (deadline_passed(request->deadline))
                return error_set(err, ERROR_TIMEOUT, "git: out of time");
        return error_set(
                err, ERROR_NOT_FOUND, "revision '%s' does not exist in repository %s%s", ret->revision,
                request->url, hash ? " (or is an ambiguous short hash)" : "");
}

static bool describe(
        const GitMirrors *mirrors, const GitRequest *request, const char *path, GitRevision *ret,
        Error **err) {
        const char *const short_hash[] = { "rev-parse", "--short", ret->commit, NULL };
        const char *const subject[] = { "log", "-1", "--format=%s", ret->commit, "--", NULL };
        CLEANUP(free) char *hash = NULL, *text = NULL;

        if (!git_run(mirrors, request, path, short_hash, &hash, err) ||
            !git_run(mirrors, request, path, subject, &text, err))
                return false;
        ret->short_commit = text_trim(hash);
        ret->subject = text_trim(text);
        if (strlen(ret->subject) > SUBJECT_MAX)
                ret->subject[SUBJECT_MAX] = '\0';
        return true;
}

/* A work tree with a repository of its own, so that submodules and build packs find what they expect. */
static bool export_tree(
        const GitMirrors *mirrors, const GitRequest *request, const char *path, const GitRevision *revision,
        Error **err) {
        const char *const clone_shared[] = { "clone",    "--quiet", "--no-checkout",
                                             "--shared", "-c",      "protocol.file.allow=always",
                                             "--",       path,      request->folder,
                                             NULL };
        const char *const origin[] = { "remote", "set-url", "origin", request->url, NULL };
        const char *const checkout[] = {
                "checkout", "--quiet", "--force", "--detach", revision->commit, NULL
        };
        const char *const submodules[] = { "submodule",   "--quiet", "update", "--init",
                                           "--recursive", "--force", NULL };
        CLEANUP(free) char *modules = xasprintf("%s/.gitmodules", request->folder);
        GitMirrors local = *mirrors;

        local.allow_file = true; /* the mirror itself */
        if (!git_run(&local, request, mirrors->folder, clone_shared, NULL, err) ||
            !git_run(mirrors, request, request->folder, origin, NULL, err) ||
            !git_run(mirrors, request, request->folder, checkout, NULL, err))
                return error_prefix(err, "repository %s", request->url);
        if (!file_exists(modules))
                return true;
        say(request, "Fetching submodules of ", request->url);
        return git_run(mirrors, request, request->folder, submodules, NULL, err) ||
               error_prefix(err, "submodules of %s", request->url);
}

bool git_mirror_open(
        const GitMirrors *mirrors, const GitRequest *request, char **ret_path, int *ret_lock, Error **err) {
        CLEANUP(free) char *name = NULL;

        if (!git_url_check(request->url, mirrors->allow_file, err))
                return false;
        name = crypto_sha256_hex(request->url, strlen(request->url));
        *ret_path = xasprintf("%s/%s", mirrors->folder, name);
        return lock_mirror(*ret_path, request, ret_lock, err) && update(mirrors, request, *ret_path, err);
}

bool git_mirrors_checkout(GitMirrors *mirrors, const GitRequest *request, GitRevision *ret, Error **err) {
        CLEANUP(file_close) int lock = -1;
        CLEANUP(free) char *path = NULL;

        return git_mirror_open(mirrors, request, &path, &lock, err) &&
               git_mirror_resolve(mirrors, request, path, ret, err) &&
               describe(mirrors, request, path, ret, err) && export_tree(mirrors, request, path, ret, err);
}

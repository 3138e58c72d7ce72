#include "sources/git_refs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sources/git_command.h"

enum { HASH_MIN = 40, HASH_MAX = 64 };

#define BRANCHES "refs/heads/"
#define TAGS "refs/tags/"
#define PEELED "^{}"

void git_refs_clear(GitRefs *refs) {
        for (size_t i = 0; i < refs->count; i++) {
                free(refs->items[i].name);
                free(refs->items[i].commit);
        }
        free(refs->items);
        free(refs->default_branch);
        *refs = (GitRefs){ 0 };
}

/* ---- the order ---- */

/* Both stand on a digit; leading zeros do not count. */
static int compare_numbers(const char **a, const char **b) {
        *a += strspn(*a, "0");
        *b += strspn(*b, "0");
        size_t a_digits = strspn(*a, "0123456789"), b_digits = strspn(*b, "0123456789");
        int difference = a_digits != b_digits ? (a_digits > b_digits ? 1 : -1) : memcmp(*a, *b, a_digits);

        *a += a_digits;
        *b += b_digits;
        return difference;
}

/* Of what follows where two names part: before the end comes what makes a version a former one. */
static int rank(char next) {
        return next == '~' ? 0 : next == '-' ? 1 : next == '\0' ? 2 : 3;
}

int git_version_compare(const char *a, const char *b) {
        const char *whole_a = a, *whole_b = b;

        while (*a && *b) {
                if (isdigit((unsigned char) *a) && isdigit((unsigned char) *b)) {
                        int difference = compare_numbers(&a, &b);
                        if (difference != 0)
                                return difference;
                } else if (*a == *b) {
                        a++, b++;
                } else {
                        break;
                }
        }
        if (rank(*a) != rank(*b))
                return rank(*a) - rank(*b);
        if (*a != *b)
                return (unsigned char) *a - (unsigned char) *b;
        return strcmp(whole_a, whole_b); /* v1 and v01 */
}

static int compare(const void *one, const void *other) {
        const GitRef *a = one, *b = other;

        if (a->is_tag != b->is_tag)
                return a->is_tag ? -1 : 1;
        return a->is_tag ? git_version_compare(b->name, a->name) : strcmp(a->name, b->name);
}

/* ---- what git prints ---- */

static void add(GitRefs *refs, bool is_tag, const char *name, const char *commit) {
        refs->items = xrealloc(refs->items, (refs->count + 1) * sizeof(*refs->items));
        refs->items[refs->count++] =
                (GitRef){ .name = xstrdup(name), .is_tag = is_tag, .commit = xstrdup(commit) };
}

/* "refs/tags/v1^{}" comes right behind "refs/tags/v1" and has the commit of it. */
static void add_tag(GitRefs *refs, const char *name, const char *commit) {
        GitRef *last = refs->count > 0 ? &refs->items[refs->count - 1] : NULL;

        if (!text_ends_with(name, PEELED)) {
                add(refs, true, name, commit);
                return;
        }
        size_t length = strlen(name) - strlen(PEELED);
        if (!last || !last->is_tag || strlen(last->name) != length || strncmp(last->name, name, length) != 0)
                return;
        free(last->commit);
        last->commit = xstrdup(commit);
}

static bool is_hash(const char *word) {
        size_t length = strlen(word);

        return length >= HASH_MIN && length <= HASH_MAX && strspn(word, "0123456789abcdef") == length;
}

/* "<hash>\t<name>", or "ref: refs/heads/main\tHEAD" */
static void read_line(GitRefs *refs, char *line) {
        char *name = strchr(line, '\t');

        if (!name)
                return;
        *name++ = '\0';
        if (text_starts_with(line, "ref: " BRANCHES) && text_equal(name, "HEAD") && !refs->default_branch)
                refs->default_branch = xstrdup(line + strlen("ref: " BRANCHES));
        if (!is_hash(line))
                return;
        if (text_starts_with(name, BRANCHES) && name[strlen(BRANCHES)])
                add(refs, false, name + strlen(BRANCHES), line);
        else if (text_starts_with(name, TAGS) && name[strlen(TAGS)])
                add_tag(refs, name + strlen(TAGS), line);
}

void git_refs_parse(const char *output, GitRefs *ret) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        *ret = (GitRefs){ 0 };
        text_split(output, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++)
                read_line(ret, lines.items[i]);
        if (ret->count > 0)
                qsort(ret->items, ret->count, sizeof(*ret->items), compare);
}

bool git_refs_fetch(const GitMirrors *mirrors, const GitRequest *request, GitRefs *ret, Error **err) {
        const char *const arguments[] = { "ls-remote", "--symref",     "--",          request->url,
                                          "HEAD",      "refs/heads/*", "refs/tags/*", NULL };
        CLEANUP(free) char *output = NULL;

        if (!git_url_check(request->url, mirrors->allow_file, err))
                return false;
        if (!git_run(mirrors, request, mirrors->folder, arguments, &output, err))
                return error_prefix(err, "repository %s", request->url);
        git_refs_parse(output, ret);
        return true;
}

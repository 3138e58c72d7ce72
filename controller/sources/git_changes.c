#include "sources/git_changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { FIELDS = 4, SEPARATOR = '\x1f', HASH_MIN = 40, OCTAL_DIGITS = 3 };

void git_commit_clear(GitCommit *commit) {
        free(commit->id);
        free(commit->date);
        free(commit->author);
        free(commit->subject);
        *commit = (GitCommit){ 0 };
}

void git_commits_clear(GitCommits *commits) {
        for (size_t i = 0; i < commits->count; i++)
                git_commit_clear(&commits->items[i]);
        free(commits->items);
        *commits = (GitCommits){ 0 };
}

void git_changes_clear(GitChanges *changes) {
        for (size_t i = 0; i < changes->count; i++)
                free(changes->items[i].path);
        free(changes->items);
        *changes = (GitChanges){ 0 };
}

/* ---- commits ---- */

static void add_commit(GitCommits *commits, const StringList *fields) {
        commits->items = xrealloc(commits->items, (commits->count + 1) * sizeof(*commits->items));
        commits->items[commits->count++] = (GitCommit){ .id = xstrdup(fields->items[0]),
                                                        .date = xstrdup(fields->items[1]),
                                                        .author = xstrdup(fields->items[2]),
                                                        .subject = xstrdup(fields->items[3]) };
}

void git_commits_parse(const char *output, GitCommits *ret) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        *ret = (GitCommits){ 0 };
        text_split(output, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                CLEANUP(string_list_clear) StringList fields = { 0 };

                text_split(lines.items[i], SEPARATOR, &fields);
                if (fields.count >= FIELDS && strlen(fields.items[0]) >= HASH_MIN)
                        add_commit(ret, &fields);
        }
}

/* ---- files ---- */

static const char *change_word(char letter) {
        switch (letter) {
        case 'A':
        case 'C':
                return "added";
        case 'D':
                return "deleted";
        case 'R':
                return "renamed";
        case 'M':
        case 'T':
                return "modified";
        default:
                return NULL;
        }
}

/* One character behind a backslash; returns how many were read. */
static size_t read_escape(const char *text, char *ret) {
        static const char letters[] = "abtnvfr", values[] = "\a\b\t\n\v\f\r";
        const char *letter = *text ? strchr(letters, *text) : NULL;
        size_t digits = strspn(text, "01234567");

        if (digits >= OCTAL_DIGITS) {
                unsigned byte = 0;

                for (size_t i = 0; i < OCTAL_DIGITS; i++)
                        byte = byte * 8 + (unsigned) (text[i] - '0');
                *ret = (char) byte;
                return OCTAL_DIGITS;
        }
        *ret = letter ? values[letter - letters] : *text;
        return *text ? 1 : 0;
}

/* A path with odd bytes in it comes in quotes, as in C. */
static char *read_path(const char *field) {
        size_t length = strlen(field);
        Text path = { 0 };

        if (length < 2 || field[0] != '"' || field[length - 1] != '"')
                return xstrdup(field);
        for (size_t i = 1; i < length - 1;) {
                char byte = field[i++];

                if (byte == '\\' && i < length - 1)
                        i += read_escape(field + i, &byte);
                if (byte)
                        text_append_bytes(&path, &byte, 1);
        }
        return text_take(&path);
}

/* "M\tpath", or "R086\tformer\tpath" */
static void add_change(const char *line, size_t most, GitChanges *ret) {
        CLEANUP(string_list_clear) StringList fields = { 0 };
        const char *change = change_word(*line);

        text_split(line, '\t', &fields);
        if (!change || fields.count < 2)
                return;
        ret->total++;
        if (ret->count == most)
                return;
        ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
        ret->items[ret->count++] =
                (GitChange){ .path = read_path(fields.items[fields.count - 1]), .change = change };
}

void git_changes_parse(const char *output, size_t most, GitChanges *ret) {
        CLEANUP(string_list_clear) StringList lines = { 0 };

        *ret = (GitChanges){ 0 };
        text_split(output, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++)
                add_change(lines.items[i], most, ret);
}

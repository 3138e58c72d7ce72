#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { FILE_MAX_BYTES = 256 * 1024, ANSWER_MAX_BYTES = 1024 };

static const struct {
        const char *key;
        size_t offset;
        const char *variable;
} profile_keys[] = {
        { "endpoint", offsetof(Profile, endpoint), "GHOST_URL" },
        { "username", offsetof(Profile, username), "GHOST_USER" },
        { "password", offsetof(Profile, password), "GHOST_PASSWORD" },
        { "token", offsetof(Profile, token), "GHOST_TOKEN" },
        { "ca_file", offsetof(Profile, ca_file), "GHOST_CA_FILE" },
};

static char **slot_of(Profile *profile, size_t index) {
        return (char **) ((char *) profile + profile_keys[index].offset);
}

static void set_slot(Profile *profile, size_t index, const char *value) {
        char **slot = slot_of(profile, index);

        free(*slot);
        *slot = xstrdup(value);
}

static void set_key(Profile *profile, const char *key, const char *value) {
        for (size_t i = 0; i < sizeof(profile_keys) / sizeof(profile_keys[0]); i++)
                if (strcmp(profile_keys[i].key, key) == 0)
                        set_slot(profile, i, value);
}

/* "key = value" or "key: value"; other keys are some other tool's and left alone. */
static bool take_pair(const char *line, Profile *profile) {
        size_t length = strcspn(line, "=:");

        if (!line[length])
                return false;

        CLEANUP(free) char *raw_key = xstrndup(line, length);
        CLEANUP(free) char *key = text_trim(raw_key);
        CLEANUP(free) char *value = text_trim(line + length + 1);

        set_key(profile, key, value);
        return true;
}

static bool is_section(const char *line, const char *section) {
        size_t length = strlen(section);

        return line[0] == '[' && strncmp(line + 1, section, length) == 0 &&
               strcmp(line + 1 + length, "]") == 0;
}

bool profile_parse(
        const char *source, const char *content, const char *section, Profile *profile, bool *ret_found,
        Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool inside = false;

        *ret_found = false;
        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                CLEANUP(free) char *line = text_trim(lines.items[i]);

                if (line[0] == '[')
                        inside = is_section(line, section);
                else if (line[0] && line[0] != '#' && line[0] != ';' && inside && !take_pair(line, profile))
                        return error_set(
                                err, ERROR_INVALID, "%s:%zu: expected 'key = value', not '%s'", source, i + 1,
                                line);
                *ret_found |= inside;
        }
        return true;
}

typedef struct Search {
        const char *section;
        bool any_file;
        bool found;
} Search;

static bool read_file(const char *path, bool required, Search *search, Profile *profile, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        CLEANUP(free) char *content = NULL;
        size_t length = 0;
        bool found = false;

        if (!file_read(path, FILE_MAX_BYTES, &content, &length, &why)) {
                if (!required && error_kind(why) == ERROR_NOT_FOUND)
                        return true;
                return error_set(err, error_kind(why), "%s", error_message(why));
        }
        search->any_file = true;
        if (!profile_parse(path, content, search->section, profile, &found, err))
                return false;
        search->found |= found;
        return true;
}

static bool read_usual_files(const char *name, Search *search, Profile *profile, Error **err) {
        const char *home = getenv("HOME"); /* NOLINT(concurrency-mt-unsafe): one thread */
        CLEANUP(free) char *in_home = xasprintf("%s/%s", home ? home : "", name);

        return (!home || read_file(in_home, false, search, profile, err)) &&
               read_file(name, false, search, profile, err);
}

static void set_echo(bool on) {
        struct termios terminal;

        if (tcgetattr(STDIN_FILENO, &terminal) != 0)
                return;
        if (on)
                terminal.c_lflag |= ECHO;
        else
                terminal.c_lflag &= ~(tcflag_t) ECHO;
        (void) tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal);
}

static bool ask(const char *what, bool hidden, char **slot, Error **err) {
        char answer[ANSWER_MAX_BYTES];
        char *line;

        if (*slot)
                return true;
        if (!isatty(STDIN_FILENO))
                return error_set(
                        err, ERROR_INVALID, "no %s: set it in ~/.ghost or by GHOST_%s", what,
                        strcmp(what, "endpoint") == 0   ? "URL"
                        : strcmp(what, "username") == 0 ? "USER"
                                                        : "PASSWORD");
        (void) fprintf(stderr, "%s: ", what);
        if (hidden)
                set_echo(false);
        line = fgets(answer, sizeof(answer), stdin);
        if (hidden) {
                set_echo(true);
                (void) fputc('\n', stderr);
        }
        if (!line)
                return error_set(err, ERROR_INVALID, "no %s given", what);
        *slot = text_trim(answer);
        crypto_wipe(answer, sizeof(answer));
        return true;
}

/* A name or password of the environment wins over a token of the file, too. */
static void drop_token_of_file(Profile *profile) {
        if (text_empty(getenv("GHOST_USER")) && text_empty(getenv("GHOST_PASSWORD"))) /* NOLINT: one thread */
                return;
        free(profile->token);
        profile->token = NULL;
}

static void read_environment(Profile *profile) {
        drop_token_of_file(profile);
        for (size_t i = 0; i < sizeof(profile_keys) / sizeof(profile_keys[0]); i++) {
                const char *value = getenv(profile_keys[i].variable); /* NOLINT(concurrency-mt-unsafe) */

                if (!text_empty(value))
                        set_slot(profile, i, value);
        }
}

static bool read_files(const ProfileSource *source, Profile *profile, Error **err) {
        Search search = { .section = source->name ? source->name : "default" };

        if (source->config_file) {
                if (!read_file(source->config_file, true, &search, profile, err))
                        return false;
        } else if (
                !read_usual_files(".ghost", &search, profile, err) ||
                (!search.any_file && !read_usual_files(".casper", &search, profile, err))) {
                return false;
        }
        if (source->name && !search.found)
                return error_set(
                        err, ERROR_NOT_FOUND, "no profile '%s' in the configuration file", source->name);
        return true;
}

bool profile_load(const ProfileSource *source, Profile *ret, Error **err) {
        CLEANUP(profile_clear) Profile profile = { 0 };

        if (!read_files(source, &profile, err))
                return false;
        read_environment(&profile);
        if (!ask("endpoint", false, &profile.endpoint, err))
                return false;
        if (!profile.token && (!ask("username", false, &profile.username, err) ||
                               !ask("password", true, &profile.password, err)))
                return false;
        while (text_ends_with(profile.endpoint, "/"))
                profile.endpoint[strlen(profile.endpoint) - 1] = '\0';
        *ret = profile;
        profile = (Profile){ 0 };
        return true;
}

void profile_clear(Profile *profile) {
        if (profile->password)
                crypto_wipe(profile->password, strlen(profile->password));
        for (size_t i = 0; i < sizeof(profile_keys) / sizeof(profile_keys[0]); i++)
                free(*slot_of(profile, i));
        *profile = (Profile){ 0 };
}

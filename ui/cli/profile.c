#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "output.h"
#include "prompt.h"

enum { FILE_MAX_BYTES = 256 * 1024 };

typedef enum ProfileKey {
        KEY_ENDPOINT,
        KEY_USERNAME,
        KEY_PASSWORD,
        KEY_TOKEN,
        KEY_CA_FILE,
        KEY_COUNT,
} ProfileKey;

static const struct {
        const char *key;
        size_t offset;
        const char *variable;
} profile_keys[KEY_COUNT] = {
        [KEY_ENDPOINT] = { "endpoint", offsetof(Profile, endpoint), "GHOST_URL" },
        [KEY_USERNAME] = { "username", offsetof(Profile, username), "GHOST_USER" },
        [KEY_PASSWORD] = { "password", offsetof(Profile, password), "GHOST_PASSWORD" },
        [KEY_TOKEN] = { "token", offsetof(Profile, token), "GHOST_TOKEN" },
        [KEY_CA_FILE] = { "ca_file", offsetof(Profile, ca_file), "GHOST_CA_FILE" },
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
        for (size_t i = 0; i < KEY_COUNT; i++)
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

bool profile_is_section(const char *line, const char *section) {
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
                        inside = profile_is_section(line, section);
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

static bool ask(Profile *profile, ProfileKey key, bool hidden, Error **err) {
        char **slot = slot_of(profile, key);

        if (*slot)
                return true;
        if (!prompt_possible())
                return error_set(
                        err, ERROR_INVALID, "no %s: set it by 'ghost configure', in ~/.ghost or by %s",
                        profile_keys[key].key, profile_keys[key].variable);

        CLEANUP(free) char *question = xasprintf("Ghost %s", profile_keys[key].key);
        CLEANUP(free) char *answer = NULL;
        if (!prompt_ask(question, hidden, &answer, err))
                return false;
        *slot = hidden ? TAKE(answer) : text_trim(answer);
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
        for (size_t i = 0; i < KEY_COUNT; i++) {
                const char *value = getenv(profile_keys[i].variable); /* NOLINT(concurrency-mt-unsafe) */

                if (!text_empty(value))
                        set_slot(profile, i, value);
        }
}

static bool read_files(const ProfileSource *source, Search *search, Profile *profile, Error **err) {
        if (source->config_file) {
                if (!read_file(source->config_file, true, search, profile, err))
                        return false;
        } else if (
                !read_usual_files(".ghost", search, profile, err) ||
                (!search->any_file && !read_usual_files(".casper", search, profile, err))) {
                return false;
        }
        if (source->name && !search->found)
                return error_set(
                        err, ERROR_NOT_FOUND, "no profile '%s' in the configuration file", source->name);
        return true;
}

/* As Casper does before it asks. */
static void notice_what_is_asked(const Search *search, const ProfileSource *source, const Profile *profile) {
        if (profile->endpoint && (profile->token || (profile->username && profile->password)))
                return;
        if (!search->any_file)
                output_notice("No valid config files found, Ghost credentials info will be prompted");
        else if (!search->found && !source->name)
                output_notice("No section \"%s\" found in configuration", search->section);
}

bool profile_load(const ProfileSource *source, Profile *ret, Error **err) {
        CLEANUP(profile_clear) Profile profile = { 0 };

        Search search = { .section = source->name ? source->name : "default" };

        if (!read_files(source, &search, &profile, err))
                return false;
        read_environment(&profile);
        notice_what_is_asked(&search, source, &profile);
        if (!ask(&profile, KEY_ENDPOINT, false, err))
                return false;
        if (!profile.token &&
            (!ask(&profile, KEY_USERNAME, false, err) || !ask(&profile, KEY_PASSWORD, true, err)))
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
        for (size_t i = 0; i < KEY_COUNT; i++)
                free(*slot_of(profile, i));
        *profile = (Profile){ 0 };
}

void profile_print_section(const Profile *profile, const char *section, Text *text) {
        text_appendf(text, "[%s]\n", section);
        for (size_t i = 0; i < KEY_COUNT; i++) {
                const char *value = *(char *const *) ((const char *) profile + profile_keys[i].offset);

                if (value)
                        text_appendf(text, "%s = %s\n", profile_keys[i].key, value);
        }
}

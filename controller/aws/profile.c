#include "aws/profile.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

enum { MAX_FILE_BYTES = 1 << 20 };

struct Profile {
        char *name;
        bool found;
        StringList keys, values; /* side by side; the first of a key counts */
};

Profile *profile_new(const char *name) {
        Profile *profile = xcalloc(1, sizeof(*profile));

        profile->name = xstrdup(name);
        return profile;
}

void profile_free(Profile *profile) {
        if (!profile)
                return;
        free(profile->name);
        string_list_clear(&profile->keys);
        string_list_clear(&profile->values);
        free(profile);
}

const char *profile_name(const Profile *profile) {
        return profile->name;
}

const char *profile_value(const Profile *profile, const char *key) {
        for (size_t i = 0; profile && i < profile->keys.count; i++)
                if (text_equal(profile->keys.items[i], key))
                        return *profile->values.items[i] ? profile->values.items[i] : NULL;
        return NULL;
}

/* "[ profile  x ]" is "profile x". */
static char *section_name(const char *line, const char *end) {
        CLEANUP(free) char *inner = xstrndup(line + 1, (size_t) (end - line - 1));
        CLEANUP(free) char *name = text_trim(inner);

        if (text_starts_with(name, "profile") && (name[7] == ' ' || name[7] == '\t')) {
                CLEANUP(free) char *rest = text_trim(name + 7);
                return xasprintf("profile %s", rest);
        }
        return TAKE(name);
}

/* A comment begins at '#' or ';' after a blank; a secret may hold them without one. */
static char *plain_value(const char *text) {
        size_t length = 0;

        while (text[length] && !((text[length] == '#' || text[length] == ';') && length > 0 &&
                                 (text[length - 1] == ' ' || text[length - 1] == '\t')))
                length++;
        CLEANUP(free) char *value = xstrndup(text, length);
        return text_trim(value);
}

static bool parse_line(Profile *profile, const char *line, const char *section, bool *inside, Error **err) {
        const char *equals = strchr(line, '=');

        if (*line == '[') {
                const char *end = strchr(line, ']');
                if (!end)
                        return error_set(err, ERROR_INVALID, "'[' without ']'");
                CLEANUP(free) char *name = section_name(line, end);
                *inside = text_equal(name, section);
                profile->found = profile->found || *inside;
                return true;
        }
        if (*line == ' ' || *line == '\t') /* a nested block such as "s3 =": nothing of ours */
                return true;
        if (!equals)
                return error_set(err, ERROR_INVALID, "neither a section nor 'key = value'");
        if (*inside) {
                CLEANUP(free) char *raw_key = xstrndup(line, (size_t) (equals - line));
                string_list_take(&profile->keys, text_trim(raw_key));
                string_list_take(&profile->values, plain_value(equals + 1));
        }
        return true;
}

bool profile_parse(
        Profile *profile, const char *source, const char *content, const char *section, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool inside = false;

        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                char *line = lines.items[i];
                size_t blanks = strspn(line, " \t\r");

                if (!line[blanks] || line[blanks] == '#' || line[blanks] == ';')
                        continue;
                if (!parse_line(
                            profile, line, section, &inside,
                            err)) /* never the line itself: it may be a secret */
                        return error_prefix(err, "%s:%zu", source, i + 1);
        }
        return true;
}

static bool read_shared_file(
        Profile *profile, const char *const *environment, const char *variable, const char *fallback,
        const char *section, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(free) char *content = NULL, *path = NULL;
        const char *given = environment_value(environment, variable),
                   *home = environment_value(environment, "HOME");

        if (!given && !home)
                return true;
        path = given ? xstrdup(given) : xasprintf("%s/%s", home, fallback);
        if (!file_read(path, MAX_FILE_BYTES, &content, NULL, &error)) {
                if (error_kind(error) == ERROR_NOT_FOUND)
                        return true;
                return error_set(err, error_kind(error), "%s", error_message(error));
        }
        return profile_parse(profile, path, content, section, err);
}

bool profile_load(const char *const *environment, const char *name, Profile **ret, Error **err) {
        const char *asked = text_empty(name) ? environment_value(environment, "AWS_PROFILE") : name;
        CLEANUP(profile_free) Profile *profile = profile_new(asked ? asked : "default");
        bool is_default = text_equal(profile->name, "default");
        CLEANUP(free)
        char *section = is_default ? xstrdup("default") : xasprintf("profile %s", profile->name);

        if (!read_shared_file(
                    profile, environment, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", profile->name,
                    err) ||
            !read_shared_file(profile, environment, "AWS_CONFIG_FILE", ".aws/config", section, err))
                return false;
        if (!profile->found && asked)
                return error_set(err, ERROR_NOT_FOUND, "AWS profile '%s' is in no shared file", asked);
        *ret = profile->found ? TAKE(profile) : NULL;
        return true;
}

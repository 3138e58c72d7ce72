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
        StringList keys, values; /* side by side; the first of a key counts; a nested one is "block.key" */
        Profile *services;       /* the section of services it names; NULL: none */
};

/* Where parsing is. */
typedef struct Place {
        const char *section; /* that is looked for */
        bool inside;
        char *block; /* key of the nested block, as in "s3 =" */
} Place;

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
        profile_free(profile->services);
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

static bool enter_section(Profile *profile, const char *line, Place *place, Error **err) {
        const char *end = strchr(line, ']');

        if (!end)
                return error_set(err, ERROR_INVALID, "'[' without ']'");
        CLEANUP(free) char *name = section_name(line, end);
        place->inside = text_equal(name, place->section);
        free(TAKE(place->block));
        profile->found = profile->found || place->inside;
        return true;
}

/* An indented line belongs to the block of the key above it, or continues something that is nothing of ours.
 */
static void take_value(Profile *profile, const char *line, const char *equals, Place *place) {
        CLEANUP(free) char *raw_key = xstrndup(line, (size_t) (equals - line));
        CLEANUP(free) char *key = text_trim(raw_key);
        CLEANUP(free) char *value = plain_value(equals + 1);

        if (*line == ' ' || *line == '\t') {
                if (!place->block)
                        return;
                string_list_addf(&profile->keys, "%s.%s", place->block, key);
        } else {
                free(TAKE(place->block));
                place->block = *value ? NULL : xstrdup(key);
                string_list_add(&profile->keys, key);
        }
        string_list_take(&profile->values, TAKE(value));
}

static bool parse_line(Profile *profile, const char *line, Place *place, Error **err) {
        const char *equals = strchr(line, '=');

        if (*line == '[')
                return enter_section(profile, line, place, err);
        if (!equals)
                return *line == ' ' || *line == '\t' ||
                       error_set(err, ERROR_INVALID, "neither a section nor 'key = value'");
        if (place->inside)
                take_value(profile, line, equals, place);
        return true;
}

bool profile_parse(
        Profile *profile, const char *source, const char *content, const char *section, Error **err) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        Place place = { .section = section };
        bool good = true;

        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count && good; i++) {
                char *line = lines.items[i];
                size_t blanks = strspn(line, " \t\r");

                if (!line[blanks] || line[blanks] == '#' || line[blanks] == ';')
                        continue;
                good = parse_line(profile, line, &place, err) ||
                       error_prefix(err, "%s:%zu", source, i + 1); /* never the line: it may be a secret */
        }
        free(place.block);
        return good;
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

static bool load_services(Profile *profile, const char *const *environment, Error **err) {
        const char *name = profile_value(profile, "services");

        if (!name)
                return true;
        CLEANUP(free) char *section = xasprintf("services %s", name);
        profile->services = profile_new(name);
        if (!read_shared_file(profile->services, environment, "AWS_CONFIG_FILE", ".aws/config", section, err))
                return false;
        return profile->services->found ||
               error_set(
                       err, ERROR_NOT_FOUND, "AWS profile '%s': its services section '%s' does not exist",
                       profile->name, name);
}

const char *profile_service_value(const Profile *profile, const char *service, const char *key) {
        CLEANUP(free) char *nested = xasprintf("%s.%s", service, key);

        if (!profile || !profile->services)
                return NULL;
        for (char *at = nested; *at; at++) /* "auto_scaling" in the file */
                if (*at >= 'A' && *at <= 'Z')
                        *at = (char) (*at - 'A' + 'a');
        return profile_value(profile->services, nested);
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
        if (!load_services(profile, environment, err))
                return false;
        *ret = profile->found ? TAKE(profile) : NULL;
        return true;
}

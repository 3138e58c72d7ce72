#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/memory.h"
#include "profile.h"

enum { FILE_MAX_BYTES = 256 * 1024, PRIVATE_MODE = 0600 };

/* A value with an end of line in it would be read as other settings. */
static bool check_value(const char *value, Error **err) {
        CLEANUP(free) char *trimmed = text_trim(value ? value : "");

        if (value && (strpbrk(value, "\r\n") || strcmp(trimmed, value) != 0))
                return error_set(
                        err, ERROR_INVALID,
                        "a value with a line end in it, or blanks around it, cannot be kept in the file");
        return true;
}

/* The lines of content without those of the section. */
static void copy_other_sections(const char *content, const char *section, Text *text) {
        CLEANUP(string_list_clear) StringList lines = { 0 };
        bool inside = false;

        text_split(content, '\n', &lines);
        for (size_t i = 0; i < lines.count; i++) {
                CLEANUP(free) char *line = text_trim(lines.items[i]);

                if (line[0] == '[')
                        inside = profile_is_section(line, section);
                if (!inside && (i + 1 < lines.count || *line))
                        text_appendf(text, "%s\n", lines.items[i]);
        }
}

static bool read_file(const char *path, char **ret, Error **err) {
        CLEANUP(error_free) Error *why = NULL;
        size_t length = 0;

        if (file_read(path, FILE_MAX_BYTES, ret, &length, &why))
                return true;
        if (error_kind(why) != ERROR_NOT_FOUND)
                return error_set(err, error_kind(why), "%s", error_message(why));
        *ret = xstrdup("");
        return true;
}

bool profile_save(const char *path, const char *section, const Profile *profile, Error **err) {
        CLEANUP(free) char *content = NULL;
        CLEANUP(text_clear) Text text = { 0 };

        if (strpbrk(section, "]\r\n"))
                return error_set(err, ERROR_INVALID, "'%s' is no name of a profile", section);
        if (!check_value(profile->endpoint, err) || !check_value(profile->username, err) ||
            !check_value(profile->password, err) || !check_value(profile->token, err) ||
            !check_value(profile->ca_file, err) || !read_file(path, &content, err))
                return false;
        copy_other_sections(content, section, &text);
        if (text.length)
                text_append(&text, text_ends_with(text.data, "\n\n") ? "" : "\n");
        profile_print_section(profile, section, &text);

        bool ok = file_write_atomic(path, text.data, text.length, PRIVATE_MODE, err);
        crypto_wipe(content, strlen(content));
        crypto_wipe(text.data, text.length);
        return ok;
}

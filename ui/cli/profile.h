/* Where the controller is and who we are to it: environment (GHOST_URL, GHOST_USER, GHOST_PASSWORD,
 * GHOST_TOKEN) over profile file over asking at the terminal. The file is INI, one section a profile:
 * endpoint, username, password, token.
 * ~/.ghost then ./.ghost are read (the nearer wins); when there is neither, ~/.casper and ./.casper. */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct Profile {
        char *endpoint; /* without a slash at its end */
        char *username;
        char *password;
        char *token;   /* instead of name and password */
        char *ca_file; /* PEM: authority of the controller's certificate; NULL: the system's */
} Profile;

typedef struct ProfileSource {
        const char *name;        /* section; NULL: "default" */
        const char *config_file; /* instead of the usual ones; NULL: those */
} ProfileSource;

bool profile_load(const ProfileSource *source, Profile *ret, Error **err);
void profile_clear(Profile *profile);
static inline void profile_clearp(Profile *profile) {
        profile_clear(profile);
}

/* One file's section into *profile; a section that is not there changes nothing and sets *ret_found to false.
 */
bool profile_parse(
        const char *source, const char *content, const char *section, Profile *profile, bool *ret_found,
        Error **err);

/* Whether the line opens that section. */
bool profile_is_section(const char *line, const char *section);
/* "[section]", then the values that there are. */
void profile_print_section(const Profile *profile, const char *section, Text *text);

/* The section of that file is this profile from now on; other sections, their comments too, stay as they are.
 * The file is made, and is private (0600) whatever it was before. */
bool profile_save(const char *path, const char *section, const Profile *profile, Error **err);

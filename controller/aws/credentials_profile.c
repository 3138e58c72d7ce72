/* Credentials of a profile of the shared files: static keys. */
#include <stdlib.h>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "base/memory.h"
#include "base/text.h"

typedef struct ProfileSource {
        const char *const *environment;
        char *name; /* NULL: AWS_PROFILE, else "default" */
} ProfileSource;

static bool load_profile(void *context, Credentials **ret, Error **err) {
        const ProfileSource *source = context;
        CLEANUP(profile_free) Profile *profile = NULL;

        if (!profile_load(source->environment, source->name, &profile, err))
                return false;
        const char *key = profile_value(profile, "aws_access_key_id");
        const char *secret = profile_value(profile, "aws_secret_access_key");
        if (profile_value(profile, "role_arn"))
                return error_set(
                        err, ERROR_INVALID,
                        "profile '%s' assumes a role, which is not supported; use static keys",
                        profile_name(profile));
        if (!key && !secret)
                return true;
        if (!key || !secret)
                return error_set(
                        err, ERROR_INVALID, "profile '%s' has only half a key", profile_name(profile));
        *ret = credentials_new(key, secret, profile_value(profile, "aws_session_token"));
        (*ret)->origin = xasprintf("profile %s", profile_name(profile));
        return true;
}

static void free_profile(void *context) {
        ProfileSource *source = context;

        free(source->name);
        free(source);
}

CredentialsSource credentials_from_profile(const char *const *environment, const char *profile) {
        ProfileSource *source = xcalloc(1, sizeof(*source));

        source->environment = environment;
        source->name = text_empty(profile) ? NULL : xstrdup(profile);
        return (CredentialsSource){ load_profile, free_profile, source };
}

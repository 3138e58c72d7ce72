/* Credentials of a profile of the shared files: static keys, or a role that another profile, the environment,
 * the instance, the container or a token may assume. */
#include <stdlib.h>

#include "aws/credentials.h"
#include "aws/profile.h"
#include "aws/sts.h"
#include "base/memory.h"
#include "base/text.h"

enum { CHAIN_MAX = 8, TIMEOUT_MS = 60000 };

typedef struct ProfileSource {
        const char *const *environment;
        char *name; /* NULL: AWS_PROFILE, else "default" */
} ProfileSource;

/* A profile may build on another, and so on: each at most once. */
typedef struct Chain {
        const char *const *environment;
        StringList names;
} Chain;

static bool load_link(Chain *chain, const char *name, Credentials **ret, Error **err);

static bool read_keys(const Profile *profile, Credentials **ret, Error **err) {
        const char *key = profile_value(profile, "aws_access_key_id");
        const char *secret = profile_value(profile, "aws_secret_access_key");

        if (!key && !secret)
                return true;
        if (!key || !secret)
                return error_set(
                        err, ERROR_INVALID, "profile '%s' has only half a key", profile_name(profile));
        *ret = credentials_new(key, secret, profile_value(profile, "aws_session_token"));
        (*ret)->origin = xasprintf("profile %s", profile_name(profile));
        return true;
}

static bool load_named_source(Chain *chain, const char *word, Credentials **ret, Error **err) {
        const struct {
                const char *word;
                CredentialsSource source;
        } rows[] = {
                { "Environment", credentials_from_environment(chain->environment) },
                { "Ec2InstanceMetadata", credentials_from_metadata(chain->environment) },
                { "EcsContainer", credentials_from_container(chain->environment) },
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (text_equal(rows[i].word, word))
                        return rows[i].source.load(rows[i].source.context, ret, err);
        return error_set(
                err, ERROR_INVALID,
                "credential_source is Environment, Ec2InstanceMetadata or EcsContainer, not '%.40s'", word);
}

/* Who may assume the role. */
static bool load_base(Chain *chain, const Profile *profile, Credentials **ret, Error **err) {
        const char *other = profile_value(profile, "source_profile"),
                   *word = profile_value(profile, "credential_source");

        if (!other == !word)
                return error_set(
                        err, ERROR_INVALID,
                        "profile '%s' assumes a role: it needs either source_profile or credential_source",
                        profile_name(profile));
        bool loaded = word                                       ? load_named_source(chain, word, ret, err)
                      : text_equal(other, profile_name(profile)) ? read_keys(profile, ret, err)
                                                                 : load_link(chain, other, ret, err);
        if (!loaded)
                return false;
        return *ret || error_set(
                               err, ERROR_INVALID, "profile '%s': %s '%.80s' has no credentials",
                               profile_name(profile), word ? "credential_source" : "source_profile",
                               word ? word : other);
}

static bool read_duration(const Profile *profile, int64_t *ret, Error **err) {
        const char *word = profile_value(profile, "duration_seconds");
        uint64_t seconds = 0;

        if (word && !text_parse_uint(word, 900, 43200, &seconds, err))
                return error_prefix(err, "profile '%s': duration_seconds", profile_name(profile));
        *ret = (int64_t) seconds;
        return true;
}

static bool assume(Chain *chain, const Profile *profile, Credentials **ret, Error **err) {
        const char *session_name = profile_value(profile, "role_session_name");
        AssumeRoleSpec spec = { .role_arn = profile_value(profile, "role_arn"),
                                .session_name = session_name ? session_name : "ghost",
                                .external_id = profile_value(profile, "external_id") };
        CLEANUP(credentials_free) Credentials *base = NULL;
        CLEANUP(free) char *account = NULL;

        if (!read_duration(profile, &spec.duration_s, err) || !load_base(chain, profile, &base, err))
                return false;
        const AwsOptions options = { .region = profile_value(profile, "region"),
                                     .environment = chain->environment,
                                     .credentials = base };
        CLEANUP(aws_free) Aws *aws = aws_new(&options, err);
        if (!aws)
                return false;
        AwsSession session = { .aws = aws, .deadline = deadline_after_ms(TIMEOUT_MS) };
        if (!sts_assume_role(&session, &spec, ret, &account, err))
                return error_prefix(err, "profile '%s'", profile_name(profile));
        (*ret)->origin = xasprintf("profile %s", profile_name(profile));
        return true;
}

static bool load_role(Chain *chain, const Profile *profile, Credentials **ret, Error **err) {
        const WebIdentity identity = { .token_file = profile_value(profile, "web_identity_token_file"),
                                       .role_arn = profile_value(profile, "role_arn"),
                                       .session_name = profile_value(profile, "role_session_name"),
                                       .region = profile_value(profile, "region") };

        if (profile_value(profile, "mfa_serial"))
                return error_set(
                        err, ERROR_INVALID,
                        "profile '%s' wants a code of a device (mfa_serial): nobody is asked here",
                        profile_name(profile));
        if (identity.token_file)
                return credentials_assume_with_token(chain->environment, &identity, ret, err);
        return assume(chain, profile, ret, err);
}

/* A role comes before the keys beside it. */
static bool load_link(Chain *chain, const char *name, Credentials **ret, Error **err) {
        CLEANUP(profile_free) Profile *profile = NULL;

        if (!profile_load(chain->environment, name, &profile, err))
                return false;
        if (!profile)
                return true;
        if (string_list_contains(&chain->names, profile_name(profile)) || chain->names.count == CHAIN_MAX)
                return error_set(
                        err, ERROR_INVALID, "profile '%s': its source_profile leads back to itself",
                        profile_name(profile));
        string_list_add(&chain->names, profile_name(profile));
        return profile_value(profile, "role_arn") ? load_role(chain, profile, ret, err)
                                                  : read_keys(profile, ret, err);
}

static bool load_profile(void *context, Credentials **ret, Error **err) {
        const ProfileSource *source = context;
        Chain chain = { .environment = source->environment };

        bool loaded = load_link(&chain, source->name, ret, err);
        string_list_clear(&chain.names);
        return loaded;
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

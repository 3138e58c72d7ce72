/* Credentials: the keys that sign, and where they come from.
 *
 * A CredentialsProvider asks its sources in order, keeps what the first that has any says, and renews it
 * before it expires: 15 minutes before, one caller renews while the others go on with the old set; 10 minutes
 * before, everyone waits. A set is one immutable snapshot: key, secret and token always belong together.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Credentials {
        char *access_key_id;
        char *secret_access_key;
        char *session_token; /* NULL: none */
        int64_t expires_us;  /* 0: never */
        char *origin;        /* for messages: "environment", "profile default" … */
} Credentials;

Credentials *credentials_new(const char *access_key_id, const char *secret, const char *session_token);
Credentials *credentials_copy(const Credentials *credentials);
void credentials_free(Credentials *credentials); /* wipes the secrets */
CLEANUP_DEFINE(Credentials, credentials_free);

/* One place to ask. `true` with *ret == NULL: it has none, ask the next; `false`: it has some but they are
 * broken. */
typedef struct CredentialsSource {
        bool (*load)(void *context, Credentials **ret, Error **err);
        void (*free)(void *context); /* NULL: nothing to free */
        void *context;
} CredentialsSource;

typedef struct CredentialsProvider CredentialsProvider;

/* The provider owns the sources. */
CredentialsProvider *credentials_provider_new(const CredentialsSource *sources, size_t count);
void credentials_provider_free(CredentialsProvider *provider);
CLEANUP_DEFINE(CredentialsProvider, credentials_provider_free);

/* A copy of the set to sign with now. */
bool credentials_provider_get(CredentialsProvider *provider, Credentials **ret, Error **err);

/* AWS refused this set: the next get asks the sources again (unless another thread did so already). */
void credentials_provider_reject(CredentialsProvider *provider, const Credentials *credentials);

/* The sources; each is one file. Arguments are copied. */
CredentialsSource credentials_from_keys(
        const char *access_key_id, const char *secret, const char *session_token);
/* Both variables or an error, never half a set; `environment` is "NAME=value", NULL-terminated, borrowed for
 * good. */
CredentialsSource credentials_from_environment(const char *const *environment);
/* Always that set; copied. NULL: it has none. */
CredentialsSource credentials_from_set(const Credentials *credentials);
/* The shared files; a named profile that does not exist is an error, "default" is simply not there. Its role
 * is assumed by STS. */
CredentialsSource credentials_from_profile(const char *const *environment, const char *profile);
/* AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. */
CredentialsSource credentials_from_web_identity(const char *const *environment);
/* AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI. */
CredentialsSource credentials_from_container(const char *const *environment);
/* The role of the instance the controller runs on, by IMDSv2. */
CredentialsSource credentials_from_metadata(const char *const *environment);

typedef struct WebIdentity {
        const char *token_file, *role_arn;
        const char *session_name; /* NULL: "ghost" */
        const char *region;       /* NULL: as aws.h says */
} WebIdentity;
/* The token is read again each time: whoever wrote it renews it. */
bool credentials_assume_with_token(
        const char *const *environment, const WebIdentity *identity, Credentials **ret, Error **err);

/* Value of a "NAME=value" list, NULL when not there or empty. */
const char *environment_value(const char *const *environment, const char *name);

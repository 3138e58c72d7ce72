#include "aws/credentials.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"

#define ADVISORY_US (15 * 60 * INT64_C(1000000))
#define MANDATORY_US (10 * 60 * INT64_C(1000000))

struct CredentialsProvider {
        CredentialsSource *sources;
        size_t count;
        pthread_mutex_t loading; /* held by the one that asks the sources; taken before lock */
        pthread_mutex_t lock;    /* guards current */
        Credentials *current;
};

static void wipe(char *secret) {
        if (secret)
                crypto_wipe(secret, strlen(secret));
        free(secret);
}

Credentials *credentials_new(const char *access_key_id, const char *secret, const char *session_token) {
        Credentials *credentials = xcalloc(1, sizeof(*credentials));

        credentials->access_key_id = xstrdup(access_key_id);
        credentials->secret_access_key = xstrdup(secret);
        credentials->session_token = text_empty(session_token) ? NULL : xstrdup(session_token);
        return credentials;
}

Credentials *credentials_copy(const Credentials *credentials) {
        Credentials *copy = credentials_new(
                credentials->access_key_id, credentials->secret_access_key, credentials->session_token);

        copy->expires_us = credentials->expires_us;
        copy->origin = credentials->origin ? xstrdup(credentials->origin) : NULL;
        return copy;
}

void credentials_free(Credentials *credentials) {
        if (!credentials)
                return;
        free(credentials->access_key_id);
        wipe(credentials->secret_access_key);
        wipe(credentials->session_token);
        free(credentials->origin);
        free(credentials);
}

CredentialsProvider *credentials_provider_new(const CredentialsSource *sources, size_t count) {
        CredentialsProvider *provider = xcalloc(1, sizeof(*provider));

        provider->sources = xmemdup(sources, count * sizeof(*sources));
        provider->count = count;
        pthread_mutex_init(&provider->loading, NULL);
        pthread_mutex_init(&provider->lock, NULL);
        return provider;
}

void credentials_provider_free(CredentialsProvider *provider) {
        if (!provider)
                return;
        for (size_t i = 0; i < provider->count; i++)
                if (provider->sources[i].free)
                        provider->sources[i].free(provider->sources[i].context);
        free(provider->sources);
        credentials_free(provider->current);
        pthread_mutex_destroy(&provider->loading);
        pthread_mutex_destroy(&provider->lock);
        free(provider);
}

static bool ask_sources(CredentialsProvider *provider, Credentials **ret, Error **err) {
        for (size_t i = 0; i < provider->count; i++) {
                CredentialsSource *source = &provider->sources[i];
                CLEANUP(credentials_free) Credentials *found = NULL;

                if (!source->load(source->context, &found, err))
                        return error_prefix(err, "AWS credentials");
                if (!found)
                        continue;
                if (found->expires_us && found->expires_us <= clock_now_us())
                        return error_set(
                                err, ERROR_UNAVAILABLE, "AWS credentials: those of %s have already expired",
                                found->origin ? found->origin : "the source");
                *ret = TAKE(found);
                return true;
        }
        return error_set(
                err, ERROR_FORBIDDEN,
                "no AWS credentials; set aws.access_key_id and aws.secret_access_key, AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, a profile, or give the instance a role");
}

/* The current set when it lasts longer than that, else NULL. */
static Credentials *fresh_copy(CredentialsProvider *provider, int64_t window_us) {
        pthread_mutex_lock(&provider->lock);
        const Credentials *current = provider->current;
        bool fresh = current && (!current->expires_us || current->expires_us - window_us > clock_now_us());
        Credentials *copy = fresh ? credentials_copy(current) : NULL;
        pthread_mutex_unlock(&provider->lock);
        return copy;
}

static bool renew(CredentialsProvider *provider, Credentials **ret, Error **err) {
        Credentials *found = NULL;

        if (!ask_sources(provider, &found, err))
                return false;
        pthread_mutex_lock(&provider->lock);
        credentials_free(provider->current);
        provider->current = found;
        *ret = credentials_copy(found);
        pthread_mutex_unlock(&provider->lock);
        return true;
}

bool credentials_provider_get(CredentialsProvider *provider, Credentials **ret, Error **err) {
        CLEANUP(error_free) Error *error = NULL;
        CLEANUP(credentials_free) Credentials *usable = NULL;

        *ret = fresh_copy(provider, ADVISORY_US);
        if (*ret)
                return true;

        usable = fresh_copy(provider, MANDATORY_US);
        if (!usable) {
                pthread_mutex_lock(&provider->loading);
                *ret = fresh_copy(provider, MANDATORY_US); /* another thread was faster */
                bool found = *ret || renew(provider, ret, err);
                pthread_mutex_unlock(&provider->loading);
                return found;
        }
        if (pthread_mutex_trylock(&provider->loading) == 0) {
                if (!renew(provider, ret, &error))
                        log_warn("%s, going on with the old ones", error_message(error));
                pthread_mutex_unlock(&provider->loading);
        }
        if (!*ret)
                *ret = TAKE(usable);
        return true;
}

void credentials_provider_reject(CredentialsProvider *provider, const Credentials *credentials) {
        pthread_mutex_lock(&provider->lock);
        if (provider->current &&
            text_equal(provider->current->secret_access_key, credentials->secret_access_key) &&
            text_equal(provider->current->session_token, credentials->session_token)) {
                credentials_free(provider->current);
                provider->current = NULL;
        }
        pthread_mutex_unlock(&provider->lock);
}

/* ---- keys from the settings ---- */

static bool load_keys(void *context, Credentials **ret, Error **err) {
        (void) err;
        *ret = context ? credentials_copy(context) : NULL;
        return true;
}

static void free_keys(void *context) {
        credentials_free(context);
}

CredentialsSource credentials_from_keys(
        const char *access_key_id, const char *secret, const char *session_token) {
        Credentials *keys = NULL;

        if (!text_empty(access_key_id) && !text_empty(secret)) {
                keys = credentials_new(access_key_id, secret, session_token);
                keys->origin = xstrdup("the settings");
        }
        return (CredentialsSource){ load_keys, free_keys, keys };
}

CredentialsSource credentials_from_set(const Credentials *credentials) {
        return (CredentialsSource){ load_keys, free_keys,
                                    credentials ? credentials_copy(credentials) : NULL };
}

/* ---- the environment ---- */

const char *environment_value(const char *const *environment, const char *name) {
        size_t length = strlen(name);

        for (; environment && *environment; environment++)
                if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
                        return (*environment)[length + 1] ? *environment + length + 1 : NULL;
        return NULL;
}

static bool load_environment(void *context, Credentials **ret, Error **err) {
        const char *const *environment = context;
        const char *key = environment_value(environment, "AWS_ACCESS_KEY_ID");
        const char *secret = environment_value(environment, "AWS_SECRET_ACCESS_KEY");
        const char *token = environment_value(environment, "AWS_SESSION_TOKEN");
        const char *expiry = environment_value(environment, "AWS_CREDENTIAL_EXPIRATION");
        int64_t expires_us = 0;

        if (!key && !secret)
                return true;
        if (!key || !secret)
                return error_set(
                        err, ERROR_INVALID, "%s is set and %s is not",
                        key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                        key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        if (expiry && !clock_parse_iso(expiry, &expires_us))
                return error_set(err, ERROR_INVALID, "AWS_CREDENTIAL_EXPIRATION '%s' is not a time", expiry);
        *ret = credentials_new(
                key, secret, token ? token : environment_value(environment, "AWS_SECURITY_TOKEN"));
        (*ret)->expires_us = expires_us;
        (*ret)->origin = xstrdup("the environment");
        return true;
}

CredentialsSource credentials_from_environment(const char *const *environment) {
        return (CredentialsSource){ load_environment, NULL, (void *) environment };
}

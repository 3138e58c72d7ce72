#include "api/account_source.h"

#include <string.h>

#include "api/api.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/session_store.h"
#include "store/token_store.h"
#include "store/user_store.h"

static const struct {
        const char *role;
        Right right;
} rights[] = {
        { "admin", RIGHT_ADMIN },
        { "operator", RIGHT_OPERATE },
        { "viewer", RIGHT_READ },
};

Right account_right(const char *role) {
        for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
                if (strcmp(rights[i].role, role) == 0)
                        return rights[i].right;
        return RIGHT_NONE;
}

const char *account_role(Right right) {
        for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
                if (rights[i].right == right)
                        return rights[i].role;
        return "";
}

char *account_secret_hash(const char *secret) {
        return crypto_sha256_hex(secret, strlen(secret));
}

static bool find_user(void *context, const char *name, char **ret_hash, Right *ret_right, Error **err) {
        const Services *services = context;
        CLEANUP(user_clear) User user = { 0 };

        if (!user_store_get(services->store, name, &user, err))
                return false;
        *ret_hash = xstrdup(user.password_hash);
        *ret_right = account_right(user.role);
        return true;
}

/* Nobody is turned away because the note could not be taken. */
static void note_use(const Services *services, const TokenOwner *owner) {
        CLEANUP(error_free) Error *why = NULL;

        if (!owner->noticed && !token_store_note_use(services->store, owner->token_id, &why))
                log_warn("use of token %s not noted: %s", owner->token_id, error_message(why));
}

static bool find_token(void *context, const char *token, Account *ret, Error **err) {
        const Services *services = context;
        CLEANUP(free) char *hash = account_secret_hash(token);
        CLEANUP(token_owner_clear) TokenOwner owner = { 0 };

        if (!token_store_get(services->store, hash, &owner, err))
                return false;
        note_use(services, &owner);
        *ret = (Account){ .name = TAKE(owner.user),
                          .right = account_right(owner.role),
                          .via = xasprintf("token %s", owner.name),
                          .expires_us = owner.expires_us };
        return true;
}

static bool find_session(void *context, const char *cookie, Account *ret, Error **err) {
        const Services *services = context;
        CLEANUP(free) char *hash = account_secret_hash(cookie);
        CLEANUP(session_clear) Session session = { 0 };

        if (!session_store_get(services->store, hash, &session, err))
                return false;
        *ret = (Account){ .name = TAKE(session.user),
                          .right = account_right(session.role),
                          .via = xstrdup("session"),
                          .csrf_token = TAKE(session.csrf_token) };
        return true;
}

static uint64_t count_changes(void *context) {
        const Services *services = context;

        return collection_changes(services->store, COLLECTION_USERS) +
               collection_changes(services->store, COLLECTION_TOKENS);
}

AuthSource api_auth_source(Services *services) {
        return (AuthSource){ find_user, find_token, find_session, services, count_changes };
}

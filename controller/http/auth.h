/* Who asks: HTTP Basic and bearer tokens. Accounts come from the owner through callbacks.
 *
 * Checking a password costs some 50 ms of CPU by design. A password that was right is remembered for a minute
 * as a keyed hash over name, password and stored hash (so a changed password or removed account counts at
 * once), a wrong one likewise; and only a few checks run at the same time, so that guessing cannot take all
 * threads. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "http/route.h"

typedef struct Account {
        char *name; /* NULL: nobody */
        Right right;
} Account;
void account_clear(Account *account);
static inline void account_clearp(Account *account) {
        account_clear(account);
}

typedef struct AuthSource {
        /* NOT_FOUND when there is no such account. */
        bool (*find_user)(
                void *context, const char *name, char **ret_password_hash, Right *ret_right, Error **err);
        /* NOT_FOUND when the token is unknown or expired. */
        bool (*find_token)(void *context, const char *token, Account *ret, Error **err);
        void *context;
} AuthSource;

typedef struct Auth Auth;
Auth *auth_new(const AuthSource *source);
void auth_free(Auth *auth);
CLEANUP_DEFINE(Auth, auth_free);

/* authorization: the header's value. Errors: FORBIDDEN (wrong or malformed: 401), UNAVAILABLE (too many
 * checks at once), or the source's own. */
bool auth_check(Auth *auth, const char *authorization, Account *ret, Error **err);

/* Who asks: HTTP Basic, bearer tokens, and the sessions of browsers. Accounts come from the owner through
 * callbacks.
 *
 * Checking a password costs some 50 ms of CPU by design. A password that was right is remembered for a minute
 * as a keyed hash over name, password and stored hash (so a changed password or removed account counts at
 * once), a wrong one likewise; and only a few checks run at the same time, so that guessing cannot take all
 * threads. Who fails too often waits: ten failures a minute for a name from one network, thirty for all
 * names; what is remembered as right, or is a token or session that exists, gets in all the while.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "http/route.h"

typedef struct Account {
        char *name; /* NULL: nobody */
        Right right;
        char *via;          /* "password", "session", "token NAME" */
        int64_t expires_us; /* of the token; 0: it was none */
        char *csrf_token;   /* of the session; NULL: it was none */
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
        /* NOT_FOUND when the session is unknown or over. NULL: there are none. */
        bool (*find_session)(void *context, const char *session, Account *ret, Error **err);
        void *context;
        /* Counts the changes of accounts and tokens in this process. A token that was good is then remembered
         * for a second, unless the count moves; NULL: it is looked up each time. */
        uint64_t (*count_changes)(void *context);
} AuthSource;

typedef struct Auth Auth;
Auth *auth_new(const AuthSource *source);
void auth_free(Auth *auth);
CLEANUP_DEFINE(Auth, auth_free);

typedef struct AuthAttempt {
        const char *peer;          /* address of who asks */
        const char *authorization; /* the header's value; NULL: none */
        const char *session;       /* the cookie's value, looked at when there is no header; NULL: none */
        unsigned retry_after_s;    /* set with UNAVAILABLE: too many failures, or 0 */
} AuthAttempt;

/* Errors: FORBIDDEN (wrong or malformed: 401), UNAVAILABLE (too many failures, or checks at once), or the
 * source's own. A session that is over is nobody's, and no error: its cookie outlives it. */
bool auth_check(Auth *auth, AuthAttempt *attempt, Account *ret, Error **err);

/* The same for a name and password that came otherwise. */
bool auth_check_password(
        Auth *auth, AuthAttempt *attempt, const char *name, const char *password, Account *ret, Error **err);

/* Authorization and Cookie headers: whatever comes, nobody gets in who is not known. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "http/auth.h"
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool find_user(void *context, const char *name, char **ret_hash, Right *ret_right, Error **err) {
        (void) context, (void) ret_right;
        if (strchr(name, ':') || !*name)
                abort();
        *ret_hash = xstrdup("no hash at all"); /* which nothing matches; a real one would take all the time */
        (void) err;
        return true;
}

static bool find_by_word(void *context, const char *word, Account *ret, Error **err) {
        (void) context;
        if (strcmp(word, "good") != 0)
                return error_set(err, ERROR_NOT_FOUND, "unknown");
        *ret = (Account){ .name = xstrdup("ann"), .right = RIGHT_READ };
        return true;
}

static void check(Auth *auth, AuthAttempt *attempt, bool known) {
        CLEANUP(account_clear) Account account = { 0 };
        CLEANUP(error_free) Error *error = NULL;
        bool ok = auth_check(auth, attempt, &account, &error);

        if (ok == (error != NULL) || (account.name && !known))
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
        const AuthSource source = { find_user, find_by_word, find_by_word, NULL };
        static Auth *auth;
        CLEANUP(free) char *header = xstrndup((const char *) bytes, length);
        CLEANUP(free) char *session = cookie_find(header, "ghost_session");

        if (!auth)
                auth = auth_new(&source);
        check(auth, &(AuthAttempt){ .peer = "::1", .authorization = header }, strstr(header, "good") != NULL);
        check(auth, &(AuthAttempt){ .peer = "::1", .session = session },
              session && strcmp(session, "good") == 0);
        if (session && (strlen(session) > length || strchr(session, ';')))
                abort();
        return 0;
}

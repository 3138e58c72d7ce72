/* Sessions of the user interface: a cookie's SHA-256, whose it is, and the token that a changing request must
 * show beside it. A session ends twelve hours after its last use, a week after it began, with its user, and
 * when the password changes. */
#pragma once

#include "store/store.h"

enum { SESSION_IDLE_S = 12 * 3600, SESSION_MAX_S = 7 * 24 * 3600 };

typedef struct Session {
        char *user;
        char *role; /* the user's present one */
        char *csrf_token;
} Session;
void session_clear(Session *session);
static inline void session_clearp(Session *session) {
        session_clear(session);
}

/* Old ones are swept out by the way. */
bool session_store_insert(
        Store *store, const char *hash, const char *user, const char *csrf_token, Error **err);
/* NOT_FOUND when unknown or over. Its use is noted, at most once a minute. */
bool session_store_get(Store *store, const char *hash, Session *ret, Error **err);
/* Unknown is success. */
bool session_store_remove(Store *store, const char *hash, Error **err);
bool session_store_remove_of(Store *store, const char *user, Error **err);

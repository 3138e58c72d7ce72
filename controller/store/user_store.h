/* Accounts: documents of COLLECTION_USERS { name, role }, and their password hashes, which are in no
 * document. */
#pragma once

#include "store/collection.h"

typedef struct User {
        char *name;
        char *role; /* admin, operator, viewer */
        char *password_hash;
        int64_t created_us;
} User;
void user_clear(User *user);
static inline void user_clearp(User *user) {
        user_clear(user);
}

/* CONFLICT when there is one of the name. ret may be NULL. */
bool user_store_add(Store *store, const User *user, Document **ret, Error **err);
/* Adds, or changes role and password; a changed password ends the user's sessions. */
bool user_store_put(Store *store, const User *user, Error **err);
bool user_store_get(Store *store, const char *name, User *ret, Error **err);
/* The document; NOT_FOUND names the user. */
bool user_store_find(Store *store, const char *name, Document **ret, Error **err);
bool user_store_set_role(Store *store, const char *name, const char *role, Error **err);
bool user_store_set_password(Store *store, const char *name, const char *hash, Error **err);
/* With tokens and sessions: a later user of the same name must not inherit them. */
bool user_store_remove(Store *store, const char *name, Error **err);
/* CONFLICT when no admin is left: inside the transaction of a change, which then must be rolled back. */
bool user_store_check_admin(Store *store, Error **err);
/* Array of { name, role, … }, by name. */
bool user_store_list(Store *store, Document **ret, Error **err);

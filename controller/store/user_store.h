/* Accounts, bearer tokens, and the audit trail. */
#pragma once

#include "store/store.h"
#include "json/document.h"

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

/* Adds, or changes password and role. */
bool user_store_put(Store *store, const User *user, Error **err);
bool user_store_get(Store *store, const char *name, User *ret, Error **err);
bool user_store_remove(Store *store, const char *name, Error **err);
/* Array of { name, role, created }. */
bool user_store_list(Store *store, Document **ret, Error **err);

/* hash: SHA-256 hex of the bearer token. */
bool token_store_insert(
        Store *store, const char *hash, const char *user, const char *role, const char *label,
        int64_t expires_us, Error **err);
/* NOT_FOUND when unknown, expired, or its user is gone. The role is the lesser of what the token was given
 * and what its user has now. */
bool token_store_get(Store *store, const char *hash, char **ret_user, char **ret_role, Error **err);

bool audit_store_add(
        Store *store, const char *user, const char *action, const char *object, const char *detail,
        Error **err);

/* API tokens: documents of COLLECTION_TOKENS { name, user, role, expires, last_used }, and their SHA-256,
 * which is in no document. The token itself is shown once and kept nowhere. */
#pragma once

#include "store/collection.h"

typedef struct NewToken {
        const char *hash; /* SHA-256 hex of the token */
        const char *user, *role, *name;
        int64_t expires_us;
} NewToken;

/* ret may be NULL. */
bool token_store_insert(Store *store, const NewToken *token, Document **ret, Error **err);

typedef struct TokenOwner {
        char *token_id, *name;
        char *user;
        char *role; /* the lesser of the token's and the user's present one */
        int64_t expires_us;
        bool noticed; /* its use was noted within the last minute */
} TokenOwner;
void token_owner_clear(TokenOwner *owner);
static inline void token_owner_clearp(TokenOwner *owner) {
        token_owner_clear(owner);
}

/* NOT_FOUND when unknown, expired, or its user is gone. */
bool token_store_get(Store *store, const char *hash, TokenOwner *ret, Error **err);
/* It was used now. */
bool token_store_note_use(Store *store, const char *token_id, Error **err);
bool token_store_remove(Store *store, const char *token_id, Error **err);
bool token_store_remove_of(Store *store, const char *user, Error **err);

#include "store/token_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "model/account.h"
#include "store/query.h"

static const int64_t NOTE_EVERY_US = 60 * 1000000LL;

void token_owner_clear(TokenOwner *owner) {
        free(owner->token_id);
        free(owner->name);
        free(owner->user);
        free(owner->role);
        *owner = (TokenOwner){ 0 };
}

static bool insert_secret(Store *store, const NewToken *token, const char *id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT INTO token_secrets (hash, token_id, user, role, name, expires_us) VALUES "
                    "(?,?,?,?,?,?)",
                    &query, err))
                return false;
        query_bind_text(&query, token->hash);
        query_bind_text(&query, id);
        query_bind_text(&query, token->user);
        query_bind_text(&query, token->role);
        query_bind_text(&query, token->name);
        query_bind_int(&query, token->expires_us);
        return query_run(&query, err);
}

static bool insert_inside(Store *store, const NewToken *token, Document **ret, Error **err) {
        CLEANUP(document_free) Document *document = document_object();
        CLEANUP(free) char *expires = clock_format_http(token->expires_us);

        document_set_string(document, "name", token->name);
        document_set_string(document, "user", token->user);
        document_set_string(document, "role", token->role);
        document_set_string(document, "expires", expires);
        return collection_insert(store, COLLECTION_TOKENS, document, ret, err) &&
               insert_secret(store, token, document_get_string(*ret, "_id"), err);
}

bool token_store_insert(Store *store, const NewToken *token, Document **ret, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;

        if (!store_begin(store, err))
                return false;
        if (!insert_inside(store, token, &stored, err)) {
                store_roll_back(store);
                return false;
        }
        if (!store_commit(store, err))
                return false;
        if (ret)
                *ret = TAKE(stored);
        return true;
}

bool token_store_get(Store *store, const char *hash, TokenOwner *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *own = NULL;
        CLEANUP(free) char *granted = NULL;
        bool row = false;
        int64_t now = clock_now_us();

        if (!query_read(
                    store,
                    "SELECT token_id, token_secrets.name, token_secrets.user, token_secrets.role, "
                    "users.role, "
                    "used_us, expires_us FROM token_secrets JOIN users ON users.name = token_secrets.user "
                    "WHERE hash = ? AND expires_us > ?",
                    &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_int(&query, now);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no such token");
        granted = query_text(&query, 3);
        own = query_text(&query, 4);
        *ret = (TokenOwner){
                .token_id = query_text(&query, 0),
                .name = query_text(&query, 1),
                .user = query_text(&query, 2),
                .role = account_role_within(own, granted) ? TAKE(own) : TAKE(granted),
                .expires_us = query_int(&query, 6),
                .noticed = now - query_int(&query, 5) < NOTE_EVERY_US,
        };
        return true;
}

static bool run_for(Store *store, const char *sql, const char *word, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, word);
        return query_run(&query, err);
}

static bool set_used(Store *store, const char *token_id, int64_t now, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "UPDATE token_secrets SET used_us = ? WHERE token_id = ?", &query, err))
                return false;
        query_bind_int(&query, now);
        query_bind_text(&query, token_id);
        return query_run(&query, err);
}

bool token_store_note_use(Store *store, const char *token_id, Error **err) {
        CLEANUP(document_free) Document *members = document_object();
        int64_t now = clock_now_us();
        CLEANUP(free) char *date = clock_format_http(now);

        document_set_string(members, "last_used", date);
        return set_used(store, token_id, now, err) &&
               collection_patch(store, COLLECTION_TOKENS, token_id, members, false, err);
}

bool token_store_remove(Store *store, const char *token_id, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!collection_delete(store, COLLECTION_TOKENS, token_id, NULL, NULL, err) ||
            !run_for(store, "DELETE FROM token_secrets WHERE token_id = ?", token_id, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool token_store_remove_of(Store *store, const char *user, Error **err) {
        return run_for(store, "DELETE FROM tokens WHERE user = ?", user, err) &&
               run_for(store, "DELETE FROM token_secrets WHERE user = ?", user, err);
}

#include "store/user_store.h"

#include <string.h>

#include "base/memory.h"
#include "store/query.h"
#include "store/session_store.h"
#include "store/token_store.h"

void user_clear(User *user) {
        free(user->name);
        free(user->role);
        free(user->password_hash);
        *user = (User){ 0 };
}

bool user_store_get(Store *store, const char *name, User *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store,
                    "SELECT users.name, role, hash, created_us FROM users JOIN user_passwords ON "
                    "user_passwords.name = users.name WHERE users.name = ?",
                    &query, err))
                return false;
        query_bind_text(&query, name);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no user '%s'", name);
        *ret = (User){
                .name = query_text(&query, 0),
                .role = query_text(&query, 1),
                .password_hash = query_text(&query, 2),
                .created_us = query_int(&query, 3),
        };
        return true;
}

bool user_store_find(Store *store, const char *name, Document **ret, Error **err) {
        CLEANUP(document_free) Document *where = document_object();
        CLEANUP(document_free) Document *found = NULL;

        document_set_string(where, "name", name);
        if (!collection_find(store, COLLECTION_USERS, where, &found, err))
                return false;
        if (document_count(found) == 0)
                return error_set(err, ERROR_NOT_FOUND, "no user '%s'", name);
        *ret = document_copy(document_at(found, 0));
        return true;
}

bool user_store_list(Store *store, Document **ret, Error **err) {
        const ListQuery all = { .sort = "name", .page = 1, .max_results = COLLECTION_FIND_MAX };
        CLEANUP(list_result_clear) ListResult result = { 0 };

        if (!collection_list(store, COLLECTION_USERS, &all, &result, err))
                return false;
        *ret = TAKE(result.items);
        return true;
}

static bool write_hash(Store *store, const char *name, const char *hash, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT INTO user_passwords VALUES (?,?) ON CONFLICT (name) DO UPDATE SET hash = "
                    "excluded.hash",
                    &query, err))
                return false;
        query_bind_text(&query, name);
        query_bind_text(&query, hash);
        return query_run(&query, err);
}

static Document *document_of(const User *user) {
        Document *document = document_object();

        document_set_string(document, "name", user->name);
        document_set_string(document, "role", user->role);
        return document;
}

static bool add_inside(Store *store, const User *user, Document **ret, Error **err) {
        CLEANUP(document_free) Document *document = document_of(user);

        return collection_insert(store, COLLECTION_USERS, document, ret, err) &&
               write_hash(store, user->name, user->password_hash, err);
}

bool user_store_add(Store *store, const User *user, Document **ret, Error **err) {
        CLEANUP(document_free) Document *stored = NULL;

        if (!store_begin(store, err))
                return false;
        if (!add_inside(store, user, &stored, err)) {
                store_roll_back(store);
                return false;
        }
        if (!store_commit(store, err))
                return false;
        if (ret)
                *ret = TAKE(stored);
        return true;
}

bool user_store_set_role(Store *store, const char *name, const char *role, Error **err) {
        CLEANUP(document_free) Document *known = NULL;
        const User user = { .name = (char *) name, .role = (char *) role };
        CLEANUP(document_free) Document *document = document_of(&user);

        return user_store_find(store, name, &known, err) &&
               collection_replace(
                       store, COLLECTION_USERS, document_get_string(known, "_id"), document, NULL, NULL, NULL,
                       err);
}

static bool put_inside(Store *store, const User *user, Error **err) {
        CLEANUP(document_free) Document *known = NULL;
        CLEANUP(error_free) Error *absent = NULL;

        if (user_store_find(store, user->name, &known, &absent))
                return user_store_set_role(store, user->name, user->role, err) &&
                       user_store_set_password(store, user->name, user->password_hash, err);
        return error_kind(absent) == ERROR_NOT_FOUND
                       ? add_inside(store, user, NULL, err)
                       : error_set(err, error_kind(absent), "%s", error_message(absent));
}

bool user_store_put(Store *store, const User *user, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!put_inside(store, user, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

/* The document gets a new version, though it says the same: who edits the account sees that it changed. */
static bool renew(Store *store, const char *name, Error **err) {
        CLEANUP(document_free) Document *known = NULL;

        return user_store_find(store, name, &known, err) &&
               user_store_set_role(store, name, document_get_string(known, "role"), err);
}

bool user_store_set_password(Store *store, const char *name, const char *hash, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!renew(store, name, err) || !write_hash(store, name, hash, err) ||
            !session_store_remove_of(store, name, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

static bool remove_hash(Store *store, const char *name, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM user_passwords WHERE name = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        return query_run(&query, err);
}

static bool remove_inside(Store *store, const char *name, Error **err) {
        CLEANUP(document_free) Document *user = NULL;

        return user_store_find(store, name, &user, err) &&
               collection_delete(
                       store, COLLECTION_USERS, document_get_string(user, "_id"), NULL, NULL, err) &&
               remove_hash(store, name, err) && token_store_remove_of(store, name, err) &&
               session_store_remove_of(store, name, err);
}

bool user_store_remove(Store *store, const char *name, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!remove_inside(store, name, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool user_store_check_admin(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT 1 FROM users WHERE role = 'admin' LIMIT 1", &query, err) ||
            !query_step(&query, &row, err))
                return false;
        return row || error_set(err, ERROR_CONFLICT, "There must be an admin: make somebody else one first");
}

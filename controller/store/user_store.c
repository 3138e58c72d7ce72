#include "store/user_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/query.h"

void user_clear(User *user) {
        free(user->name);
        free(user->role);
        free(user->password_hash);
        *user = (User){ 0 };
}

bool user_store_put(Store *store, const User *user, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT INTO users VALUES (?,?,?,?) ON CONFLICT (name) DO UPDATE SET role = "
                    "excluded.role, "
                    "password_hash = excluded.password_hash",
                    &query, err))
                return false;
        query_bind_text(&query, user->name);
        query_bind_text(&query, user->role);
        query_bind_text(&query, user->password_hash);
        query_bind_int(&query, clock_now_us());
        return query_run(&query, err);
}

bool user_store_get(Store *store, const char *name, User *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT name, role, password_hash, created_us FROM users WHERE name = ?", &query,
                    err))
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

static bool remove_row(Store *store, const char *name, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM users WHERE name = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        if (!query_run(&query, err))
                return false;
        return query_changes(&query) == 1 || error_set(err, ERROR_NOT_FOUND, "no user '%s'", name);
}

/* A later user of the same name must not inherit them. */
static bool remove_tokens(Store *store, const char *name, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM tokens WHERE user = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        return query_run(&query, err);
}

bool user_store_remove(Store *store, const char *name, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!remove_row(store, name, err) || !remove_tokens(store, name, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool user_store_list(Store *store, Document **ret, Error **err) {
        CLEANUP(document_free) Document *users = document_array();
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT name, role, created_us FROM users ORDER BY name", &query, err))
                return false;
        for (;;) {
                if (!query_step(&query, &row, err))
                        return false;
                if (!row)
                        break;

                CLEANUP(free) char *name = query_text(&query, 0);
                CLEANUP(free) char *role = query_text(&query, 1);
                CLEANUP(free) char *created = clock_format_http(query_int(&query, 2));
                Document *user = document_object();
                document_set_string(user, "name", name);
                document_set_string(user, "role", role);
                document_set_string(user, "created", created);
                document_append(users, user);
        }
        *ret = TAKE(users);
        return true;
}

bool token_store_insert(
        Store *store, const char *hash, const char *user, const char *role, const char *label,
        int64_t expires_us, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT INTO tokens VALUES (?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_text(&query, user);
        query_bind_text(&query, role);
        query_bind_text(&query, label);
        query_bind_int(&query, expires_us);
        return query_run(&query, err);
}

/* Least first; a word that is not known is less than all. */
static int rank_of(const char *role) {
        static const char *const roles[] = { "viewer", "operator", "admin" };

        for (int i = 0; i < (int) (sizeof(roles) / sizeof(roles[0])); i++)
                if (strcmp(roles[i], role) == 0)
                        return i;
        return -1;
}

bool token_store_get(Store *store, const char *hash, char **ret_user, char **ret_role, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *own = NULL;
        CLEANUP(free) char *granted = NULL;
        bool row = false;

        if (!query_read(
                    store,
                    "SELECT tokens.user, tokens.role, users.role FROM tokens JOIN users ON users.name = "
                    "tokens.user "
                    "WHERE hash = ? AND expires_us > ?",
                    &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_int(&query, clock_now_us());
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no such token");
        granted = query_text(&query, 1);
        own = query_text(&query, 2);
        *ret_user = query_text(&query, 0);
        *ret_role = rank_of(own) < rank_of(granted) ? TAKE(own) : TAKE(granted);
        return true;
}

bool audit_store_add(
        Store *store, const char *user, const char *action, const char *object, const char *detail,
        Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store, "INSERT INTO audit (at_us, user, action, object, detail) VALUES (?,?,?,?,?)",
                    &query, err))
                return false;
        query_bind_int(&query, clock_now_us());
        query_bind_text(&query, user);
        query_bind_text(&query, action);
        query_bind_text(&query, object);
        query_bind_text(&query, detail);
        return query_run(&query, err);
}

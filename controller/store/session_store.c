#include "store/session_store.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/query.h"

static const int64_t SECOND_US = 1000000;

void session_clear(Session *session) {
        free(session->user);
        free(session->role);
        free(session->csrf_token);
        *session = (Session){ 0 };
}

static bool sweep(Store *store, int64_t now, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM sessions WHERE used_us < ? OR created_us < ?", &query, err))
                return false;
        query_bind_int(&query, now - SESSION_IDLE_S * SECOND_US);
        query_bind_int(&query, now - SESSION_MAX_S * SECOND_US);
        return query_run(&query, err);
}

bool session_store_insert(
        Store *store, const char *hash, const char *user, const char *csrf_token, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        int64_t now = clock_now_us();

        if (!sweep(store, now, err) ||
            !query_write(store, "INSERT INTO sessions VALUES (?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_text(&query, user);
        query_bind_text(&query, csrf_token);
        query_bind_int(&query, now);
        query_bind_int(&query, now);
        return query_run(&query, err);
}

static bool note_use(Store *store, const char *hash, int64_t now, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "UPDATE sessions SET used_us = ? WHERE hash = ?", &query, err))
                return false;
        query_bind_int(&query, now);
        query_bind_text(&query, hash);
        return query_run(&query, err);
}

static bool read_session(
        Store *store, const char *hash, int64_t now, Session *ret, int64_t *ret_used_us, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store,
                    "SELECT user, role, csrf_token, used_us FROM sessions JOIN users ON users.name = "
                    "sessions.user WHERE hash = ? AND used_us > ? AND sessions.created_us > ?",
                    &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_int(&query, now - SESSION_IDLE_S * SECOND_US);
        query_bind_int(&query, now - SESSION_MAX_S * SECOND_US);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no such session");
        *ret = (Session){ .user = query_text(&query, 0),
                          .role = query_text(&query, 1),
                          .csrf_token = query_text(&query, 2) };
        *ret_used_us = query_int(&query, 3);
        return true;
}

bool session_store_get(Store *store, const char *hash, Session *ret, Error **err) {
        int64_t now = clock_now_us(), used_us = 0;

        return read_session(store, hash, now, ret, &used_us, err) &&
               (now - used_us < 60 * SECOND_US || note_use(store, hash, now, err));
}

static bool remove_where(Store *store, const char *sql, const char *word, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, word);
        return query_run(&query, err);
}

bool session_store_remove(Store *store, const char *hash, Error **err) {
        return remove_where(store, "DELETE FROM sessions WHERE hash = ?", hash, err);
}

bool session_store_remove_of(Store *store, const char *user, Error **err) {
        return remove_where(store, "DELETE FROM sessions WHERE user = ?", user, err);
}

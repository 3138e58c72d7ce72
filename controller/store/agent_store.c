#include "store/agent_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/query.h"

#define TOKEN_KEPT_US (INT64_C(7) * 86400 * 1000000)

void agent_clear(Agent *agent) {
        free(agent->id);
        free(agent->app_id);
        free(agent->instance_id);
        free(agent->fingerprint);
        *agent = (Agent){ 0 };
}

void join_token_clear(JoinToken *token) {
        free(token->app_id);
        free(token->job_id);
        free(token->purpose);
        free(token->instance_id);
        *token = (JoinToken){ 0 };
}

bool agent_store_insert(Store *store, const Agent *agent, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "INSERT INTO agents (id, app_id, instance_id, fingerprint, created_us) VALUES "
                    "(?,?,?,?,?)",
                    &query, err))
                return false;
        query_bind_text(&query, agent->id);
        query_bind_text(&query, agent->app_id);
        query_bind_text(&query, agent->instance_id);
        query_bind_text(&query, agent->fingerprint);
        query_bind_int(&query, clock_now_us());
        return query_run(&query, err);
}

#define AGENT_COLUMNS "id, app_id, instance_id, fingerprint, revoked"

static void read_agent(const Query *query, Agent *ret) {
        *ret = (Agent){
                .id = query_text(query, 0),
                .app_id = query_text(query, 1),
                .instance_id = query_text(query, 2),
                .fingerprint = query_text(query, 3),
                .revoked = query_int(query, 4) != 0,
        };
}

bool agent_store_get(Store *store, const char *id, Agent *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT " AGENT_COLUMNS " FROM agents WHERE id = ?", &query, err))
                return false;
        query_bind_text(&query, id);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return error_set(err, ERROR_NOT_FOUND, "no agent '%s'", id);
        read_agent(&query, ret);
        return true;
}

bool agent_store_find_by_instance(
        Store *store, const char *instance_id, Agent *ret, bool *ret_found, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(
                    store,
                    "SELECT " AGENT_COLUMNS " FROM agents WHERE instance_id = ? AND NOT revoked "
                    "ORDER BY created_us DESC LIMIT 1",
                    &query, err))
                return false;
        query_bind_text(&query, instance_id);
        if (!query_step(&query, ret_found, err))
                return false;
        if (*ret_found)
                read_agent(&query, ret);
        return true;
}

bool agent_store_set_fingerprint(Store *store, const char *id, const char *fingerprint, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    /* A former one that is still kept is the one the agent has: it never used the latest. */
                    "UPDATE agents SET former_fingerprint = CASE former_fingerprint WHEN '' THEN fingerprint "
                    "ELSE former_fingerprint END, fingerprint = ? WHERE id = ?",
                    &query, err))
                return false;
        query_bind_text(&query, fingerprint);
        query_bind_text(&query, id);
        return query_run(&query, err);
}

static bool is_valid(Store *store, const char *id, const char *fingerprint, bool *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(
                    store,
                    "SELECT 1 FROM agents WHERE id = ?1 AND NOT revoked AND ?2 <> '' AND "
                    "?2 IN (fingerprint, former_fingerprint)",
                    &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_text(&query, fingerprint);
        return query_step(&query, ret, err);
}

static bool retire_former(Store *store, const char *id, const char *used, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "UPDATE agents SET former_fingerprint = '' "
                    "WHERE id = ? AND fingerprint = ? AND former_fingerprint <> ''",
                    &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_text(&query, used);
        return query_run(&query, err);
}

bool agent_store_fingerprint_valid(
        Store *store, const char *id, const char *fingerprint, bool *ret, Error **err) {
        return is_valid(store, id, fingerprint, ret, err) &&
               (!*ret || retire_former(store, id, fingerprint, err));
}

bool agent_store_revoke(Store *store, const char *id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "UPDATE agents SET revoked = 1 WHERE id = ?", &query, err))
                return false;
        query_bind_text(&query, id);
        return query_run(&query, err);
}

/* A while after they expired, for until then the refusal can say so. */
static bool forget_old_tokens(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM join_tokens WHERE expires_us < ?", &query, err))
                return false;
        query_bind_int(&query, clock_now_us() - TOKEN_KEPT_US);
        return query_run(&query, err);
}

bool join_token_store_insert(Store *store, const char *hash, const JoinToken *token, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!forget_old_tokens(store, err))
                return false;

        if (!query_write(
                    store,
                    "INSERT OR REPLACE INTO join_tokens (hash, app_id, job_id, purpose, instance_id, "
                    "expires_us) "
                    "VALUES (?,?,?,?,?,?)",
                    &query, err))
                return false;
        query_bind_text(&query, hash);
        query_bind_text(&query, token->app_id);
        query_bind_text(&query, token->job_id);
        query_bind_text(&query, token->purpose);
        query_bind_text(&query, token->instance_id);
        query_bind_int(&query, token->expires_us);
        return query_run(&query, err);
}

bool join_token_store_bind(Store *store, const char *hash, const char *instance_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store, "UPDATE join_tokens SET instance_id = ? WHERE hash = ? AND instance_id = ''",
                    &query, err))
                return false;
        query_bind_text(&query, instance_id);
        query_bind_text(&query, hash);
        return query_run(&query, err);
}

typedef struct TokenRow {
        JoinToken token;
        char *request_sha256;
        bool found;
} TokenRow;

static void token_row_clearp(TokenRow *row) {
        join_token_clear(&row->token);
        free(row->request_sha256);
}

static bool read_token(Store *store, const char *hash, TokenRow *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(
                    store,
                    "SELECT app_id, job_id, purpose, instance_id, expires_us, request_sha256 FROM "
                    "join_tokens "
                    "WHERE hash = ?",
                    &query, err))
                return false;
        query_bind_text(&query, hash);
        if (!query_step(&query, &ret->found, err))
                return false;
        if (!ret->found)
                return true;
        ret->token = (JoinToken){
                .app_id = query_text(&query, 0),
                .job_id = query_text(&query, 1),
                .purpose = query_text(&query, 2),
                .instance_id = query_text(&query, 3),
                .expires_us = query_int(&query, 4),
        };
        ret->request_sha256 = query_text(&query, 5);
        return true;
}

static bool check_token(
        const TokenRow *row, const char *instance_id, const char *request_sha256, Error **err) {
        const char *bound = row->token.instance_id;

        if (!row->found)
                return error_set(err, ERROR_FORBIDDEN, "join token: unknown");
        if (*row->request_sha256 && strcmp(row->request_sha256, request_sha256) != 0)
                return error_set(err, ERROR_FORBIDDEN, "join token: already used");
        if (row->token.expires_us < clock_now_us())
                return error_set(err, ERROR_FORBIDDEN, "join token: expired");
        if (*bound && strcmp(bound, instance_id) != 0)
                return error_set(err, ERROR_FORBIDDEN, "join token: made for another instance");
        return true;
}

static bool use_inside(
        Store *store, const char *hash, const char *instance_id, const char *request_sha256, JoinToken *ret,
        Error **err) {
        __attribute__((cleanup(token_row_clearp))) TokenRow row = { 0 };
        CLEANUP(query_end) Query query = { 0 };

        if (!read_token(store, hash, &row, err) || !check_token(&row, instance_id, request_sha256, err) ||
            !query_write(
                    store, "UPDATE join_tokens SET request_sha256 = ?, instance_id = ? WHERE hash = ?",
                    &query, err))
                return false;
        query_bind_text(&query, request_sha256);
        query_bind_text(&query, instance_id);
        query_bind_text(&query, hash);
        if (!query_run(&query, err))
                return false;
        *ret = row.token;
        row.token = (JoinToken){ 0 };
        return true;
}

bool join_token_store_use(
        Store *store, const char *hash, const char *instance_id, const char *request_sha256, JoinToken *ret,
        Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!use_inside(store, hash, instance_id, request_sha256, ret, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

bool receipt_store_put(
        Store *store, const char *task_id, const char *job_id, const char *agent_id, const void *bytes,
        size_t length, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR IGNORE INTO receipts VALUES (?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, task_id);
        query_bind_text(&query, job_id);
        query_bind_text(&query, agent_id);
        query_bind_bytes(&query, bytes, length);
        query_bind_int(&query, clock_now_us());
        return query_run(&query, err);
}

bool receipt_store_get(
        Store *store, const char *task_id, const char *agent_id, void **ret, size_t *ret_length,
        Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        *ret = NULL;
        if (!query_read(
                    store, "SELECT message FROM receipts WHERE task_id = ? AND agent_id = ?", &query, err))
                return false;
        query_bind_text(&query, task_id);
        query_bind_text(&query, agent_id);
        if (!query_step(&query, &row, err))
                return false;
        if (row)
                *ret = query_bytes(&query, 0, ret_length);
        return true;
}

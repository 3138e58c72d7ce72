#include "store/webhook_store.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/memory.h"
#include "store/query.h"

static const int64_t day_us = INT64_C(24) * 3600 * 1000 * 1000;

static bool run_for(Store *store, const char *sql, const char *id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, id);
        return query_run(&query, err);
}

bool webhook_store_set_secret(Store *store, const char *id, const char *secret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (text_empty(secret))
                return run_for(store, "DELETE FROM webhook_secrets WHERE webhook_id = ?", id, err);
        if (!query_write(store, "INSERT OR REPLACE INTO webhook_secrets VALUES (?,?)", &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_text(&query, secret);
        return query_run(&query, err);
}

bool webhook_store_get_secret(Store *store, const char *id, char **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT secret FROM webhook_secrets WHERE webhook_id = ?", &query, err))
                return false;
        query_bind_text(&query, id);
        if (!query_step(&query, &row, err))
                return false;
        *ret = row ? query_text(&query, 0) : xstrdup("");
        return true;
}

bool webhook_store_knows_delivery(
        Store *store, const char *id, const char *delivery, bool *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *hash = crypto_sha256_hex(delivery, strlen(delivery));

        if (!query_read(
                    store,
                    "SELECT 1 FROM webhook_deliveries WHERE webhook_id = ? AND delivery_sha256 = ? AND "
                    "at_us > ?",
                    &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_text(&query, hash);
        query_bind_int(&query, clock_now_us() - WEBHOOK_DELIVERY_DAYS * day_us);
        return query_step(&query, ret, err);
}

static bool forget_old_deliveries(Store *store, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM webhook_deliveries WHERE at_us <= ?", &query, err))
                return false;
        query_bind_int(&query, clock_now_us() - WEBHOOK_DELIVERY_DAYS * day_us);
        return query_run(&query, err);
}

static bool insert_delivery(Store *store, const char *id, const char *delivery, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        CLEANUP(free) char *hash = crypto_sha256_hex(delivery, strlen(delivery));

        if (!query_write(store, "INSERT OR REPLACE INTO webhook_deliveries VALUES (?,?,?)", &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_text(&query, hash);
        query_bind_int(&query, clock_now_us());
        return query_run(&query, err);
}

bool webhook_store_keep_delivery(Store *store, const char *id, const char *delivery, Error **err) {
        return forget_old_deliveries(store, err) && insert_delivery(store, id, delivery, err);
}

bool webhook_store_forget(Store *store, const char *id, Error **err) {
        return run_for(store, "DELETE FROM webhook_secrets WHERE webhook_id = ?", id, err) &&
               run_for(store, "DELETE FROM webhook_deliveries WHERE webhook_id = ?", id, err);
}

static bool drop_oldest(Store *store, const char *id, bool refused, int64_t kept, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "DELETE FROM webhook_invocations WHERE webhook_id = ?1 AND refused = ?2 AND id IN ("
                    "SELECT id FROM webhook_invocations WHERE webhook_id = ?1 AND refused = ?2 "
                    "ORDER BY created_us DESC, rowid DESC LIMIT -1 OFFSET ?3)",
                    &query, err))
                return false;
        query_bind_text(&query, id);
        query_bind_int(&query, refused);
        query_bind_int(&query, kept);
        return query_run(&query, err);
}

static bool add_inside(Store *store, const Document *invocation, Document **ret, Error **err) {
        bool refused = document_get_int(invocation, "status.code") != 201;

        return collection_insert(store, COLLECTION_INVOCATIONS, invocation, ret, err) &&
               drop_oldest(
                       store, document_get_string(invocation, "webhook_id"), refused,
                       refused ? WEBHOOK_REFUSALS_KEPT : WEBHOOK_ACCEPTANCES_KEPT, err);
}

bool webhook_store_add_invocation(Store *store, const Document *invocation, Document **ret, Error **err) {
        if (!store_begin(store, err))
                return false;
        if (!add_inside(store, invocation, ret, err)) {
                store_roll_back(store);
                return false;
        }
        return store_commit(store, err);
}

#include "store/breaker_store.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/query.h"

void breaker_clear(Breaker *breaker) {
        free(breaker->reason);
        *breaker = (Breaker){ 0 };
}

bool breaker_store_get(Store *store, const char *app_id, Breaker *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT state, failures, suspended, reason FROM group_breakers WHERE app_id = ?",
                    &query, err))
                return false;
        query_bind_text(&query, app_id);
        if (!query_step(&query, &row, err))
                return false;
        *ret = (Breaker){ .reason = row ? query_text(&query, 3) : xstrdup("") };
        if (row) {
                ret->state = (BreakerState) query_int(&query, 0);
                ret->failures = query_int(&query, 1);
                ret->suspended = query_int(&query, 2) != 0;
        }
        return true;
}

bool breaker_store_put(Store *store, const char *app_id, const Breaker *breaker, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR REPLACE INTO group_breakers VALUES (?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, app_id);
        query_bind_int(&query, breaker->failures);
        query_bind_int(&query, breaker->state);
        query_bind_int(&query, breaker->suspended);
        query_bind_text(&query, breaker->reason);
        return query_run(&query, err);
}

bool breaker_store_reset(Store *store, const char *app_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "UPDATE group_breakers SET failures = 0, state = CASE state WHEN 0 THEN 0 ELSE 2 END "
                    "WHERE app_id = ?",
                    &query, err))
                return false;
        query_bind_text(&query, app_id);
        return query_run(&query, err);
}

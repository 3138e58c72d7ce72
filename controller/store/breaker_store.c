#include "store/breaker_store.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/query.h"

void breaker_clear(Breaker *breaker) {
        free(breaker->reason);
        *breaker = (Breaker){ 0 };
}

void open_breakers_clear(OpenBreakers *breakers) {
        for (size_t i = 0; i < breakers->count; i++) {
                free(breakers->items[i].app_id);
                breaker_clear(&breakers->items[i].breaker);
        }
        free(breakers->items);
        *breakers = (OpenBreakers){ 0 };
}

#define COLUMNS "app_id, state, failures, suspended, reason, opened_us"

/* What stands in a row of COLUMNS. */
static Breaker read_row(const Query *query) {
        return (Breaker){ .state = (BreakerState) query_int(query, 1),
                          .failures = query_int(query, 2),
                          .suspended = query_int(query, 3) != 0,
                          .reason = query_text(query, 4),
                          .opened_us = query_int(query, 5) };
}

bool breaker_store_get(Store *store, const char *app_id, Breaker *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT " COLUMNS " FROM group_breakers WHERE app_id = ?", &query, err))
                return false;
        query_bind_text(&query, app_id);
        if (!query_step(&query, &row, err))
                return false;
        *ret = row ? read_row(&query) : (Breaker){ .reason = xstrdup("") };
        return true;
}

bool breaker_store_list_open(Store *store, OpenBreakers *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(
                    store,
                    "SELECT " COLUMNS " FROM group_breakers WHERE state = 1 ORDER BY opened_us, app_id",
                    &query, err))
                return false;
        for (bool row = false;;) {
                if (!query_step(&query, &row, err)) {
                        open_breakers_clear(ret);
                        return false;
                }
                if (!row)
                        return true;
                ret->items = xrealloc(ret->items, (ret->count + 1) * sizeof(*ret->items));
                ret->items[ret->count++] =
                        (OpenBreaker){ .app_id = query_text(&query, 0), .breaker = read_row(&query) };
        }
}

bool breaker_store_put(Store *store, const char *app_id, const Breaker *breaker, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR REPLACE INTO group_breakers VALUES (?,?,?,?,?,?)", &query, err))
                return false;
        query_bind_text(&query, app_id);
        query_bind_int(&query, breaker->failures);
        query_bind_int(&query, breaker->state);
        query_bind_int(&query, breaker->suspended);
        query_bind_text(&query, breaker->reason);
        query_bind_int(&query, breaker->opened_us);
        return query_run(&query, err);
}

bool breaker_store_reset(Store *store, const char *app_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(
                    store,
                    "UPDATE group_breakers SET failures = 0, opened_us = 0, state = CASE state WHEN 0 THEN 0 "
                    "ELSE 2 END "
                    "WHERE app_id = ?",
                    &query, err))
                return false;
        query_bind_text(&query, app_id);
        return query_run(&query, err);
}

#include "store/secret_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/memory.h"
#include "store/query.h"

/* One that is there stays. */
static bool add(Store *store, const char *name, const uint8_t *value, size_t length, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "INSERT OR IGNORE INTO secrets VALUES (?,?)", &query, err))
                return false;
        query_bind_text(&query, name);
        query_bind_bytes(&query, value, length);
        return query_run(&query, err);
}

bool secret_store_find(
        Store *store, const char *name, uint8_t *ret, size_t length, bool *ret_found, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        size_t stored = 0;

        if (!query_read(store, "SELECT value FROM secrets WHERE name = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        if (!query_step(&query, ret_found, err))
                return false;
        if (!*ret_found)
                return true;
        CLEANUP(free) uint8_t *value = query_bytes(&query, 0, &stored);
        if (stored != length)
                return error_set(err, ERROR_INTERNAL, "the key '%s' in the database is damaged", name);
        memcpy(ret, value, length);
        return true;
}

bool secret_store_get(Store *store, const char *name, uint8_t *ret, size_t length, Error **err) {
        CLEANUP(free) uint8_t *fresh = xcalloc(1, length);
        bool found = false;

        crypto_random(fresh, length);
        return add(store, name, fresh, length, err) &&
               secret_store_find(store, name, ret, length, &found, err) &&
               (found || error_set(err, ERROR_INTERNAL, "the key '%s' in the database is damaged", name));
}

bool secret_store_remove(Store *store, const char *name, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM secrets WHERE name = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        return query_run(&query, err);
}

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

bool secret_store_get(Store *store, const char *name, uint8_t *ret, size_t length, Error **err) {
        CLEANUP(free) uint8_t *fresh = xcalloc(1, length);
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;
        size_t stored = 0;

        crypto_random(fresh, length);
        if (!add(store, name, fresh, length, err) ||
            !query_read(store, "SELECT value FROM secrets WHERE name = ?", &query, err))
                return false;
        query_bind_text(&query, name);
        if (!query_step(&query, &row, err))
                return false;
        CLEANUP(free) uint8_t *value = row ? query_bytes(&query, 0, &stored) : NULL;
        if (!value || stored != length)
                return error_set(err, ERROR_INTERNAL, "the key '%s' in the database is damaged", name);
        memcpy(ret, value, length);
        return true;
}

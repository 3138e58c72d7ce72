#include "store/boot_hook_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/query.h"

bool boot_hook_store_get(Store *store, const char *app_id, Document **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(store, "SELECT content FROM boot_hooks WHERE app_id = ?", &query, err))
                return false;
        query_bind_text(&query, app_id);
        if (!query_step(&query, &row, err))
                return false;
        if (!row)
                return true;
        CLEANUP(free) char *text = query_text(&query, 0);
        *ret = document_parse(text, strlen(text), err);
        return *ret || error_prefix(err, "boot hooks of application %s in the database", app_id);
}

static bool put(Store *store, const char *sql, const char *app_id, const Document *content, Error **err) {
        CLEANUP(free) char *text = document_text(content);
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, text);
        query_bind_text(&query, app_id);
        return query_run(&query, err);
}

/* A bootstrap may read an application that is deleted meanwhile: its row goes with it. */
#define CONTENT_OF_APP "INTO boot_hooks (app_id, content) SELECT id, ?1 FROM apps WHERE id = ?2"

bool boot_hook_store_put(Store *store, const char *app_id, const Document *content, Error **err) {
        return put(store, "INSERT OR REPLACE " CONTENT_OF_APP, app_id, content, err);
}

bool boot_hook_store_put_first(Store *store, const char *app_id, const Document *content, Error **err) {
        return put(store, "INSERT OR IGNORE " CONTENT_OF_APP, app_id, content, err);
}

bool boot_hook_store_remove(Store *store, const char *app_id, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_write(store, "DELETE FROM boot_hooks WHERE app_id = ?", &query, err))
                return false;
        query_bind_text(&query, app_id);
        return query_run(&query, err);
}

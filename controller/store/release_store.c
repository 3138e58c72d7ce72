#include "store/release_store.h"

#include "base/memory.h"
#include "base/text.h"
#include "store/query.h"

void release_list_clear(ReleaseList *list) {
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].module);
                free(list->items[i].manifest_sha256);
        }
        free(list->items);
        *list = (ReleaseList){ 0 };
}

bool release_store_get(Store *store, const char *app_id, const char *module, char **ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        *ret = NULL;
        if (!query_read(
                    store, "SELECT manifest_sha256 FROM releases WHERE app_id = ? AND module = ?", &query,
                    err))
                return false;
        query_bind_text(&query, app_id);
        query_bind_text(&query, module);
        if (!query_step(&query, &row, err))
                return false;
        if (row)
                *ret = query_text(&query, 0);
        return true;
}

bool release_store_set(
        Store *store, const char *app_id, const char *module, const char *manifest_sha256, Error **err) {
        CLEANUP(query_end) Query query = { 0 };
        const char *sql = text_empty(manifest_sha256) ? "DELETE FROM releases WHERE app_id = ? AND module = ?"
                                                      : "INSERT OR REPLACE INTO releases VALUES (?,?,?)";

        if (!query_write(store, sql, &query, err))
                return false;
        query_bind_text(&query, app_id);
        query_bind_text(&query, module);
        if (!text_empty(manifest_sha256))
                query_bind_text(&query, manifest_sha256);
        return query_run(&query, err);
}

bool release_store_list(Store *store, const char *app_id, ReleaseList *ret, Error **err) {
        CLEANUP(release_list_clear) ReleaseList list = { 0 };
        CLEANUP(query_end) Query query = { 0 };
        bool row = false;

        if (!query_read(
                    store, "SELECT module, manifest_sha256 FROM releases WHERE app_id = ? ORDER BY module",
                    &query, err))
                return false;
        query_bind_text(&query, app_id);
        for (;;) {
                if (!query_step(&query, &row, err))
                        return false;
                if (!row)
                        break;
                list.items = xrealloc(list.items, (list.count + 1) * sizeof(list.items[0]));
                list.items[list.count++] = (Release){
                        .module = query_text(&query, 0),
                        .manifest_sha256 = query_text(&query, 1),
                };
        }
        *ret = list;
        list = (ReleaseList){ 0 };
        return true;
}

bool release_store_wanted(Store *store, const char *manifest_sha256, bool *ret, Error **err) {
        CLEANUP(query_end) Query query = { 0 };

        if (!query_read(store, "SELECT 1 FROM releases WHERE manifest_sha256 = ? LIMIT 1", &query, err))
                return false;
        query_bind_text(&query, manifest_sha256);
        return query_step(&query, ret, err);
}

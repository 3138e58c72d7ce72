#include "store/change_watch.h"

#include <string.h>

#include "base/memory.h"
#include "store/stored.h"

enum { ADD_AT_ONCE = 16, KEPT_CAPACITY = 1024 };

struct ChangeWatch {
        sqlite3 *writer;
        Changes *changes;
        Change *gathered; /* of the transaction that is open */
        size_t count, capacity;
};

/* How a row tells its application: SQL before and behind the column; without one it is of none. */
typedef struct Watched {
        Collection collection;
        const char *column, *before, *after;
} Watched;

static const Watched watched[] = {
        { COLLECTION_APPS, "id", "", "" },
        { COLLECTION_JOBS, "app_id", "", "" },
        { COLLECTION_DEPLOYMENTS, "app_id", "", "" },
        { COLLECTION_INSTANCES, "app_id", "", "" },
        { COLLECTION_WEBHOOKS, "app_id", "", "" },
        { COLLECTION_INVOCATIONS, "webhook_id", "(SELECT app_id FROM webhooks WHERE id = ", ")" },
        { COLLECTION_USERS, NULL, NULL, NULL },
        { COLLECTION_TOKENS, NULL, NULL, NULL },
};

static void copy_text(char *to, size_t size, sqlite3_value *value) {
        const char *text = (const char *) sqlite3_value_text(value);

        if (text && strlen(text) < size)
                memcpy(to, text, strlen(text) + 1);
}

/* The room for the next one. Of a document that is written several times the last state counts. */
static Change *next_change(ChangeWatch *watch, Collection collection, const char *id) {
        Change *last = watch->count > 0 ? &watch->gathered[watch->count - 1] : NULL;

        if (last && last->collection == collection && strcmp(last->id, id) == 0)
                return last;
        if (watch->count == watch->capacity) {
                watch->capacity += watch->capacity ? watch->capacity : ADD_AT_ONCE;
                watch->gathered = xrealloc(watch->gathered, watch->capacity * sizeof(*watch->gathered));
        }
        return &watch->gathered[watch->count++];
}

/* change_made(collection, id, application, etag, whether it was deleted) */
static void change_made(sqlite3_context *context, int count, sqlite3_value **values) {
        Change change = { .collection = (Collection) sqlite3_value_int(values[0]),
                          .deleted = sqlite3_value_int(values[4]) != 0 };

        (void) count;
        copy_text(change.id, sizeof(change.id), values[1]);
        copy_text(change.app_id, sizeof(change.app_id), values[2]);
        if (!change.deleted)
                copy_text(change.etag, sizeof(change.etag), values[3]);
        *next_change(sqlite3_user_data(context), change.collection, change.id) = change;
}

static void forget(void *context) {
        ChangeWatch *watch = context;

        watch->count = 0;
}

static bool add_trigger(ChangeWatch *watch, const Watched *row, const char *operation, Error **err) {
        bool deleted = strcmp(operation, "DELETE") == 0;
        const char *which = deleted ? "OLD" : "NEW", *table = stored_table(row->collection);
        CLEANUP(free)
        char *app = row->column ? xasprintf("%s%s.%s%s", row->before, which, row->column, row->after)
                                : xstrdup("NULL");
        CLEANUP(free)
        char *sql = xasprintf(
                "CREATE TEMP TRIGGER changes_%s_%s AFTER %s ON main.%s BEGIN "
                "SELECT change_made(%d, %s.id, %s, %s.etag, %d); END",
                table, operation, operation, table, (int) row->collection, which, app, which, deleted);

        return sqlite3_exec(watch->writer, sql, NULL, NULL, NULL) == SQLITE_OK ||
               error_set(err, ERROR_INTERNAL, "%s: %s", sql, sqlite3_errmsg(watch->writer));
}

ChangeWatch *change_watch_new(sqlite3 *writer, Changes *changes, Error **err) {
        static const char *const operations[] = { "INSERT", "UPDATE", "DELETE" };
        CLEANUP(change_watch_free) ChangeWatch *watch = xcalloc(1, sizeof(*watch));

        watch->writer = writer;
        watch->changes = changes;
        (void) sqlite3_create_function_v2(
                writer, "change_made", 5, SQLITE_UTF8, watch, change_made, NULL, NULL, NULL);
        (void) sqlite3_rollback_hook(writer, forget, watch);
        for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
                for (size_t j = 0; j < sizeof(operations) / sizeof(operations[0]); j++)
                        if (!add_trigger(watch, &watched[i], operations[j], err))
                                return NULL;
        return TAKE(watch);
}

void change_watch_free(ChangeWatch *watch) {
        if (!watch)
                return;

        (void) sqlite3_rollback_hook(watch->writer, NULL, NULL);
        free(watch->gathered);
        free(watch);
}

void change_watch_committed(ChangeWatch *watch) {
        for (size_t i = 0; i < watch->count; i++)
                changes_add(watch->changes, &watch->gathered[i]);
        watch->count = 0;
        if (watch->capacity > KEPT_CAPACITY) {
                watch->capacity = 0;
                free(TAKE(watch->gathered));
        }
}

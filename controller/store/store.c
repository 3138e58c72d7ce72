#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/change_watch.h"
#include "store/doc_matches.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/regexp.h"
#include "store/statements.h"
#include "store/store_lock.h"
#include "store/stored.h"

enum { READERS = 4, BUSY_TIMEOUT_MS = 5000, WAL_RETRY_MS = 5, STEPS_BETWEEN_LOOKS = 20000 };

typedef struct Reader {
        sqlite3 *database;
        Statements statements;
        Deadline give_up; /* of the query that is running */
        bool taken;
} Reader;

struct Store {
        sqlite3 *writer;
        pthread_mutex_t writer_lock;          /* recursive: a transaction's own queries take it again */
        _Atomic(uintptr_t) transaction_owner; /* thread, 0: none */
        int depth;                            /* transactions inside it, its owner's to touch */
        bool doomed;                          /* one of them was rolled back: so is the whole */
        Statements writer_statements;
        bool changed[COLLECTION_COUNT]; /* by the writer, not committed or not counted yet */
        _Atomic(uint64_t) changes[COLLECTION_COUNT];
        ChangeWatch *watch; /* NULL: nobody wants to know */

        pthread_mutex_t readers_lock; /* guards taken */
        pthread_cond_t reader_free;
        Reader readers[READERS];

        int lock_fd;
};

static bool sqlite_error(sqlite3 *database, const char *what, Error **err) {
        int code = sqlite3_errcode(database);
        const char *text = sqlite3_errmsg(database);

        if (code == SQLITE_FULL || (code == SQLITE_IOERR && sqlite3_system_errno(database) == ENOSPC))
                return error_set(
                        err, ERROR_UNAVAILABLE, "%s: no space left for the database; free some disk", what);
        if (code == SQLITE_CONSTRAINT)
                return error_set(err, ERROR_CONFLICT, "%s: %s", what, text);
        if (code == SQLITE_INTERRUPT)
                return error_set(
                        err, ERROR_UNAVAILABLE,
                        "the query takes too long: filter by the name, the application or the id");
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
                return error_set(err, ERROR_UNAVAILABLE, "%s: the database is busy", what);
        return error_set(err, ERROR_INTERNAL, "%s: %s", what, text);
}

static bool execute(sqlite3 *database, const char *sql, Error **err) {
        return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_error(database, sql, err);
}

/* Before SQLite makes it readable to everybody: secrets are in it. Its other files get the same mode. Without
 * a descriptor, because closing one would drop the locks that SQLite holds on the file in this process. */
static bool make_private(const char *path, Error **err) {
        return mknod(path, S_IFREG | 0600, 0) == 0 || errno == EEXIST ||
               error_set(err, ERROR_INTERNAL, "create '%s': %s", path, strerror(errno));
}

static bool open_connection(const StoreSpec *spec, int flags, sqlite3 **ret, Error **err) {
        int code = sqlite3_open_v2(spec->path, ret, flags | SQLITE_OPEN_NOMUTEX, NULL);

        if (code != SQLITE_OK)
                return error_set(
                        err, ERROR_INTERNAL, "open '%s': %s", spec->path,
                        *ret ? sqlite3_errmsg(*ret) : "no memory");
        (void) sqlite3_busy_timeout(*ret, BUSY_TIMEOUT_MS);
        (void) sqlite3_extended_result_codes(*ret, 0);
        regexp_register(*ret);
        doc_matches_register(*ret);
        return execute(*ret, "PRAGMA foreign_keys=ON", err) &&
               execute(*ret, spec->synchronous_full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL",
                       err);
}

/* Two controllers would each run the same jobs. The lock goes with the process, however it ends. */
static bool take_lock(Store *store, const StoreSpec *spec, Error **err) {
        store->lock_fd = store_lock_take(spec->path, err);
        return store->lock_fd >= 0;
}

/* SQLite does not wait for others here, whatever the timeout. */
static bool use_wal(sqlite3 *database, Error **err) {
        Deadline give_up = deadline_after_ms(BUSY_TIMEOUT_MS);

        for (;;) {
                CLEANUP(error_free) Error *why = NULL;

                if (execute(database, "PRAGMA journal_mode=WAL", &why))
                        return true;
                if (error_kind(why) != ERROR_UNAVAILABLE || deadline_passed(give_up))
                        return error_set(err, error_kind(why), "%s", error_message(why));
                clock_sleep_ms(WAL_RETRY_MS);
        }
}

static int is_late(void *context) {
        const Reader *reader = context;

        return deadline_passed(reader->give_up);
}

static bool open_reader(const StoreSpec *spec, Reader *reader, Error **err) {
        if (!open_connection(spec, SQLITE_OPEN_READONLY, &reader->database, err))
                return false;
        reader->give_up = DEADLINE_NEVER;
        sqlite3_progress_handler(reader->database, STEPS_BETWEEN_LOOKS, is_late, reader);
        return true;
}

/* SQLite tells of each row the writer touches. */
static void on_change(
        void *context, int operation, const char *schema, const char *table, sqlite3_int64 row) {
        Store *store = context;

        (void) operation, (void) schema, (void) row;
        for (int i = 0; i < COLLECTION_COUNT; i++)
                if (strcmp(stored_table((Collection) i), table) == 0)
                        store->changed[i] = true;
}

/* Once what was changed can be read by others, and before its writer hears of it. With the writer's lock. */
static void count_changes(Store *store) {
        if (!sqlite3_get_autocommit(store->writer))
                return;
        for (int i = 0; i < COLLECTION_COUNT; i++)
                if (store->changed[i]) {
                        store->changed[i] = false;
                        atomic_fetch_add(&store->changes[i], 1);
                }
        if (store->watch)
                change_watch_committed(store->watch);
}

uint64_t collection_changes(const Store *store, Collection collection) {
        return atomic_load(&store->changes[collection]);
}

bool store_tell_changes(Store *store, Changes *changes, Error **err) {
        store->watch = change_watch_new(store->writer, changes, err);
        return store->watch != NULL;
}

static void init_locks(Store *store) {
        pthread_mutexattr_t attributes;

        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
        pthread_mutex_init(&store->writer_lock, &attributes);
        pthread_mutexattr_destroy(&attributes);
        pthread_mutex_init(&store->readers_lock, NULL);
        pthread_cond_init(&store->reader_free, NULL);
}

Store *store_open(const StoreSpec *spec, Error **err) {
        CLEANUP(store_free) Store *store = xcalloc(1, sizeof(*store));

        store->lock_fd = -1;
        init_locks(store);
        if ((spec->exclusive && !take_lock(store, spec, err)) || !make_private(spec->path, err) ||
            !open_connection(spec, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &store->writer, err) ||
            !use_wal(store->writer, err) || !migrate(store->writer, err))
                return NULL;
        (void) sqlite3_update_hook(store->writer, on_change, store);
        for (int i = 0; i < READERS; i++)
                if (!open_reader(spec, &store->readers[i], err))
                        return NULL;
        return TAKE(store);
}

void store_free(Store *store) {
        if (!store)
                return;

        for (int i = 0; i < READERS; i++) {
                statements_clear(&store->readers[i].statements);
                sqlite3_close(store->readers[i].database);
        }
        statements_clear(&store->writer_statements);
        change_watch_free(store->watch);
        sqlite3_close(store->writer);
        if (store->lock_fd >= 0)
                close(store->lock_fd);
        pthread_cond_destroy(&store->reader_free);
        pthread_mutex_destroy(&store->readers_lock);
        pthread_mutex_destroy(&store->writer_lock);
        free(store);
}

static bool owns_transaction(const Store *store) {
        return atomic_load(&store->transaction_owner) == (uintptr_t) pthread_self();
}

bool store_begin(Store *store, Error **err) {
        if (owns_transaction(store)) {
                store->depth++;
                return true;
        }
        pthread_mutex_lock(&store->writer_lock);
        if (!execute(store->writer, "BEGIN IMMEDIATE", err)) {
                pthread_mutex_unlock(&store->writer_lock);
                return false;
        }
        store->depth = 0;
        store->doomed = false;
        atomic_store(&store->transaction_owner, (uintptr_t) pthread_self());
        return true;
}

static void leave_transaction(Store *store) {
        /* A failed statement may have ended the transaction already. */
        if (!sqlite3_get_autocommit(store->writer))
                (void) sqlite3_exec(store->writer, "ROLLBACK", NULL, NULL, NULL);
        count_changes(store);
        atomic_store(&store->transaction_owner, 0);
        pthread_mutex_unlock(&store->writer_lock);
}

bool store_commit(Store *store, Error **err) {
        assert(owns_transaction(store));

        if (store->depth > 0) {
                store->depth--;
                return true;
        }
        bool ok = store->doomed ? error_set(err, ERROR_INTERNAL, "a part of the change was taken back")
                                : execute(store->writer, "COMMIT", err);
        leave_transaction(store);
        return ok;
}

void store_roll_back(Store *store) {
        assert(owns_transaction(store));

        if (store->depth > 0) {
                store->depth--;
                store->doomed = true;
                return;
        }
        leave_transaction(store);
}

static Reader *take_reader(Store *store) {
        Reader *found = NULL;

        pthread_mutex_lock(&store->readers_lock);
        while (!found) {
                for (int i = 0; i < READERS && !found; i++)
                        if (!store->readers[i].taken)
                                found = &store->readers[i];
                if (!found)
                        pthread_cond_wait(&store->reader_free, &store->readers_lock);
        }
        found->taken = true;
        pthread_mutex_unlock(&store->readers_lock);
        return found;
}

static void give_reader_back(Store *store, Reader *reader) {
        reader->give_up = DEADLINE_NEVER;
        pthread_mutex_lock(&store->readers_lock);
        reader->taken = false;
        pthread_cond_signal(&store->reader_free);
        pthread_mutex_unlock(&store->readers_lock);
}

static sqlite3 *database_of(const Query *query) {
        return query->reader ? query->reader->database : query->store->writer;
}

static Statements *statements_of(const Query *query) {
        return query->reader ? &query->reader->statements : &query->store->writer_statements;
}

static bool prepare(Query *query, const char *sql, Error **err) {
        if (statements_lend(statements_of(query), database_of(query), sql, &query->statement) == SQLITE_OK)
                return true;
        (void) sqlite_error(database_of(query), sql, err);
        query_end(query);
        return false;
}

/* A statement that fails for want of space takes the whole transaction back at once. What is written after
 * it would be kept, alone. */
static bool transaction_stands(const Store *store, Error **err) {
        return !owns_transaction(store) || !sqlite3_get_autocommit(store->writer) ||
               error_set(err, ERROR_UNAVAILABLE, "the change was taken back already");
}

bool query_write(Store *store, const char *sql, Query *ret, Error **err) {
        if (!transaction_stands(store, err))
                return false;
        pthread_mutex_lock(&store->writer_lock);
        *ret = (Query){ .store = store };
        return prepare(ret, sql, err);
}

bool query_read(Store *store, const char *sql, Query *ret, Error **err) {
        if (owns_transaction(store))
                return query_write(store, sql, ret, err);
        *ret = (Query){ .store = store, .reader = take_reader(store) };
        return prepare(ret, sql, err);
}

void query_end(Query *query) {
        if (!query->store)
                return;

        statements_give_back(statements_of(query), query->statement);
        if (query->reader) {
                give_reader_back(query->store, query->reader);
        } else {
                count_changes(query->store);
                pthread_mutex_unlock(&query->store->writer_lock);
        }
        *query = (Query){ 0 };
}

void query_limit_ms(Query *query, int64_t milliseconds) {
        if (query->reader)
                query->reader->give_up = deadline_after_ms(milliseconds);
}

void query_bind_text(Query *query, const char *value) {
        int code =
                sqlite3_bind_text(query->statement, ++query->bound, value ? value : "", -1, SQLITE_TRANSIENT);

        assert(code == SQLITE_OK);
}

void query_bind_int(Query *query, int64_t value) {
        int code = sqlite3_bind_int64(query->statement, ++query->bound, value);

        assert(code == SQLITE_OK);
}

void query_bind_null(Query *query) {
        int code = sqlite3_bind_null(query->statement, ++query->bound);

        assert(code == SQLITE_OK);
}

void query_bind_bytes(Query *query, const void *bytes, size_t length) {
        int code = sqlite3_bind_blob64(
                query->statement, ++query->bound, length ? bytes : "", length, SQLITE_TRANSIENT);

        assert(code == SQLITE_OK);
}

bool query_step(Query *query, bool *ret_row, Error **err) {
        int code = sqlite3_step(query->statement);

        if (code != SQLITE_ROW && code != SQLITE_DONE)
                return sqlite_error(database_of(query), "database", err);
        *ret_row = code == SQLITE_ROW;
        return true;
}

bool query_run(Query *query, Error **err) {
        bool row = true;

        while (row)
                if (!query_step(query, &row, err))
                        return false;
        return true;
}

int64_t query_changes(const Query *query) {
        return sqlite3_changes64(database_of(query));
}

char *query_text(const Query *query, int column) {
        const unsigned char *text = sqlite3_column_text(query->statement, column);

        return xstrdup(text ? (const char *) text : "");
}

int64_t query_int(const Query *query, int column) {
        return sqlite3_column_int64(query->statement, column);
}

void *query_bytes(const Query *query, int column, size_t *ret_length) {
        const void *bytes = sqlite3_column_blob(query->statement, column);

        *ret_length = (size_t) sqlite3_column_bytes(query->statement, column);
        return xmemdup(bytes, *ret_length);
}

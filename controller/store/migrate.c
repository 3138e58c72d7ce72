#include "store/migrate.h"

#include "base/memory.h"
#include "store/migrations.h"

static bool read_version(sqlite3 *database, int *ret, Error **err) {
        sqlite3_stmt *statement = NULL;

        if (sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_ROW) {
                sqlite3_finalize(statement);
                return error_set(err, ERROR_INTERNAL, "read the database: %s", sqlite3_errmsg(database));
        }
        *ret = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        return true;
}

/* Another program may have been faster: what counts is the number once nobody else can write. */
static bool apply_inside(sqlite3 *database, int number, Error **err) {
        CLEANUP(free)
        char *sql = xasprintf("%s PRAGMA user_version=%d; COMMIT;", migrations[number - 1], number);
        int version = 0;

        if (!read_version(database, &version, err))
                return false;
        if (version >= number)
                return sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK ||
                       error_set(err, ERROR_INTERNAL, "read the database: %s", sqlite3_errmsg(database));
        return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ||
               error_set(
                       err, ERROR_INTERNAL, "migrate the database to %d: %s", number,
                       sqlite3_errmsg(database));
}

static bool apply(sqlite3 *database, int number, Error **err) {
        if (sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
                return error_set(
                        err, ERROR_UNAVAILABLE, "migrate the database: %s", sqlite3_errmsg(database));
        if (apply_inside(database, number, err))
                return true;
        (void) sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        return false;
}

bool migrate(sqlite3 *database, Error **err) {
        int version = 0;

        if (!read_version(database, &version, err))
                return false;
        if (version > migration_count)
                return error_set(
                        err, ERROR_CONFLICT,
                        "the database is of a newer Ghost (%d, this one knows %d); install that version "
                        "again",
                        version, migration_count);
        while (version < migration_count)
                if (!apply(database, ++version, err))
                        return false;
        return true;
}

int migrations_known(void) {
        return migration_count;
}

#include "store/store_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/migrate.h"

enum { PAGES_AT_ONCE = 2048, BUSY_TIMEOUT_MS = 5000, BUSY_RETRY_MS = 20 };

static void database_closep(sqlite3 **database) {
        sqlite3_close(*database);
}

static bool fail(sqlite3 *database, const char *path, Error **err) {
        int code = sqlite3_errcode(database);

        if (code == SQLITE_FULL || (code == SQLITE_IOERR && sqlite3_system_errno(database) == ENOSPC))
                return error_set(err, ERROR_UNAVAILABLE, "%s: no space left on its disk", path);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
                return error_set(err, ERROR_UNAVAILABLE, "%s: the database is busy", path);
        return error_set(err, ERROR_INTERNAL, "%s: %s", path, sqlite3_errmsg(database));
}

/* '%', '?' and '#' mean something in the name of a URI. */
static char *uri_of(const char *path, const char *query) {
        CLEANUP(text_clear) Text uri = { 0 };

        text_append(&uri, "file:");
        for (const char *at = path; *at; at++)
                if (strchr("%?#", *at))
                        text_appendf(&uri, "%%%02X", (unsigned char) *at);
                else
                        text_append_bytes(&uri, at, 1);
        text_append(&uri, query);
        return text_take(&uri);
}

static bool open_database(const char *name, const char *path, int flags, sqlite3 **ret, Error **err) {
        if (sqlite3_open_v2(name, ret, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
                return error_set(
                        err, ERROR_INTERNAL, "open '%s': %s", path,
                        *ret ? sqlite3_errmsg(*ret) : "no memory");
        (void) sqlite3_busy_timeout(*ret, BUSY_TIMEOUT_MS);
        return true;
}

static bool execute(sqlite3 *database, const char *path, const char *sql, Error **err) {
        return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK || fail(database, path, err);
}

static bool is_busy(int code) {
        return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

/* A reader's view of WAL does not move: what others write meanwhile is not in it, and does not begin the copy
 * again. */
static bool copy_pages(sqlite3 *from, sqlite3 *to, const StoreCopySpec *spec, Error **err) {
        sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
        Deadline patience = deadline_after_ms(BUSY_TIMEOUT_MS);
        int code = SQLITE_OK, left = 0;

        if (!backup)
                return fail(to, spec->to, err);
        while (code == SQLITE_OK || (is_busy(code) && !deadline_passed(patience))) {
                if (is_busy(code))
                        clock_sleep_ms(BUSY_RETRY_MS);
                code = sqlite3_backup_step(backup, PAGES_AT_ONCE);
                int done = sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup);
                if (spec->progress && done > left)
                        spec->progress(spec->context, (uint64_t) (done - left) * 4096);
                left = done;
        }
        (void) sqlite3_backup_finish(backup);
        return code == SQLITE_DONE || fail(to, spec->to, err);
}

static bool copy_all(const StoreCopySpec *spec, Error **err) {
        CLEANUP(database_close) sqlite3 *from = NULL;
        CLEANUP(database_close) sqlite3 *to = NULL;

        return open_database(spec->from, spec->from, SQLITE_OPEN_READWRITE, &from, err) &&
               open_database(spec->to, spec->to, SQLITE_OPEN_READWRITE, &to, err) &&
               execute(to, spec->to, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF", err) &&
               execute(from, spec->from, "BEGIN; SELECT count(*) FROM sqlite_schema", err) &&
               copy_pages(from, to, spec, err);
}

bool store_copy(const StoreCopySpec *spec, Error **err) {
        int fd = open(spec->to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return error_set(err, ERROR_FORBIDDEN, "write %s: %s", spec->to, strerror(errno));
        close(fd);
        if (copy_all(spec, err))
                return true;
        (void) unlink(spec->to);
        return false;
}

void store_facts_clear(StoreFacts *facts) {
        free(facts->damage);
        *facts = (StoreFacts){ 0 };
}

/* The first column of the first row, as text. */
static bool ask(sqlite3 *database, const char *path, const char *sql, char **ret, Error **err) {
        sqlite3_stmt *statement = NULL;

        if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_ROW) {
                sqlite3_finalize(statement);
                return fail(database, path, err);
        }
        const char *text = (const char *) sqlite3_column_text(statement, 0);
        *ret = xstrdup(text ? text : "");
        sqlite3_finalize(statement);
        return true;
}

static bool ask_number(sqlite3 *database, const char *path, const char *sql, int64_t *ret, Error **err) {
        CLEANUP(free) char *text = NULL;

        if (!ask(database, path, sql, &text, err))
                return false;
        *ret = strtoll(text, NULL, 10);
        return true;
}

/* Tables that a damaged or very old file may lack are no reason to fail. */
static int64_t count_open_jobs(sqlite3 *database, const char *path) {
        CLEANUP(error_free) Error *ignored = NULL;
        int64_t count = 0;

        (void) ask_number(
                database, path, "SELECT count(*) FROM jobs WHERE status IN ('init', 'started')", &count,
                &ignored);
        return count;
}

int64_t store_schema_known(void) {
        return migrations_known();
}

bool store_examine(const char *path, bool alone, StoreFacts *ret, Error **err) {
        CLEANUP(database_close) sqlite3 *database = NULL;
        CLEANUP(free) char *name = uri_of(path, alone ? "?immutable=1" : "");
        CLEANUP(free) char *verdict = NULL;
        CLEANUP(error_free) Error *broken = NULL;

        store_facts_clear(ret);
        ret->schema_known = store_schema_known();
        if (!file_exists(path))
                return error_set(err, ERROR_NOT_FOUND, "there is no database at %s", path);
        if (!open_database(name, path, alone ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, &database, err))
                return false;
        if (!ask(database, path, "PRAGMA integrity_check(1)", &verdict, &broken) ||
            !ask_number(database, path, "PRAGMA user_version", &ret->schema, &broken)) {
                if (error_kind(broken) == ERROR_UNAVAILABLE)
                        return error_set(err, ERROR_UNAVAILABLE, "%s", error_message(broken));
                ret->damage = xstrdup(error_message(broken));
                return true;
        }
        if (!text_equal(verdict, "ok"))
                ret->damage = TAKE(verdict);
        ret->open_jobs = count_open_jobs(database, path);
        return true;
}

#include "store/statements.h"

#include <string.h>

static int find_kept(const Statements *statements, const char *sql) {
        for (int i = 0; i < STATEMENTS_KEPT; i++)
                if (statements->kept[i].statement && !statements->kept[i].lent &&
                    strcmp(sqlite3_sql(statements->kept[i].statement), sql) == 0)
                        return i;
        return -1;
}

/* A free place, or that of what was not asked for the longest time; -1 when all are lent. */
static int find_place(const Statements *statements) {
        int place = -1;

        for (int i = 0; i < STATEMENTS_KEPT; i++) {
                if (!statements->kept[i].statement)
                        return i;
                if (!statements->kept[i].lent &&
                    (place < 0 || statements->kept[i].last_used < statements->kept[place].last_used))
                        place = i;
        }
        return place;
}

int statements_lend(Statements *statements, sqlite3 *database, const char *sql, sqlite3_stmt **ret) {
        int place = find_kept(statements, sql);

        if (place < 0) {
                int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

                place = code == SQLITE_OK && *ret ? find_place(statements) : -1;
                if (place < 0)
                        return code;
                sqlite3_finalize(statements->kept[place].statement);
                statements->kept[place].statement = *ret;
        }
        statements->kept[place].last_used = ++statements->clock;
        statements->kept[place].lent = true;
        *ret = statements->kept[place].statement;
        return SQLITE_OK;
}

void statements_give_back(Statements *statements, sqlite3_stmt *statement) {
        for (int i = 0; statement && i < STATEMENTS_KEPT; i++) {
                if (statements->kept[i].statement != statement)
                        continue;
                (void) sqlite3_reset(statement);
                (void) sqlite3_clear_bindings(statement);
                statements->kept[i].lent = false;
                return;
        }
        sqlite3_finalize(statement);
}

void statements_clear(Statements *statements) {
        for (int i = 0; i < STATEMENTS_KEPT; i++)
                sqlite3_finalize(statements->kept[i].statement);
        *statements = (Statements){ 0 };
}

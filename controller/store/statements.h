/* Statements: the prepared statements of one connection, kept for the next time the same SQL is asked:
 * preparing costs more than running most of them. Not thread-safe: whoever has the connection has these. */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { STATEMENTS_KEPT = 48 };

typedef struct Statements {
        struct {
                sqlite3_stmt *statement; /* NULL: free */
                uint64_t last_used;
                bool lent;
        } kept[STATEMENTS_KEPT];
        uint64_t clock;
} Statements;

/* A code of SQLite's. One that is lent already (a query inside another) is prepared anew. */
int statements_lend(Statements *statements, sqlite3 *database, const char *sql, sqlite3_stmt **ret);
/* NULL is fine. */
void statements_give_back(Statements *statements, sqlite3_stmt *statement);
/* Before the connection is closed. */
void statements_clear(Statements *statements);

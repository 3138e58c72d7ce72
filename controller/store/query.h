/* One SQL statement from preparing to end: inside controller/store only. A query holds its connection (the
 * writer's mutex, or a reader) until query_end(), so keep it short. Values are bound in order. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

typedef struct Query {
        Store *store;
        sqlite3_stmt *statement;
        struct Reader *reader; /* NULL: the writer */
        int bound;
} Query;

bool query_write(Store *store, const char *sql, Query *ret, Error **err);
/* Sees this thread's own open transaction. */
bool query_read(Store *store, const char *sql, Query *ret, Error **err);
void query_end(Query *query);
static inline void query_endp(Query *query) {
        query_end(query);
}

void query_bind_text(Query *query, const char *value); /* NULL: "" */
void query_bind_null(Query *query);
void query_bind_int(Query *query, int64_t value);
void query_bind_bytes(Query *query, const void *bytes, size_t length);

/* A query of a reader that runs longer ends as UNAVAILABLE: what a client asks for must not hold a reader for
 * ever. (The writer's own are the controller's.) */
void query_limit_ms(Query *query, int64_t milliseconds);

/* *ret_row: whether there is a row to read. */
bool query_step(Query *query, bool *ret_row, Error **err);
/* Steps to the end; for writes. */
bool query_run(Query *query, Error **err);
int64_t query_changes(const Query *query);

/* Caller frees; never NULL. */
char *query_text(const Query *query, int column);
int64_t query_int(const Query *query, int column);
void *query_bytes(const Query *query, int column, size_t *ret_length);

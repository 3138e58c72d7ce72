/* A row of a collection and its document: shared by the two files of collection.h, by nobody else. */
#pragma once

#include "base/memory.h"
#include "store/collection.h"
#include "store/query.h"
#include "store/where.h"

#define STORED_COLUMNS "id, doc, etag, version, created_us, updated_us"

typedef struct Stored {
        char *id;
        char *doc;
        char *etag;
        int64_t version, created_us, updated_us;
} Stored;

void stored_clear(Stored *stored);
static inline void stored_clearp(Stored *stored) {
        stored_clear(stored);
}

const char *stored_table(Collection collection);
/* Fields that are columns of its table; ends with a row without a field. */
const WhereColumn *stored_columns(Collection collection);

enum { STORED_KINDS_MAX = 3 };

/* Rows counted by a few columns with few values each (triggers keep the counts): the totals of large lists,
 * and the way to their rare rows. */
typedef struct StoredKinds {
        const char *table;                     /* its columns and n */
        const char *columns[STORED_KINDS_MAX]; /* NULL after the last */
        const char *index;                     /* of the rows, by these columns */
        const char *newest, *newest_index;     /* the field that lists are sorted by, and its index */
} StoredKinds;

/* NULL when its rows are not counted. */
const StoredKinds *stored_kinds(Collection collection);

/* From a row that selects STORED_COLUMNS. */
void stored_read(const Query *query, Stored *ret);

/* With the bookkeeping fields put in. */
bool stored_document(const Stored *stored, Document **ret, Error **err);

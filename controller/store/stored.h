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

/* How the rows of a large table are found, which the planner cannot know. All members may be NULL. */
typedef struct StoredOrder {
        const char *newest;       /* the field that lists are sorted by, */
        const char *newest_index; /* and the index by it, which holds the other columns too */
        /* Rows counted by a few columns with few values each (triggers keep the counts): the totals of large
         * lists, and the way to their rare rows. */
        const char *kinds;                          /* a table: these columns and n */
        const char *kind_columns[STORED_KINDS_MAX]; /* NULL after the last */
        const char *kinds_index;                    /* of the rows, by these columns */
} StoredOrder;

const StoredOrder *stored_order(Collection collection);

/* From a row that selects STORED_COLUMNS. */
void stored_read(const Query *query, Stored *ret);

/* With the bookkeeping fields put in. */
bool stored_document(const Stored *stored, Document **ret, Error **err);

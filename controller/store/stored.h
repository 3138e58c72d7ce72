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

/* From a row that selects STORED_COLUMNS. */
void stored_read(const Query *query, Stored *ret);

/* With the bookkeeping fields put in. */
bool stored_document(const Stored *stored, Document **ret, Error **err);

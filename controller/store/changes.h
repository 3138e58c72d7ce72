/* Changes: which documents have changed, in the order of their commits, for those who want to know without
 * asking again and again. The last ones are kept, so that who was away for a moment can catch up.
 *
 * A change is told a quarter of a second after it was made: what else happens to the same document meanwhile
 * is the same change. Thread-safe; readers and writers never wait for each other longer than a copy takes. */
#pragma once

#include "store/collection.h"

/* As the events name it: "jobs". NULL: its changes are told to nobody. */
const char *changes_collection_word(Collection collection);

enum { CHANGE_ID_SIZE = 32, CHANGE_ETAG_SIZE = 48 }; /* ids are 24 hex digits, etags 40 */

typedef struct Change {
        uint64_t sequence; /* set by changes_add() */
        Collection collection;
        char id[CHANGE_ID_SIZE];
        char app_id[CHANGE_ID_SIZE]; /* "": of no application */
        char etag[CHANGE_ETAG_SIZE]; /* "" when it was deleted */
        bool deleted;
} Change;

typedef struct ChangesSpec {
        size_t kept;          /* 0: 1,024 */
        int64_t together_ms;  /* 0: 250 */
        void (*told)(void *); /* there is something new to read; from a thread of its own; may be NULL */
        void *context;
} ChangesSpec;

typedef struct Changes Changes;
Changes *changes_new(const ChangesSpec *spec, Error **err);
/* Nothing is told any more. */
void changes_stop(Changes *changes);
void changes_free(Changes *changes);
CLEANUP_DEFINE(Changes, changes_free);

/* After the commit that made it. Those of the same document become one. */
void changes_add(Changes *changes, const Change *change);

/* From now on everything that is written through this store is added. Before other threads use the store;
 * changes must outlive it. */
bool store_tell_changes(Store *store, Changes *changes, Error **err);

/* The newest that has been told. Numbers begin at the microseconds of this start, so that those of a former
 * one are smaller than all of this one's, and JSON's readers take them for exact. */
uint64_t changes_newest(Changes *changes);

/* Up to max changes that were told after that number. False: some after it are not known any more, or the
 * number is none of this start: whoever follows must look at everything anew. */
bool changes_read(Changes *changes, uint64_t after, Change *ret, size_t max, size_t *ret_count);

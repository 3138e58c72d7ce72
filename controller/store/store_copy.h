/* A database file as a whole: copied while others write to it, and looked at before it is believed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct StoreCopySpec {
        const char *from, *to;                                /* to is a new file, mode 0600 */
        void (*progress)(void *context, uint64_t bytes_more); /* may be NULL */
        void *context;
} StoreCopySpec;

/* As it is at one moment; writers go on meanwhile. What was begun at `to` is removed after a failure. */
bool store_copy(const StoreCopySpec *spec, Error **err);

typedef struct StoreFacts {
        int64_t schema, schema_known; /* of the file; of this program */
        int64_t open_jobs;            /* queued or running */
        char *damage;                 /* what SQLite's own check found first; NULL: nothing */
} StoreFacts;
void store_facts_clear(StoreFacts *facts);
static inline void store_facts_clearp(StoreFacts *facts) {
        store_facts_clear(facts);
}

/* Changes nothing. alone: nobody else has the file open, and it was closed properly. Reads all of it. */
bool store_examine(const char *path, bool alone, StoreFacts *ret, Error **err);

/* The newest database that this program can read. */
int64_t store_schema_known(void);

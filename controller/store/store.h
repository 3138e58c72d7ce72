/* Store: the controller's state in one SQLite file. One writer at a time (a mutex), several readers; WAL.
 * Every call may be made from any thread, blocks for milliseconds, and never spans AWS or an agent. A full
 * disk is UNAVAILABLE with a sentence; the store goes on working when there is room again. */
#pragma once

#include "base/error.h"

typedef struct Store Store;

typedef struct StoreSpec {
        const char *path;      /* "/var/lib/ghost/ghost.db" */
        bool synchronous_full; /* the last commits survive a power failure */
        bool exclusive;        /* the controller itself: a second one on the same file is refused */
} StoreSpec;

/* Applies missing migrations. A database of a newer program is refused. */
Store *store_open(const StoreSpec *spec, Error **err);
void store_free(Store *store);
CLEANUP_DEFINE(Store, store_free);

/* Several reads and writes as one: everything until the end belongs to it, made by this thread alone. One
 * inside another is part of it: rolling the inner one back dooms the outer, whose commit then fails. */
bool store_begin(Store *store, Error **err);
bool store_commit(Store *store, Error **err);
void store_roll_back(Store *store);

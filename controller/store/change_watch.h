/* What the store's writer changes, gathered from the first statement to the commit: what was rolled back is
 * told to nobody. SQLite itself tells of each document, by triggers of this connection alone, so that no
 * writer can forget to. Under the writer's lock. */
#pragma once

#include <sqlite3.h>

#include "store/changes.h"

typedef struct ChangeWatch ChangeWatch;

/* changes and writer must outlive it. */
ChangeWatch *change_watch_new(sqlite3 *writer, Changes *changes, Error **err);
void change_watch_free(ChangeWatch *watch);
CLEANUP_DEFINE(ChangeWatch, change_watch_free);

/* Once what was changed can be read by others. */
void change_watch_committed(ChangeWatch *watch);

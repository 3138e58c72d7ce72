/* Items as they were answered a moment ago. An item GET reads, joins and prints a document; scripts and pages
 * ask for the same few again and again. An entry holds as long as nothing was changed in any collection it
 * was made from (collection_changes()). Bounded; thread-safe. */
#pragma once

#include "api/envelope.h"
#include "store/collection.h"

/* What an item is made from: asked for before it is read. */
typedef struct ItemStamp {
        uint64_t changes[COLLECTION_COUNT]; /* 0: not made from that */
} ItemStamp;

/* collections: a set, 1 << COLLECTION_… each. */
ItemStamp item_stamp(const Store *store, unsigned collections);

typedef struct ItemCache ItemCache;
ItemCache *item_cache_new(void);
void item_cache_free(ItemCache *cache);
CLEANUP_DEFINE(ItemCache, item_cache_free);

/* A copy, or false. */
bool item_cache_get(ItemCache *cache, const char *key, const ItemStamp *stamp, ItemText *ret);
/* Copies. What is too large is not kept. */
void item_cache_put(ItemCache *cache, const char *key, const ItemStamp *stamp, const ItemText *item);

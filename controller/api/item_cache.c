#include "api/item_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SLOTS = 512, KEY_MAX = 128, BODY_MAX_BYTES = 32 * 1024 };

typedef struct Slot {
        char key[KEY_MAX];
        ItemStamp stamp;
        ItemText item; /* body NULL: empty */
} Slot;

struct ItemCache {
        pthread_mutex_t lock; /* guards the slots */
        Slot slots[SLOTS];
};

ItemStamp item_stamp(const Store *store, unsigned collections) {
        ItemStamp stamp = { 0 };

        for (int i = 0; i < COLLECTION_COUNT; i++)
                if (collections & (1U << i))
                        stamp.changes[i] = collection_changes(store, (Collection) i) + 1;
        return stamp;
}

ItemCache *item_cache_new(void) {
        ItemCache *cache = xcalloc(1, sizeof(*cache));

        pthread_mutex_init(&cache->lock, NULL);
        return cache;
}

void item_cache_free(ItemCache *cache) {
        if (!cache)
                return;
        for (int i = 0; i < SLOTS; i++)
                item_text_clear(&cache->slots[i].item);
        pthread_mutex_destroy(&cache->lock);
        free(cache);
}

/* FNV-1a. */
static Slot *slot_of(ItemCache *cache, const char *key) {
        uint32_t hash = 2166136261U;

        for (; *key; key++)
                hash = (hash ^ (unsigned char) *key) * 16777619U;
        return &cache->slots[hash % SLOTS];
}

static ItemText copy_item(const ItemText *item) {
        return (ItemText){ .body = xstrdup(item->body),
                           .etag = xstrdup(item->etag),
                           .last_modified = xstrdup(item->last_modified) };
}

bool item_cache_get(ItemCache *cache, const char *key, const ItemStamp *stamp, ItemText *ret) {
        pthread_mutex_lock(&cache->lock);
        const Slot *slot = slot_of(cache, key);
        bool hit = slot->item.body && strcmp(slot->key, key) == 0 &&
                   memcmp(&slot->stamp, stamp, sizeof(*stamp)) == 0;
        if (hit)
                *ret = copy_item(&slot->item);
        pthread_mutex_unlock(&cache->lock);
        return hit;
}

void item_cache_put(ItemCache *cache, const char *key, const ItemStamp *stamp, const ItemText *item) {
        size_t length = strlen(key);

        if (length >= KEY_MAX || strlen(item->body) > BODY_MAX_BYTES)
                return;
        pthread_mutex_lock(&cache->lock);
        Slot *slot = slot_of(cache, key);
        item_text_clear(&slot->item);
        memcpy(slot->key, key, length + 1);
        slot->stamp = *stamp;
        slot->item = copy_item(item);
        pthread_mutex_unlock(&cache->lock);
}

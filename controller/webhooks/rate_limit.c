#include "webhooks/rate_limit.h"

#include <string.h>

enum { CALL = 1000, IDLE_MAX_MS = 1000000 };

/* FNV-1a. */
static size_t slot_of(const char *key) {
        uint32_t hash = 2166136261U;

        for (; *key; key++)
                hash = (hash ^ (unsigned char) *key) * 16777619U;
        return hash % RATE_LIMIT_SLOTS;
}

bool rate_limit_take(RateLimit *limit, const char *key, int64_t now_ms) {
        char word[RATE_LIMIT_KEY_MAX] = "";

        memcpy(word, key, strnlen(key, sizeof(word) - 1));
        pthread_mutex_lock(&limit->lock);
        __typeof__(limit->slots[0]) *slot = &limit->slots[slot_of(word)];
        if (strcmp(slot->key, word) != 0) {
                memcpy(slot->key, word, sizeof(word));
                slot->left_milli = limit->burst * CALL;
                slot->at_ms = now_ms;
        }
        int64_t idle_ms = now_ms - slot->at_ms < IDLE_MAX_MS ? now_ms - slot->at_ms : IDLE_MAX_MS;
        slot->left_milli += idle_ms * limit->per_second;
        if (slot->left_milli > limit->burst * CALL)
                slot->left_milli = limit->burst * CALL;
        slot->at_ms = now_ms;
        bool allowed = slot->left_milli >= CALL;
        if (allowed)
                slot->left_milli -= CALL;
        pthread_mutex_unlock(&limit->lock);
        return allowed;
}

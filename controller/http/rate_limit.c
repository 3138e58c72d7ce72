#include "http/rate_limit.h"

#include <string.h>

/* FNV-1a. */
static size_t slot_of(const char *key) {
        uint32_t hash = 2166136261U;

        for (; *key; key++)
                hash = (hash ^ (unsigned char) *key) * 16777619U;
        return hash % RATE_LIMIT_SLOTS;
}

/* The caller's credit as it is now. Called with the lock held. */
static int64_t *credit_of(RateLimit *limit, const char *key, int64_t now_ms) {
        char word[RATE_LIMIT_KEY_MAX] = "";
        int64_t full = limit->burst * limit->refill_ms;

        memcpy(word, key, strnlen(key, sizeof(word) - 1));
        __typeof__(limit->slots[0]) *slot = &limit->slots[slot_of(word)];
        if (strcmp(slot->key, word) != 0) {
                memcpy(slot->key, word, sizeof(word));
                slot->credit_ms = full;
        } else {
                int64_t idle_ms = now_ms - slot->at_ms;

                slot->credit_ms = idle_ms < full - slot->credit_ms ? slot->credit_ms + idle_ms : full;
        }
        slot->at_ms = now_ms;
        return &slot->credit_ms;
}

bool rate_limit_take(RateLimit *limit, const char *key, int64_t now_ms) {
        pthread_mutex_lock(&limit->lock);
        int64_t *credit_ms = credit_of(limit, key, now_ms);
        bool allowed = *credit_ms >= limit->refill_ms;
        if (allowed)
                *credit_ms -= limit->refill_ms;
        pthread_mutex_unlock(&limit->lock);
        return allowed;
}

int64_t rate_limit_wait_ms(RateLimit *limit, const char *key, int64_t now_ms) {
        pthread_mutex_lock(&limit->lock);
        int64_t missing_ms = limit->refill_ms - *credit_of(limit, key, now_ms);
        pthread_mutex_unlock(&limit->lock);
        return missing_ms > 0 ? missing_ms : 0;
}
